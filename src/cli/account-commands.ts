// The commands about the account and the template at Meta.

import { Argument, type Command } from "commander";
import type { Context, Ends } from "./arguments.ts";
import { JSON_HELP } from "./arguments.ts";

export function addTemplate(program: Command, context: Context, ends: Ends): void {
  const template = program
    .command("template")
    .description("the manifest's template as Meta has it, and its TTL");
  template
    .command("show")
    .description("status, category, quality, TTL, languages, texts")
    .argument("<manifest>")
    .option("--json", JSON_HELP)
    .action(async (manifest: string, options) => {
      const { templateShow } = await import("./commands/template.ts");
      ends(await templateShow(manifest, options, context("reading")));
    });
  template
    .command("set-ttl")
    .description("set at Meta how long messages of the template are tried, and read it again")
    .argument("<manifest>")
    .argument("[ttl]", "12h to 30d, such as 24h; left out: template.ttl of the manifest")
    .option("--json", JSON_HELP)
    .action(async (manifest: string, ttl: string | undefined, options) => {
      const { templateSetTtl } = await import("./commands/template.ts");
      ends(await templateSetTtl(manifest, { ...options, ttl }, context()));
    });
}

export function addAccount(program: Command, context: Context, ends: Ends): void {
  const account = program
    .command("account")
    .description("the manifest's number and WhatsApp Business Account as Meta has them");
  account
    .command("show")
    .description("number, limits, onboarding and what it still needs, payment, health, token")
    .argument("<manifest>")
    .option("--json", JSON_HELP)
    .action(async (manifest: string, options) => {
      const { accountShow } = await import("./commands/account.ts");
      ends(await accountShow(manifest, options, context("reading")));
    });
  account
    .command("cloud-marketing")
    .description("whether the account's marketing templates may be sent by the Cloud API too")
    .addArgument(
      new Argument("<switch>", "off: only by the Marketing Messages API").choices(["on", "off"]),
    )
    .argument("<manifest>")
    .option("--yes", "do not ask")
    .option("--json", JSON_HELP)
    .action(async (wanted: "on" | "off", manifest: string, options) => {
      const { accountCloudMarketing } = await import("./commands/account.ts");
      ends(await accountCloudMarketing(wanted, manifest, options, context()));
    });
}
