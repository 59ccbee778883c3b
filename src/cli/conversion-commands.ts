// The commands of what people ordered.

import { Argument, InvalidArgumentError, Option } from "commander";
import { JSON_OPTION } from "./arguments.ts";
import type { Group } from "./command-entry.ts";

function currency(text: string): string {
  if (/^[A-Za-z]{3}$/.test(text)) return text.toUpperCase();
  throw new InvalidArgumentError("A currency by its three letters is needed, such as BRL.");
}

/** Orders from files. */
export const CONVERSIONS: Group = {
  name: "conversions",
  description: "what people ordered, by which reports say what a campaign was worth",
  commands: [
    {
      name: "import",
      description: "add the orders of a CSV: person, instant, value, currency, order id",
      arguments: [new Argument("<file>")],
      options: [
        new Option(
          "--region <code>",
          "read numbers without country code as of this country, such as BR",
        ),
        new Option("--time-zone <zone>", "of instants that have none, such as America/Sao_Paulo"),
        new Option("--currency <code>", "of values without a column `currency`").argParser(
          currency,
        ),
        new Option("--skip-unreadable", "lines that cannot be read are no fault"),
        JSON_OPTION,
      ],
      notes: `Columns: order_id, ordered_at, value, currency, and phone, user_id or recipient_id (what the campaign's
list has in the column of recipients.id). An order that is known by its id is not counted twice; one that
changed counts as it is imported last. Lines that cannot be read are named with their column, and the
others are kept: fix them and import the file again. docs/tests.md says what follows from orders.`,
      work: "changing",
      load: async () => (await import("./commands/conversions.ts")).conversionsImport,
    },
  ],
};
