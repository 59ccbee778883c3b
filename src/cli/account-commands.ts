// The commands about the account and the template at Meta.

import { Argument, Option } from "commander";
import { CREATIVE_FEATURES } from "../domain/account/creative.ts";
import { JSON_OPTION, MANIFEST, YES } from "./arguments.ts";
import type { Group } from "./command-entry.ts";

const LANGUAGE = new Option(
  "--language <code>",
  "the template in this language; needed where each row gives the language",
);

/** The template at Meta. */
export const TEMPLATE: Group = {
  name: "template",
  description:
    "the templates of the account as Meta has them; TTL, max price and optimisations of one",
  commands: [
    {
      name: "list",
      description: "every template of the account: category, status, quality and variables",
      arguments: [MANIFEST],
      options: [JSON_OPTION],
      work: "reading",
      load: async () => (await import("./commands/template-list.ts")).templateList,
    },
    {
      name: "show",
      description: "status, category, quality, TTL, max price, optimisations, languages, texts",
      arguments: [MANIFEST],
      options: [LANGUAGE, JSON_OPTION],
      work: "reading",
      load: async () => (await import("./commands/template.ts")).templateShow,
    },
    {
      name: "set-ttl",
      description: "set at Meta how long messages of the template are tried, and read it again",
      arguments: [
        MANIFEST,
        new Argument("[ttl]", "12h to 30d, such as 24h; left out: template.ttl of the manifest"),
      ],
      options: [LANGUAGE, JSON_OPTION],
      work: "changing",
      load: async () => (await import("./commands/template.ts")).templateSetTtl,
    },
    {
      name: "set-max-price",
      description: "set at Meta what a delivered message may cost at most, and read it again",
      arguments: [
        MANIFEST,
        new Argument("<amount>", "of one message, in the account's currency, such as 0.06USD"),
      ],
      options: [LANGUAGE, YES, JSON_OPTION],
      work: "changing",
      load: async () => (await import("./commands/template-settings.ts")).templateSetMaxPrice,
    },
    {
      name: "optimise",
      description: "switch off or on what Meta may change in the template's messages by itself",
      arguments: [MANIFEST],
      options: [
        new Option("--opt-out <feature...>", "switch these off"),
        new Option("--opt-in <feature...>", "switch these on"),
        LANGUAGE,
        JSON_OPTION,
      ],
      notes: `Features: ${CREATIVE_FEATURES.join(", ")}.`,
      work: "changing",
      load: async () => (await import("./commands/template-settings.ts")).templateOptimise,
    },
  ],
};

/** The sending number and its account at Meta. */
export const ACCOUNT: Group = {
  name: "account",
  description: "the manifest's number and WhatsApp Business Account as Meta has them",
  commands: [
    {
      name: "show",
      description: "number, limits, onboarding and what it still needs, payment, health, token",
      arguments: [MANIFEST],
      options: [JSON_OPTION],
      work: "reading",
      load: async () => (await import("./commands/account.ts")).accountShow,
    },
    {
      name: "insights",
      description: "let Meta count what becomes of messages, by template and day; for good",
      arguments: [
        new Argument("<switch>", "there is no way to switch it off").choices(["on"]),
        MANIFEST,
      ],
      options: [YES, JSON_OPTION],
      work: "changing",
      load: async () => (await import("./commands/account.ts")).accountInsights,
    },
    {
      name: "cloud-marketing",
      description: "whether the account's marketing templates may be sent by the Cloud API too",
      arguments: [
        new Argument("<switch>", "off: only by the Marketing Messages API").choices(["on", "off"]),
        MANIFEST,
      ],
      options: [YES, JSON_OPTION],
      work: "changing",
      load: async () => (await import("./commands/account.ts")).accountCloudMarketing,
    },
  ],
};
