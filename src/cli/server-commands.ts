// The commands that receive webhooks, serve pages or play Graph.

import type { Command } from "commander";
import type { Context, Ends } from "./arguments.ts";
import { ADDRESS_HELP, collectText, JSON_HELP, wholeNumber } from "./arguments.ts";

export function addReceipts(program: Command, context: Context, ends: Ends): void {
  program
    .command("receipts")
    .description("what Meta's webhooks reported of every message, and who opted out")
    .command("import")
    .description("apply the webhook bodies of a file: delivered, read, failed, opt-outs")
    .argument("<file>", "JSON lines, one webhook body a line")
    .option("--json", JSON_HELP)
    .addHelpText(
      "after",
      `
Each line is a body as Meta posted it. What a log wrote around it is seen through: a JSON object
that has the body under body, rawBody, payload, webhook, event, data or message, as an object or as
JSON text; a list of bodies; JSON text. Other lines are counted and left out. Importing a file again
changes nothing, and a campaign may be sending meanwhile. CAMPAIGN_STOP_WORDS may name a file of
words by which people opt out, one a line, beside the built-in ones and the manifests'.`,
    )
    .action(async (file: string, options) => {
      const { receiptsImport } = await import("./commands/receipts.ts");
      ends(await receiptsImport(file, options, context()));
    });
}

export function addWebhooks(program: Command, context: Context, ends: Ends): void {
  program
    .command("webhooks")
    .description(
      "receive what Meta tells by webhook, beside whatever is sending: delivered, read, opt-outs",
    )
    .option("--port <n>", "0: any free port", wholeNumber, 8090)
    .option("--host <address>", "where to listen; a proxy with TLS stands before it", "127.0.0.1")
    .option(
      "--allow-host <name>",
      "a name by which /health and /metrics are read, besides addresses (may be given again)",
      collectText,
    )
    .option("--json", ADDRESS_HELP)
    .addHelpText(
      "after",
      `
WHATSAPP_APP_SECRET (several, separated by commas) and WHATSAPP_VERIFY_TOKEN are read from the
environment or .env; CAMPAIGN_STOP_WORDS may name a file of words by which people opt out, one a
line, beside the built-in ones and the manifests'. GET and POST /webhooks are for Meta; GET /health
and GET /metrics for you, and not for the outside. docs/receipts.md has the set-up at Meta, nginx and systemd.`,
    )
    .action(async (options) => {
      const { webhooks } = await import("./commands/webhooks.ts");
      ends(await webhooks(options, context("receiving")));
    });
}

export function addServe(program: Command, context: Context, ends: Ends): void {
  program
    .command("serve")
    .description("the live page in a browser, together with the receiver of webhooks")
    .option("--port <n>", "0: any free port", wholeNumber, 8090)
    .option("--host <address>", "where to listen; a proxy with TLS stands before it", "127.0.0.1")
    .option(
      "--allow-host <name>",
      "a name by which the page is reached, besides this machine's own (may be given again)",
      collectText,
    )
    .option("--https", "the page is reached by https only: the login travels by nothing else")
    .option("--no-webhooks", "the live page alone")
    .option("--json", ADDRESS_HELP)
    .addHelpText(
      "after",
      `
The password is CAMPAIGN_SERVE_PASSWORD of the environment or .env; without it one is made up and
printed on stderr, for this time. Webhooks need WHATSAPP_APP_SECRET and WHATSAPP_VERIFY_TOKEN, as
for \`campaign webhooks\`; without them the live page is served alone. docs/live-page.md tells more.`,
    )
    .action(async (options) => {
      const { serve } = await import("./commands/serve.ts");
      ends(await serve(options, context("receiving")));
    });
}

export function addSandbox(program: Command, context: Context, ends: Ends): void {
  program
    .command("sandbox")
    .description("the simulator of Graph as a server, on loopback")
    .option("--port <n>", "0: any free port", wholeNumber, 8080)
    .option("--scenario <file>", "YAML: templates, limits, shares of fates, faults")
    .option("--log <file>", "append-only log of what it received", "data/sandbox.jsonl")
    .option("--webhooks <url>", "post receipts, opt-outs and account events there, as Meta does")
    .option(
      "--app-secret <secret>",
      "signs what is posted; left out: WHATSAPP_APP_SECRET, which no process list shows",
    )
    .option(
      "--verify-token <token>",
      "for the handshake, before anything is posted; left out: WHATSAPP_VERIFY_TOKEN, or no handshake",
    )
    .option("--numbers", "print the table of special numbers and end")
    .option("--json", ADDRESS_HELP)
    .action(async (options) => {
      const { sandbox } = await import("./commands/sandbox.ts");
      ends(await sandbox(options, context("simulating")));
    });
}
