// The commands that receive webhooks, serve pages or play Graph.

import { Argument, Option } from "commander";
import { collectText, JSON_OPTION, portOption, SERVER_JSON } from "./arguments.ts";
import type { Action, Group } from "./command-entry.ts";

const HOST = new Option(
  "--host <address>",
  "where to listen; a proxy with TLS stands before it",
).default("127.0.0.1");

/** Receipts from files. */
export const RECEIPTS: Group = {
  name: "receipts",
  description: "what Meta's webhooks reported of every message, and who opted out",
  commands: [
    {
      name: "import",
      description: "apply the webhook bodies of a file: delivered, read, failed, opt-outs",
      arguments: [new Argument("<file>", "JSON lines, one webhook body a line")],
      options: [JSON_OPTION],
      notes: `Each line is a body as Meta posted it. What a log wrote around it is seen through: a JSON object
that has the body under body, rawBody, payload, webhook, event, data or message, as an object or as
JSON text; a list of bodies; JSON text. Other lines are counted and left out. Importing a file again
changes nothing, and a campaign may be sending meanwhile. CAMPAIGN_STOP_WORDS may name a file of
words by which people opt out, one a line, beside the built-in ones and the manifests'.`,
      work: "changing",
      load: async () => (await import("./commands/receipts.ts")).receiptsImport,
    },
  ],
};

const webhooks: Action = {
  name: "webhooks",
  description:
    "receive what Meta reports by webhook while campaigns send: delivered, read, opt-outs",
  options: [
    portOption(8090),
    HOST,
    new Option(
      "--allow-host <name>",
      "a name by which /health and /metrics are read, besides addresses (may be given again)",
    ).argParser(collectText),
    SERVER_JSON,
  ],
  notes: `WHATSAPP_APP_SECRET (several, separated by commas) and WHATSAPP_VERIFY_TOKEN are read from the
environment or .env; CAMPAIGN_STOP_WORDS may name a file of words by which people opt out, one a
line, beside the built-in ones and the manifests'. GET and POST /webhooks are for Meta; GET /health
and GET /metrics for you, and not for the outside. docs/receipts.md has the set-up at Meta, nginx and systemd.`,
  work: "receiving",
  load: async () => (await import("./commands/webhooks.ts")).webhooks,
};

const serve: Action = {
  name: "serve",
  description: "the live page in a browser, together with the receiver of webhooks",
  options: [
    portOption(8090),
    HOST,
    new Option(
      "--allow-host <name>",
      "a name by which the page is reached, besides this machine's own (may be given again)",
    ).argParser(collectText),
    new Option(
      "--workspace <folder>",
      "a folder with its own policy, .env and ledger, as FOLDER or NAME=FOLDER (may be given again)",
    ).argParser(collectText),
    new Option("--https", "the page is reached by https only: the login travels by nothing else"),
    new Option("--no-webhooks", "the live page alone"),
    SERVER_JSON,
  ],
  notes: `The password is CAMPAIGN_SERVE_PASSWORD of the environment or .env; without it one is made up and
printed on stderr, for this time. Webhooks need WHATSAPP_APP_SECRET and WHATSAPP_VERIFY_TOKEN, as
for \`campaign webhooks\`; without them the live page is served alone. With --workspace one server
shows several folders, and keeps each webhook in the ledger that it is for. docs/live-page.md has the rest.`,
  work: "receiving",
  load: async () => (await import("./commands/serve.ts")).serve,
};

/** The servers that receive webhooks. */
export const RECEIVER_COMMANDS: readonly Action[] = [webhooks, serve];

/** The simulator of Graph. */
export const SANDBOX: Action = {
  name: "sandbox",
  description: "the simulator of Graph as a server, on loopback",
  options: [
    portOption(8080),
    new Option("--scenario <file>", "YAML: templates, limits, shares of fates, faults"),
    new Option("--log <file>", "append-only log of what it received").default("data/sandbox.jsonl"),
    new Option(
      "--webhooks <url>",
      "post receipts, opt-outs and account events there, as Meta does",
    ),
    new Option(
      "--app-secret <secret>",
      "signs what is posted; left out: WHATSAPP_APP_SECRET, which no process list shows",
    ),
    new Option(
      "--verify-token <token>",
      "for the handshake, before anything is posted; left out: WHATSAPP_VERIFY_TOKEN, or no handshake",
    ),
    new Option("--numbers", "print the table of special numbers and end"),
    SERVER_JSON,
  ],
  work: "simulating",
  load: async () => (await import("./commands/sandbox.ts")).sandbox,
};
