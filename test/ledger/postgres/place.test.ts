// What the URL of a server means, what variables add to it, and what a server must be like.

import { describe, expect, it } from "vitest";
import {
  parseServerUrl,
  passwordsOf,
  withServerVariables,
} from "../../../src/domain/manifest/ledger-name.ts";
import { readPostgresUrl } from "../../../src/ledger/postgres/place.ts";
import { postgresFault } from "../../../src/ledger/postgres/postgres-faults.ts";
import { serverFault } from "../../../src/ledger/postgres/server-safety.ts";
import { tlsWays } from "../../../src/ledger/postgres/tls.ts";

const ENV = {
  PGHOST: "db.example.com",
  PGPORT: "6543",
  PGUSER: "ana",
  PGPASSWORD: "s3cret/@:",
  PGDATABASE: "shop",
  PGSSLMODE: "disable",
};

describe("a URL", () => {
  it.each([
    ["postgres://", { host: "db.example.com", port: 6543, user: "ana", database: "shop" }],
    ["postgres:///", { host: "db.example.com", database: "shop" }],
    ["postgresql://h/d", { host: "h", port: 6543, user: "ana", database: "d" }],
    ["postgres://u:p%40@h:1/d", { host: "h", port: 1, user: "u", password: "p@", database: "d" }],
    [
      "postgres://u@/d",
      { host: "db.example.com", user: "u", password: "s3cret/@:", database: "d" },
    ],
    ["postgres://u:p@/d?host=/run/x", { host: "/run/x", user: "u", password: "p", database: "d" }],
    ["postgres://%2Frun%2Fx/d", { host: "/run/x", database: "d" }],
    ["postgres://[::1]:7/d", { host: "::1", port: 7, database: "d" }],
    ["postgres://h/d?user=u&password=p&port=9", { user: "u", password: "p", port: 9 }],
  ])("%s is completed by variables as libpq does it", (text, wanted) => {
    const place = readPostgresUrl(withServerVariables(text, ENV));
    expect(place).toMatchObject(wanted);
    expect(place.shown).not.toContain("s3cret");
    expect(readPostgresUrl(place.shown)).toMatchObject({ host: place.host, port: place.port });
  });

  it.each([
    ["postgres://u:pw@h:1/d?schema=s&sslmode=disable", "postgres://u@h:1/d?schema=s"],
    ["postgres://h/d?user=u&password=pw", "postgres://u@h/d"],
    ["postgres://u:pw@/d?host=/run/x&sslkey=k", "postgres://u@/d?host=%2Frun%2Fx"],
  ])("%s is shown as %s", (text, shown) => {
    expect(readPostgresUrl(text).shown).toBe(shown);
  });

  it("gives away its password to the mask, as it is and as it is written", () => {
    expect(passwordsOf("postgres://u:a%2Fb@h/d")).toEqual(expect.arrayContaining(["a/b", "a%2Fb"]));
    expect(passwordsOf(withServerVariables("postgres:///", ENV))).toContain("s3cret/@:");
    expect(passwordsOf("postgres://u:pw@/d")).toContain("pw");
  });

  it.each(["postgres://h1:1,h2:2/d", "postgres://h/d?schema=A-B", "postgres://h/d?sslmode=yes"])(
    "%s is refused",
    (text) => {
      expect(() => readPostgresUrl(text)).toThrow();
    },
  );

  it("that is none is left alone", () => {
    expect(parseServerUrl("postgres://h:x/d")).toBeUndefined();
    expect(withServerVariables("postgres://h:x/d", ENV)).toBe("postgres://h:x/d");
  });
});

describe("sslmode", () => {
  const ways = (query: string) => tlsWays(readPostgresUrl(`postgres://h/d${query}`).tls);
  const blind = { rejectUnauthorized: false };

  it.each([
    ["", [blind, false]],
    ["?sslmode=disable", [false]],
    ["?sslmode=allow", [blind, false]],
    ["?sslmode=prefer", [blind, false]],
    ["?sslmode=require", [blind]],
    ["?sslmode=verify-full", [{}]],
    ["?sslmode=verify-full&sslrootcert=system", [{}]],
    ["?sslmode=require&host=/run/x", [false]],
  ])("%s connects by %j", (query, wanted) => {
    expect(ways(query)).toEqual(wanted);
  });

  it("verify-ca needs an authority", () => {
    expect(() => ways("?sslmode=verify-ca")).toThrow(/needs the certificate/);
    expect(() => ways("?sslmode=verify-ca&sslrootcert=/nowhere.crt")).toThrow(/cannot be read/);
  });
});

describe("a server", () => {
  const SOUND = { version: "140005", fsync: "on", fpw: "on" };

  it("is refused when it is older than 14, or forgets what it has committed", () => {
    expect(serverFault(SOUND, "x")).toBeUndefined();
    expect(serverFault({ ...SOUND, version: "130014" }, "x")).toMatchObject({
      fault: "old_server",
      message: expect.stringContaining("PostgreSQL 13"),
    });
    expect(serverFault({ ...SOUND, fsync: "off" }, "x")?.message).toContain("Set fsync = on");
    expect(serverFault({ ...SOUND, fpw: "off" }, "x")?.message).toContain("full_page_writes");
  });

  it("is not a pooler that takes no settings of a session", () => {
    const refusal = Object.assign(new Error("unsupported startup parameter: options"), {
      code: "08P01",
    });
    expect(postgresFault(refusal, "x")).toMatchObject({ fault: "unsafe" });
  });
});
