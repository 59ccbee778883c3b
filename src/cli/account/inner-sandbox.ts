// The simulator inside a run, for `account: sandbox`.

import { resolve } from "node:path";
import { OperatorError } from "../../domain/common/errors.ts";
import {
  definitionOf,
  messagesOf,
  templateNames,
  withLanguage,
} from "../../domain/manifest/arms-of-manifest.ts";
import { LANGUAGE_CODES } from "../../domain/message/languages.ts";
import type { TemplateDefinition } from "../../domain/message/template.ts";
import { definitionFor, isByRow } from "../../domain/message/template.ts";
import type { Scenario } from "../../sandbox/scenario/scenario.ts";
import { defaultScenario, readScenario } from "../../sandbox/scenario/scenario.ts";
import type { Sandbox } from "../../sandbox/server/server.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { readText } from "../files/text-file.ts";

/** Whether the simulator of a run would report anything. */
export function reportsAnything(loaded: LoadedManifest): boolean {
  const { receipt_delay_ms: delayMs, inbound } = scenarioOf(loaded);
  return delayMs !== null || inbound.length > 0;
}

/**
 * Starts the simulator for a run; it knows the manifest's templates even when its scenario does
 * not.
 * @param webhooks its webhook, instead of the scenario's; left out: none
 * @param countedLogs logs of earlier ones, whose messages it counts
 */
export async function startInnerSandbox(
  loaded: LoadedManifest,
  logFile: string,
  webhooks: Partial<Scenario["webhooks"]> = { url: null },
  countedLogs: readonly string[] = [],
): Promise<Sandbox> {
  const played = scenarioOf(loaded);
  const scenario = { ...played, webhooks: { ...played.webhooks, ...webhooks } };
  const known = templatesIn(scenario, loaded);
  // A run with a real account needs no server.
  const { startSandbox } = await import("../../sandbox/server/server.ts");
  return startSandbox({
    port: 0,
    logFile,
    countedLogs,
    scenario,
    templates: unknownTemplates(loaded, known),
  });
}

/**
 * The manifest's other templates, each once, as its values take them to be; where each row gives
 * the language, in every one, unless the scenario has the template in some.
 */
function unknownTemplates(
  { manifest }: LoadedManifest,
  known: readonly TemplateDefinition[],
): TemplateDefinition[] {
  const found: TemplateDefinition[] = [];
  for (const message of messagesOf(manifest)) {
    const { name, language } = message.manifest.template;
    const isVaried = isByRow(language);
    if (isVaried && known.some((one) => one.name === name)) continue;
    for (const code of isVaried ? LANGUAGE_CODES : [language]) {
      const { template } = withLanguage(message.manifest, code);
      if (definitionOf(template, [...known, ...found]) === undefined)
        found.push(definitionFor({ template }));
    }
  }
  return found;
}

/** The templates of a manifest that the sandbox's scenario has, so that Meta need not be asked. */
export function scenarioTemplates(loaded: LoadedManifest): TemplateDefinition[] {
  return templatesIn(scenarioOf(loaded), loaded);
}

function templatesIn({ templates }: Scenario, { manifest }: LoadedManifest): TemplateDefinition[] {
  const named = templateNames(manifest);
  return templates.filter(({ name, language }) =>
    named.some((one) => one.name === name && (one.language === language || isByRow(one.language))),
  );
}

function scenarioOf(loaded: LoadedManifest): Scenario {
  const file = loaded.manifest.sandbox?.scenario;
  return file === undefined ? defaultScenario() : loadScenario(resolve(loaded.folder, file));
}

/**
 * The scenario in a YAML file. @throws OperatorError when it cannot be read or has faults, all of
 * them with their places
 */
export function loadScenario(file: string): Scenario {
  const result = readScenario(readText(file, "a scenario"), file);
  if ("problems" in result) throw new OperatorError(result.problems);
  return result.value;
}
