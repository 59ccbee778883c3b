// Makes a new ledger only when a person asks for it: an empty one does not know who was messaged,
// nor who opted out.

import type { Problem } from "../../domain/common/errors.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import type { Finding } from "../../domain/preflight/finding.ts";
import { finding } from "../../domain/preflight/finding.ts";
import type { LedgerOptions } from "../../ledger/open.ts";
import { isLedgerAt, placeOf } from "../../ledger/open.ts";
import type { CommandContext } from "../context.ts";
import { agreed, canAsk } from "../process/ask.ts";

type Make = NonNullable<LedgerOptions["make"]>;

/**
 * Whether a command that writes may make the ledger where there is none: with --new-ledger, or with
 * a yes at a terminal.
 * @param isThere whether there is one, where that is known
 * @param isSandbox nothing is sent from it but to the simulator: it is made without a question,
 * where there is no file at all
 * @throws OperatorError when there is none, and none was asked for
 */
export async function agreeToMake(
  address: string,
  { options, stop }: Pick<CommandContext, "options" | "stop">,
  { isThere, isSandbox = false }: { isThere?: boolean; isSandbox?: boolean } = {},
): Promise<Make> {
  if (isThere ?? (await isLedgerAt(address))) return "never";
  if (options.newLedger === true) return "if_missing_or_empty";
  if (isSandbox) return "if_missing";
  const place = placeOf(address);
  const found = finding("new_ledger", null, place, { file: place });
  if (!canAsk()) throw new OperatorError(problemOfNew(found));
  if (await agreed(`${found.wrong} Make it?`, stop)) return "if_missing_or_empty";
  throw new OperatorError(
    { id: "not_agreed", message: "Nothing was done: you did not say yes.", hint: found.todo },
    EXIT.stopped,
  );
}

function problemOfNew({ id, level, wrong, todo }: Finding): Problem {
  return { id, message: `${level}: ${wrong} [${id}]`, hint: todo };
}
