// The simulator inside a run, for `account: sandbox`.

import { resolve } from "node:path";
import { OperatorError } from "../../domain/common/errors.ts";
import type { TemplateDefinition } from "../../domain/message/template.ts";
import { definitionFor } from "../../domain/message/template.ts";
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
 * Starts the simulator for a run; it knows the manifest's template even when its scenario does not.
 * @param webhooks its webhook, instead of the scenario's; left out: none
 */
export async function startInnerSandbox(
  loaded: LoadedManifest,
  logFile: string,
  webhooks: Partial<Scenario["webhooks"]> = { url: null },
): Promise<Sandbox> {
  const played = scenarioOf(loaded);
  const scenario = { ...played, webhooks: { ...played.webhooks, ...webhooks } };
  const template = templateOf(loaded, scenario);
  // A run with a real account needs no server.
  const { startSandbox } = await import("../../sandbox/server/server.ts");
  return startSandbox({
    port: 0,
    logFile,
    scenario,
    templates: template === undefined ? [definitionFor(loaded.manifest)] : [],
  });
}

/** The template's text where it is known without asking Meta: in the sandbox's scenario. */
export function knownTemplate(loaded: LoadedManifest): TemplateDefinition | undefined {
  return loaded.manifest.account === "sandbox" ? templateOf(loaded, scenarioOf(loaded)) : undefined;
}

function templateOf(loaded: LoadedManifest, scenario: Scenario): TemplateDefinition | undefined {
  const { name, language } = loaded.manifest.template;
  return scenario.templates.find(
    (template) => template.name === name && template.language === language,
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
