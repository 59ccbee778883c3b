// The files of a new project as text: a manifest that a person goes on to edit, a policy, and what
// version control leaves out.

import { yamlText } from "../document/written-text.ts";
import type { TemplateBinding } from "../message/template.ts";

/** What a new manifest says. */
export interface NewManifest {
  campaign: string;
  /** Null: the sandbox. */
  account: {
    phoneNumberId: string;
    wabaId: string;
    /** Null: Meta's. */
    baseUrl: string | null;
  } | null;
  /** Relative to the manifest. */
  list: string;
  phone: string;
  region: string | null;
  template: TemplateBinding;
  /** The template's text, for a person to compare with. */
  templateText: string;
  /** Of the sandbox; relative to the manifest. */
  scenario: string | null;
  /** The JSON Schema of manifests, relative to the manifest. */
  schema: string;
}

/** The variable that the token is in. */
export const TOKEN_VARIABLE = "WHATSAPP_ACCESS_TOKEN";

/** The text of a manifest. */
export function manifestText(made: NewManifest): string {
  const { account, region, scenario } = made;
  const lines = [
    `# yaml-language-server: $schema=${made.schema}`,
    "",
    "# The campaign's name in the ledger. A new campaign needs a new name.",
    `campaign: ${quoted(made.campaign)}`,
    "",
    ...accountLines(account),
    "",
    "recipients:",
    `  file: ${quoted(made.list)}`,
    `  phone: ${quoted(made.phone)}`,
    ...(region === null ? [] : [`  default_region: ${quoted(region)}`]),
    "",
    ...templateComment(made.templateText),
    "template:",
    ...yamlLines(made.template, "  "),
    "",
    "# Most messages a second. Meta allows a number 80, unless it was raised.",
    "rate:",
    "  messages_per_second: 80",
    ...(scenario === null
      ? []
      : ["", "# How the simulator behaves.", "sandbox:", `  scenario: ${quoted(scenario)}`]),
  ];
  return `${lines.join("\n")}\n`;
}

function accountLines(account: NewManifest["account"]): string[] {
  if (account === null) {
    return ["# The built-in simulator: nothing goes to WhatsApp.", "account: sandbox"];
  }
  const { phoneNumberId, wabaId, baseUrl } = account;
  return [
    "# The token is in .env, never here.",
    "account:",
    `  phone_number_id: ${quoted(phoneNumberId)}`,
    `  waba_id: ${quoted(wabaId)}`,
    `  access_token: \${${TOKEN_VARIABLE}}`,
    ...(baseUrl === null ? [] : [`  base_url: ${quoted(baseUrl)}`]),
  ];
}

function templateComment(text: string): string[] {
  if (text === "") return [];
  return ["# The template reads:", ...text.split(/\r?\n/).map((line) => `#   ${line}`.trimEnd())];
}

/** A value as lines of YAML. */
function yamlLines(value: object, indent: string): string[] {
  const lines = escaped(yamlText(value)).trimEnd().split("\n");
  return lines.map((line) => `${indent}${line}`);
}

/** JSON's texts are YAML's in double quotes. */
function quoted(text: string): string {
  return escaped(JSON.stringify(text));
}

/** `$${` is a plain `${` in a manifest. */
function escaped(text: string): string {
  return text.replaceAll("${", () => "$${");
}

/** A policy with nothing but the place of the ledger. */
export function policyText(schema: string): string {
  return `# yaml-language-server: $schema=${schema}
# Rules for all campaigns in this folder and below; a manifest may only be stricter.

# Who was messaged and who opted out. Never delete or copy this file while it is in use.
ledger: data/ledger.sqlite

# At most two campaigns a person and week:
# cap: { most: 2, in: 7d }

# Only at these hours, by everybody's own clock:
# hours: { from: "09:00", to: "20:00", time_zone: recipient }
`;
}

/** What must not be committed: the token, and people's numbers. */
export const IGNORED = ".env\ndata/\n";

/** A campaign's name that a template and a day make. */
export function campaignName(template: string, day: string): string {
  const clean = template.replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 50);
  return `${clean === "" ? "campaign" : clean}-${day}`;
}
