// The commands for editors and shells.

import type { Option } from "commander";
import { Argument } from "commander";
import type { Action, CommandEntry } from "./command-entry.ts";
import type { Shell } from "./commands/completion.ts";

const schema: Action = {
  name: "schema",
  description: "the JSON Schema of a manifest or of policy.yaml, for editors",
  arguments: [new Argument("[of]").choices(["manifest", "policy"]).default("manifest")],
  options: [],
  work: "reading",
  load: async () => (await import("./commands/schema.ts")).schema,
};

/**
 * The commands for editors and shells.
 * @param program every command, and the options that all of them take; asked once it is complete
 */
export function shellCommands(
  program: () => { commands: readonly CommandEntry[]; options: readonly Option[] },
): readonly CommandEntry[] {
  const completion: Action = {
    name: "completion",
    description: "a script that completes commands and options in a shell",
    arguments: [new Argument("<shell>").choices(["bash", "zsh", "fish"])],
    options: [],
    notes: `bash: eval "$(campaign completion bash)" in ~/.bashrc
zsh:  eval "$(campaign completion zsh)" in ~/.zshrc, after compinit
fish: campaign completion fish > ~/.config/fish/completions/campaign.fish`,
    work: "reading",
    async load() {
      const { completion } = await import("./commands/completion.ts");
      return (shell: Shell) => completion(program(), shell);
    },
  };
  return [schema, completion];
}
