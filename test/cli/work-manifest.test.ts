// The manifest of a campaign that a worker is to run: the file, or the ledger's copy.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect } from "vitest";
import { manifestOf } from "../../src/cli/work/manifest-of.ts";
import { OperatorError } from "../../src/domain/common/errors.ts";
import { campaignRecord } from "../support/campaign-record.ts";
import { test as it } from "../support/fixture.ts";

const text = (more = "", name = "spring") => `campaign: ${name}
account:
  phone_number_id: "106540352242922"
  access_token: \${WORK_TOKEN}
${more}
recipients: { file: list.csv, phone: phone }
template: { name: offer, language: pt_BR }
`;

const problemOf = (campaign: Parameters<typeof manifestOf>[0]) =>
  manifestOf(campaign).then(
    () => "none",
    (error: unknown) => {
      if (!(error instanceof OperatorError)) throw error;
      return error.problems[0];
    },
  );

describe("the manifest of a campaign", () => {
  afterEach(() => {
    delete process.env.WORK_TOKEN;
  });

  it("is the file where it is here, which must be the campaign's", async ({ folder }) => {
    process.env.WORK_TOKEN = "EAAtoken";
    const manifest = join(folder, "spring.yaml");
    const campaign = campaignRecord(0, { manifest, manifestText: text("# the ledger's") });
    writeFileSync(manifest, text("  graph_version: v24.0"));
    const { manifest: read, text: kept } = await manifestOf(campaign);
    expect(read.account).toMatchObject({ graph_version: "v24.0", access_token: "EAAtoken" });
    expect(kept).toContain("v24.0");
    writeFileSync(manifest, text("", "summer"));
    expect(await problemOf(campaign)).toMatchObject({ id: "other_manifest" });
  });

  it("is the ledger's copy where there is no file, with this machine's variables", async ({
    folder,
  }) => {
    const manifest = join(folder, "elsewhere", "spring.yaml");
    const campaign = campaignRecord(0, { manifest, manifestText: text() });
    const lacking = await problemOf(campaign);
    expect(lacking).toMatchObject({ message: expect.stringContaining("WORK_TOKEN") });
    process.env.WORK_TOKEN = "EAAtoken";
    const loaded = await manifestOf(campaign);
    expect(loaded).toMatchObject({ file: manifest, text: null });
    expect(loaded.manifest.account).toMatchObject({ access_token: "EAAtoken" });
    const none = campaignRecord(0, { manifest });
    expect(await problemOf(none)).toMatchObject({ id: "no_manifest" });
  });

  it("sends the token to no other address that only the ledger names", async ({ folder }) => {
    process.env.WORK_TOKEN = "EAAtoken";
    const manifest = join(folder, "spring.yaml");
    const manifestText = text("  base_url: https://graph.example.com");
    const campaign = campaignRecord(0, { manifest, manifestText });
    expect(await problemOf(campaign)).toMatchObject({ id: "no_manifest", line: 5 });
    writeFileSync(manifest, manifestText);
    expect((await manifestOf(campaign)).manifest.account).toMatchObject({
      base_url: "https://graph.example.com",
    });
  });
});
