// `campaign sandbox`: the simulator as a server; and the simulator inside a run, for `account: sandbox`.

import { resolve } from "node:path";
import type { ExitCode } from "../errors.ts";
import { EXIT, OperatorError } from "../errors.ts";
import type { Scenario } from "../sandbox/scenario.ts";
import { defaultScenario, readScenario } from "../sandbox/scenario.ts";
import type { Sandbox } from "../sandbox/server.ts";
import { startSandbox } from "../sandbox/server.ts";
import { SPECIAL_NUMBERS } from "../sandbox/special-numbers.ts";
import type { TemplateDefinition } from "../template.ts";
import { definitionFor } from "../template.ts";
import type { CommandContext } from "./program.ts";
import { SANDBOX_WORDS } from "./summary.ts";
import type { LoadedManifest } from "./wiring.ts";
import { readText } from "./wiring.ts";

/** Runs the command until a signal; gives its exit code. */
export async function sandbox(
  flags: { port: number; scenario?: string; log: string; numbers?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  if (flags.numbers) {
    for (const { number, means } of SPECIAL_NUMBERS) process.stdout.write(`${number}  ${means}\n`);
    return EXIT.done;
  }
  const scenario = flags.scenario === undefined ? defaultScenario() : loadScenario(flags.scenario);
  const server = await startServer(flags, scenario);
  process.stderr.write(`${SANDBOX_WORDS}\n`);
  // One line of JSON: whoever starts the sandbox from a script reads the address from it.
  const { url, phoneNumberId, wabaId, accessToken } = server;
  process.stdout.write(
    `${JSON.stringify({ url, phone_number_id: phoneNumberId, waba_id: wabaId, access_token: accessToken, log: flags.log })}\n`,
  );
  await new Promise<void>((ended) => {
    if (context.stop.aborted) ended();
    context.stop.addEventListener("abort", () => ended(), { once: true });
  });
  await server.close();
  return EXIT.done;
}

async function startServer(
  flags: { port: number; log: string },
  scenario: Scenario,
): Promise<Sandbox> {
  try {
    return await startSandbox({ port: flags.port, logFile: flags.log, scenario });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE" || code === "EACCES") {
      throw new OperatorError({
        message: `port ${flags.port} cannot be used (${code})`,
        hint: "Choose another one with --port; 0 takes any that is free.",
      });
    }
    if (code === undefined) throw error;
    throw new OperatorError({
      message: `the sandbox cannot start (${code})`,
      hint: `Check the path of its log: ${flags.log}.`,
    });
  }
}

/** Starts the simulator for a run; it knows the manifest's template even when its scenario does not. */
export async function startInnerSandbox(loaded: LoadedManifest, logFile: string): Promise<Sandbox> {
  const scenario = scenarioOf(loaded);
  const template = templateOf(loaded, scenario);
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
  return scenario.templates.find((one) => one.name === name && one.language === language);
}

function scenarioOf(loaded: LoadedManifest): Scenario {
  const file = loaded.manifest.sandbox?.scenario;
  return file === undefined ? defaultScenario() : loadScenario(resolve(loaded.folder, file));
}

function loadScenario(file: string): Scenario {
  const result = readScenario(readText(file), file);
  if ("problems" in result) throw new OperatorError(result.problems);
  return result.value;
}
