import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { MediaOptions } from "../../../src/cli/account/media.ts";
import { mediaIds, mediaProblems } from "../../../src/cli/account/media.ts";
import type { LoadedManifest } from "../../../src/cli/campaign/wiring.ts";
import { loadManifest } from "../../../src/cli/campaign/wiring.ts";
import { OperatorError } from "../../../src/domain/common/errors.ts";
import { planUploads } from "../../../src/domain/message/media.ts";
import { openSqliteLedger } from "../../../src/ledger/ledger.ts";
import type { PlacedLedger } from "../../../src/ledger/placed-ledger.ts";

const DAY_MS = 86_400_000;
const NOW = Date.parse("2026-04-01T12:00Z");

let folder: string;
let ledger: PlacedLedger;
let uploads: { bytes: string; mime: string; filename: string }[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "media-"));
  ledger = await openSqliteLedger(join(folder, "ledger.sqlite"));
  uploads = [];
  mkdirSync(join(folder, "img"));
  writeFileSync(join(folder, "img/a.jpg"), "picture a");
  writeFileSync(join(folder, "img/same.JPG"), "picture a");
  writeFileSync(join(folder, "img/b.png"), "picture b");
});

afterEach(async () => {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

function manifest(template: string, account = "sandbox"): Promise<LoadedManifest> {
  const file = join(folder, "m.yaml");
  const lines = [
    "campaign: media",
    `account: ${account}`,
    "recipients: { file: list.csv }",
    `template: { name: a, language: en, ${template} }`,
  ];
  writeFileSync(file, lines.join("\n"));
  return loadManifest(file);
}

function cards(...files: string[]): string {
  const list = files.map((file) => `{ header: { image: { file: ${file} } } }`);
  return `carousel: { cards: [${list.join(", ")}] }`;
}

function options(now: number): MediaOptions {
  return {
    cache: ledger,
    now: () => now,
    async upload({ bytes, mime, filename }) {
      uploads.push({ bytes: Buffer.from(bytes).toString(), mime, filename });
      return `${1000 + uploads.length}`;
    },
  };
}

describe("files of a manifest", () => {
  it("are uploaded once each content, and remembered for the next run", async () => {
    const loaded = await manifest(cards("img/a.jpg", "img/b.png", "img/same.JPG"));
    const ids = await mediaIds(loaded, options(NOW));
    expect([...ids]).toEqual([
      ["img/a.jpg", "1001"],
      ["img/b.png", "1002"],
      ["img/same.JPG", "1001"],
    ]);
    expect(uploads).toEqual([
      { bytes: "picture a", mime: "image/jpeg", filename: "a.jpg" },
      { bytes: "picture b", mime: "image/png", filename: "b.png" },
    ]);
    expect(await mediaIds(loaded, options(NOW + DAY_MS))).toEqual(ids);
    expect(uploads).toHaveLength(2);
  });

  it("are uploaded again when the content changed, for another number, and before Meta forgets them", async () => {
    const loaded = await manifest(cards("img/a.jpg"));
    await mediaIds(loaded, options(NOW));
    writeFileSync(join(folder, "img/a.jpg"), "another picture");
    expect((await mediaIds(loaded, options(NOW))).get("img/a.jpg")).toBe("1002");
    const other = `{ phone_number_id: "106540352242922", access_token: "\${TOKEN}" }`;
    process.env.TOKEN = "t";
    expect((await mediaIds(await manifest(cards("img/a.jpg"), other), options(NOW))).size).toBe(1);
    delete process.env.TOKEN;
    expect(uploads).toHaveLength(3);
    // A run of a week must not outlive the id it began with.
    await mediaIds(loaded, options(NOW + 22 * DAY_MS));
    expect(uploads).toHaveLength(3);
    expect((await mediaIds(loaded, options(NOW + 23 * DAY_MS))).get("img/a.jpg")).toBe("1004");
  });

  it("have an id for each number that uploads them", async () => {
    const loaded = await manifest(cards("img/a.jpg"));
    const idFor = async (lane: string) =>
      (await mediaIds(loaded, { ...options(NOW), lane })).get("img/a.jpg");
    expect([await idFor("106540352242922"), await idFor("106540352242923")]).toEqual([
      "1001",
      "1002",
    ]);
    expect(await idFor("106540352242922")).toBe("1001");
    expect(uploads).toHaveLength(2);
  });

  it("are remembered one by one, so that a failure loses none that went before", async () => {
    const loaded = await manifest(cards("img/a.jpg", "img/b.png"));
    const failing = options(NOW);
    const upload: MediaOptions["upload"] = async (file) => {
      if (file.filename === "b.png") throw new Error("lost");
      return failing.upload(file);
    };
    await expect(mediaIds(loaded, { ...failing, upload })).rejects.toThrow("lost");
    await mediaIds(loaded, failing);
    expect(uploads.map(({ filename }) => filename)).toEqual(["a.jpg", "b.png"]);
  });

  it("are forgotten once they are of no more use", async () => {
    await mediaIds(await manifest(cards("img/a.jpg")), options(NOW));
    await mediaIds(await manifest(cards("img/b.png")), options(NOW + 31 * DAY_MS));
    expect(await ledger.cached("uploads")).toEqual([
      expect.objectContaining({ value: expect.objectContaining({ id: "1002" }) }),
    ]);
  });

  it("that Meta would not take are reported at their place, before anything is uploaded", async () => {
    writeFileSync(join(folder, "img/empty.jpg"), "");
    writeFileSync(join(folder, "img/large.jpg"), Buffer.alloc(5 * 1_048_576 + 1));
    const loaded = await manifest(
      cards("img/a.jpg", "img/empty.jpg", "img/large.jpg", "img/none.jpg"),
    );
    expect(mediaProblems(loaded).map(({ line, message }) => `${line}: ${message}`)).toEqual([
      "4: img/empty.jpg: the file is empty",
      "4: img/large.jpg: the file has 5,242,881 bytes",
      "4: img/none.jpg: there is no such file",
    ]);
    await expect(mediaIds(loaded, options(NOW))).rejects.toThrow(OperatorError);
    expect(uploads).toEqual([]);
  });
});

describe("the plan of uploads", () => {
  it("tells the same content as another type apart, and trusts no instant to come", () => {
    const files = [
      { file: "a.mp4", mime: "video/mp4", sha256: "s" },
      { file: "a.3gp", mime: "video/3gpp", sha256: "s" },
    ];
    const upload = { number: "1", sha256: "s", mime: "video/mp4", id: "7", uploadedAt: NOW };
    expect(planUploads(files, [upload], { number: "1", now: NOW })).toEqual({
      known: new Map([["a.mp4", "7"]]),
      missing: [files[1]],
    });
    expect(planUploads(files, [upload], { number: "1", now: NOW - 1 }).missing).toEqual(files);
    expect(planUploads(files, [upload], { number: "2", now: NOW }).missing).toEqual(files);
  });
});
