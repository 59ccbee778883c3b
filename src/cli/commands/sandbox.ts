// `campaign sandbox`: the simulator as a server; and the simulator inside a run, for `account:
// sandbox`.

import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import type { Scenario } from "../../sandbox/scenario/scenario.ts";
import { defaultScenario } from "../../sandbox/scenario/scenario.ts";
import { isWebAddress } from "../../sandbox/scenario/scenario-webhooks.ts";
import { SPECIAL_NUMBERS } from "../../sandbox/scenario/special-numbers.ts";
import type { Sandbox } from "../../sandbox/server/server.ts";
import { startSandbox } from "../../sandbox/server/server.ts";
import type { Handshake } from "../../sandbox/webhooks/deliver.ts";
import { loadScenario } from "../account/inner-sandbox.ts";
import { givenWebhookSecrets } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { requireReader } from "../files/output.ts";
import { requireJsonLines } from "../files/own-files.ts";
import { isJson, print, printJson, say } from "../print/print.ts";
import { keepSecret } from "../print/redact.ts";
import { SANDBOX_WORDS } from "../print/summary.ts";
import { printAddress } from "../process/address.ts";

interface SandboxFlags {
  port: number;
  scenario?: string;
  log: string;
  numbers?: boolean;
  webhooks?: string;
  appSecret?: string;
  verifyToken?: string;
}

/** Runs the command until a signal; gives its exit code. */
export async function sandbox(flags: SandboxFlags, context: CommandContext): Promise<ExitCode> {
  if (flags.numbers) {
    if (isJson())
      printJson({ numbers: SPECIAL_NUMBERS.map(({ number, means }) => ({ number, means })) });
    else for (const { number, means } of SPECIAL_NUMBERS) print(`${number}  ${means}`);
    return EXIT.done;
  }
  const played = flags.scenario === undefined ? defaultScenario() : loadScenario(flags.scenario);
  const scenario = { ...played, webhooks: webhooksOf(played, flags) };
  requireJsonLines("--log", flags.log);
  const release = requireReader(flags.log, `--log ${flags.log}`);
  const server = await startServer(flags, scenario);
  release();
  say(SANDBOX_WORDS);
  const { url, phoneNumberId, phoneNumberIds, wabaId, accessToken } = server;
  const named = { phone_number_id: phoneNumberId, waba_id: wabaId, access_token: accessToken };
  const isOne = phoneNumberIds.length === 1;
  const numbers = isOne ? {} : { phone_number_ids: phoneNumberIds.join(", ") };
  const lines = Object.entries({ base_url: url, ...named, ...numbers }).map(
    ([key, value]) => `${key}: ${value}`,
  );
  const address = { url, ...named, phone_number_ids: phoneNumberIds, log: flags.log };
  printAddress(address, `${lines.join("\n")}\nCtrl-C ends it.`);
  await new Promise<void>((ended) => {
    if (context.stop.aborted) ended();
    context.stop.addEventListener("abort", () => ended(), { once: true });
  });
  await server.close();
  return EXIT.done;
}

/**
 * The server's webhook: the scenario's, or that of the arguments; secrets may come from the
 * environment.
 */
function webhooksOf({ webhooks }: Scenario, flags: SandboxFlags): Scenario["webhooks"] {
  const url = flags.webhooks ?? webhooks.url;
  if (url === null) return webhooks;
  if (!isWebAddress(url)) {
    throw new OperatorError({
      message: `--webhooks ${url} is no address`,
      hint: "Give one that begins with http:// or https://, such as http://127.0.0.1:8090/webhooks.",
    });
  }
  const known = givenWebhookSecrets();
  const appSecret = flags.appSecret ?? webhooks.app_secret ?? known.appSecrets[0];
  if (appSecret === undefined) {
    throw new OperatorError({
      message: "nothing can be posted to the webhook: no app secret signs it",
      hint: "Set WHATSAPP_APP_SECRET to the receiver's, or give --app-secret.",
    });
  }
  keepSecret(appSecret);
  const verifyToken = flags.verifyToken ?? webhooks.verify_token ?? known.verifyToken;
  keepSecret(verifyToken);
  const verify_token = verifyToken === "" ? null : verifyToken;
  return { ...webhooks, url, app_secret: appSecret, verify_token };
}

/** Says how the handshake went: the first time, and when that changes. */
function tellHandshakes(): (handshake: Handshake) => void {
  let said = "";
  return ({ ok, http, cause }) => {
    const answer = http === null ? `no answer (${cause})` : `HTTP ${http}`;
    const words = ok
      ? "Webhook: the handshake was answered; receipts are reported from now on."
      : `Webhook: the handshake got ${answer} and not its challenge; it is tried again, and nothing is reported before.`;
    if (words !== said) say(words);
    said = words;
  };
}

async function startServer(
  flags: { port: number; log: string },
  scenario: Scenario,
): Promise<Sandbox> {
  try {
    return await startSandbox({
      port: flags.port,
      logFile: flags.log,
      scenario,
      onHandshake: tellHandshakes(),
    });
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
