// A body for every kind of component: built from a manifest, compared with what was written down by
// hand from Meta's pages, matched against the template, and taken by the sandbox, which judges it
// on its own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readManifest } from "../../../src/domain/manifest/manifest.ts";
import { buildBody, compileMessage } from "../../../src/domain/message/body.ts";
import { definitionFor } from "../../../src/domain/message/template.ts";
import { matchTemplate } from "../../../src/domain/message/template-match.ts";
import { checkScenario } from "../../../src/sandbox/scenario/scenario.ts";
import type { Sandbox } from "../../../src/sandbox/server/server.ts";
import { startSandbox } from "../../../src/sandbox/server/server.ts";
import type { TemplateKind } from "../message/template.kinds.ts";
import {
  definitionOf,
  KNOWN_MEDIA,
  manifestText,
  TEMPLATE_KINDS,
} from "../message/template.kinds.ts";

const TO = "+5511970000001";

const folder = mkdtempSync(join(tmpdir(), "bodies-"));
let sandbox: Sandbox;
/** Knows no template but those that manifests taught it. */
let taught: Sandbox;

beforeAll(async () => {
  const media = { known_ids: KNOWN_MEDIA };
  sandbox = await start({ media, templates: TEMPLATE_KINDS.map(definitionOf) }, "known.jsonl");
  const templates = TEMPLATE_KINDS.filter(({ delivery }) => delivery === undefined).map((kind) =>
    definitionFor(manifestOf(kind)),
  );
  taught = await startSandbox({
    port: 0,
    logFile: join(folder, "taught.jsonl"),
    scenario: scenarioOf({ media, templates: [] }),
    templates,
  });
});

afterAll(async () => {
  await sandbox.close();
  await taught.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(scenario: object, log: string): Promise<Sandbox> {
  return startSandbox({ port: 0, logFile: join(folder, log), scenario: scenarioOf(scenario) });
}

function scenarioOf(data: object) {
  const result = checkScenario(data);
  if ("problems" in result) throw new Error(result.problems.join("\n"));
  return result.value;
}

function manifestOf(kind: TemplateKind) {
  const result = readManifest(manifestText(kind), { file: "kinds.yaml" });
  if ("problems" in result) throw new Error(JSON.stringify(result.problems, null, 2));
  return result.manifest;
}

function bodyOf(kind: TemplateKind): string {
  const message = compileMessage(manifestOf(kind));
  const rendered = message.render(kind.cells);
  if (rendered.kind !== "rendered") throw new Error(JSON.stringify(rendered));
  return buildBody(message, { to: TO, values: rendered.values });
}

async function post(to: Sandbox, body: string): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`${to.url}/v25.0/${to.phoneNumberId}/marketing_messages`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${to.accessToken}`,
      "content-type": "application/json",
    },
    body,
  });
  return { status: response.status, answer: await response.json() };
}

describe.each(TEMPLATE_KINDS.map((kind) => [kind.name, kind] as const))("%s", (_, kind) => {
  it("has the body that Meta's pages ask for", () => {
    expect(JSON.parse(bodyOf(kind))).toEqual({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to: TO,
      type: "template",
      template: {
        name: kind.name,
        language: { policy: "deterministic", code: "en" },
        components: kind.components,
      },
      product_policy: "CLOUD_API_FALLBACK",
      ...kind.delivery?.body,
    });
  });

  it("fits its template", () => {
    expect(matchTemplate(manifestOf(kind).template, definitionOf(kind))).toEqual([]);
  });

  it("is taken by the sandbox", async () => {
    const { status, answer } = await post(sandbox, bodyOf(kind));
    if (process.env.SHOW_BODIES === "1") {
      process.stderr.write(`${bodyOf(kind)}\n→ ${status} ${JSON.stringify(answer)}\n`);
    }
    expect(answer).toMatchObject({ messages: [{ id: expect.stringMatching(/^wamid\./) }] });
    expect(status).toBe(200);
  });

  it("is taken by a sandbox that was taught the template from the manifest", async () => {
    if (kind.delivery !== undefined) return;
    const definition = definitionFor(manifestOf(kind));
    expect(matchTemplate(manifestOf(kind).template, definition)).toEqual([]);
    expect((await post(taught, bodyOf(kind))).answer).toHaveProperty("messages");
  });
});
