// `campaign work`: the campaigns of a ledger on all lanes that are free, judged by the log of the
// sandbox.

import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { makeAuthority } from "../network/certificate.ts";
import { test as it } from "../support/fixture.ts";
import type { TestSandbox } from "../support/harness.ts";
import {
  acceptedBy,
  QUICK_SANDBOX,
  sandboxEvents,
  scenario,
  start,
  startLong,
  startSandbox,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const PEOPLE = 24;
const PACE = { rate: 24, inFlight: 8 };

type Env = Record<string, string>;

/** Lines of JSON. */
const eventsIn = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown> & { event: string });

/** Plans campaigns for the workers. */
async function plan(folder: string, manifests: string[], env: Env): Promise<void> {
  for (const manifest of manifests) {
    const planned = await campaign([manifest, "--plan-only"], { cwd: folder, env });
    expect(planned.code, planned.stderr).toBe(0);
    expect(planned.stdout).toContain("Planned, not started");
  }
}

/** Instants at which messages were taken, in order. */
function takenAt({ log }: TestSandbox): number[] {
  return sandboxEvents(log).flatMap((one) => (one.event === "accepted" ? [Number(one.at)] : []));
}

describe("a worker", () => {
  it("sends on two numbers side by side, also what only the ledger has, and leaves what it cannot", async ({
    folder,
  }) => {
    const other = join(folder, "other");
    mkdirSync(other);
    const one = await startSandbox(folder, scenario("pair_limit: false\n"));
    const two = await startSandbox(
      other,
      `phone_number_id: "100000000000002"\n${scenario("pair_limit: false\n")}`,
    );
    const env = {
      WHATSAPP_ACCESS_TOKEN: one.token,
      TOKEN_OF_TWO: two.token,
      TOKEN_OF_A_THIRD: two.token,
    };
    const write = (name: string, sandbox: TestSandbox, variable: string, first: number) => {
      writeCsv(folder, PEOPLE, `${name}.csv`, first);
      const options = { ...PACE, name: `${name}.yaml`, campaign: name, list: `${name}.csv` };
      return writeManifest(folder, sandbox, { ...options, token: `\${${variable}}` });
    };
    const lacking = write("lacking", two, "TOKEN_OF_A_THIRD", 3_001);
    const manifests = [
      lacking,
      write("one", one, "WHATSAPP_ACCESS_TOKEN", 1),
      write("two", two, "TOKEN_OF_TWO", 1_001),
    ];
    await plan(folder, manifests, env);
    // The second number's campaign is in the ledger alone.
    rmSync(join(folder, "two.yaml"));
    rmSync(join(folder, "two.csv"));

    const { TOKEN_OF_A_THIRD: _, ...known } = env;
    const worked = await campaign(["work", "--once", "--json"], { cwd: folder, env: known });
    expect(worked.code, worked.stderr).toBe(2);
    const events = eventsIn(worked.stdout);
    expect(events[0]).toMatchObject({ event: "work" });
    const of = (event: string) => events.filter((each) => each.event === event);
    expect(
      of("begin")
        .map((each) => each.campaign)
        .toSorted(),
    ).toEqual(["one", "two"]);
    expect(of("end")).toHaveLength(2);
    for (const end of of("end")) {
      expect(end).toMatchObject({ state: "finished", counts: { accepted: PEOPLE } });
    }
    expect(of("left")).toHaveLength(1);
    expect(of("left")[0]).toMatchObject({ campaign: "lacking", lane: two.phoneNumberId });
    expect(JSON.stringify(of("left")[0])).toContain("TOKEN_OF_A_THIRD");
    expect(worked.stderr.match(/Left to other workers/g)).toHaveLength(1);
    expect(worked.stderr).not.toContain(one.token);

    expect(new Set(acceptedBy(one.log)).size).toBe(PEOPLE);
    expect(acceptedBy(one.log)).toHaveLength(PEOPLE);
    expect(acceptedBy(two.log)).toHaveLength(PEOPLE);
    expect(new Set(acceptedBy(two.log)).size).toBe(PEOPLE);
    const [atOne, atTwo] = [takenAt(one), takenAt(two)];
    expect(atOne[0]).toBeLessThan(atTwo.at(-1) as number);
    expect(atTwo[0]).toBeLessThan(atOne.at(-1) as number);

    // A token that Meta does not take halts nothing: another machine may have a valid one.
    const wrong = { ...env, TOKEN_OF_A_THIRD: "EAAwrong-token-of-a-third" };
    const refused = await campaign(["work", "--once", "--quiet"], { cwd: folder, env: wrong });
    expect(refused.code, refused.stderr).toBe(2);
    expect(refused.stderr).toMatch(/lacking: Left to other workers: .*\[token_invalid\]/);

    const all = await campaign(["work", "--once", "--quiet"], { cwd: folder, env });
    expect({ code: all.code, said: all.stderr + all.stdout }).toEqual({ code: 0, said: "" });
    expect(acceptedBy(two.log)).toHaveLength(2 * PEOPLE);
    expect(new Set(acceptedBy(two.log)).size).toBe(2 * PEOPLE);
  });

  it("drains at a signal and ends with 0, another one goes on, and nobody gets it twice", async ({
    folder,
  }) => {
    const { sandbox, manifest, env } = await startLong(folder);
    await plan(folder, [manifest], env);
    let before = 0;
    for (const again of [true, false]) {
      const worker = start(["work"], { cwd: folder, env });
      const from = before;
      await worker.until(() => acceptedBy(sandbox.log).length > from + 2);
      if (again) {
        // Its number is held: another campaign of it waits, and can be planned all the same.
        const other = writeManifest(folder, sandbox, { name: "other.yaml", campaign: "other" });
        await plan(folder, [other], env);
        const held = await campaign(["work", "--once"], { cwd: folder, env });
        expect({ code: held.code, stderr: held.stderr }).toMatchObject({ code: 75 });
      }
      worker.child.kill("SIGTERM");
      const ended = await worker.ended;
      expect(ended.code, ended.stderr).toBe(0);
      expect(ended.stderr).toContain("test: Interrupted. A worker goes on where this stopped.");
      before = acceptedBy(sandbox.log).length;
    }
    const all = acceptedBy(sandbox.log);
    expect(all).toHaveLength(new Set(all).size);
  });

  it("leaves a campaign to other machines where this one has no safe connection", async ({
    folder,
  }) => {
    const sandbox = await startSandbox(folder, scenario("pair_limit: false\n"));
    const authority = makeAuthority("an authority that one machine trusts");
    const front = createServer(authority.issue({ ip: ["127.0.0.1"] }), (asked, answer) => {
      const { method = "GET", url = "/", headers } = asked;
      const onward = request(`${sandbox.url}${url}`, { method, headers }, (got) => {
        answer.writeHead(got.statusCode as number, got.headers);
        got.pipe(answer);
      });
      asked.pipe(onward);
    });
    await once(front.listen(0, "127.0.0.1"), "listening");
    try {
      const url = `https://127.0.0.1:${(front.address() as AddressInfo).port}`;
      writeCsv(folder, 3);
      const manifest = writeManifest(folder, { ...sandbox, url });
      writeFileSync(join(folder, "authority.pem"), authority.cert);
      const here = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
      const elsewhere = { ...here, NODE_EXTRA_CA_CERTS: join(folder, "authority.pem") };
      const run = (args: string[], env: Env) => start(args, { cwd: folder, env }).ended;
      const planned = await run([manifest, "--plan-only"], elsewhere);
      expect(planned.code, planned.stderr).toBe(0);

      const left = await run(["work", "--once", "--json"], here);
      expect(left.code, left.stderr).toBe(75);
      expect(left.stderr).toContain("No safe connection to Meta is possible");
      const worked = await run(["work", "--once"], elsewhere);
      expect(worked.code, worked.stderr).toBe(0);
      expect(acceptedBy(sandbox.log)).toHaveLength(3);
    } finally {
      front.closeAllConnections();
      front.close();
    }
  });

  it("leaves to a person what stopped where --limit wanted it, until they let it go on", async ({
    folder,
  }) => {
    writeCsv(folder, 3);
    writeFileSync(
      join(folder, "campaign.yaml"),
      `campaign: test
${QUICK_SANDBOX}
recipients: { file: list.csv, phone: phone }
template: { name: offer, language: pt_BR, body: ["{{ first_name }}", "{{ coupon }}"] }
`,
    );
    const given = (...args: string[]) => campaign(args, { cwd: folder });
    expect((await given("campaign.yaml", "--limit", "1")).code).toBe(75);
    const left = await given("work", "--once");
    expect([left.code, left.stderr.split("\n").length]).toEqual([0, 2]);
    expect((await given("unpause", "campaign.yaml")).stderr).toContain("Let go on.");
    const worked = await given("work", "--once");
    expect(worked.code, worked.stderr).toBe(0);
    expect(worked.stderr).toMatch(/test: Sending to 2 recipients\. SANDBOX/);
    expect(acceptedBy(join(folder, "data", "sandbox.jsonl"))).toHaveLength(3);
  });
});
