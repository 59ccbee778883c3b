// Sets the TTL of a template at Meta, and reads it back.

import { systemClock } from "../../clock/clock.ts";
import type { TemplateFacts } from "../../domain/account/facts.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import { count } from "../../domain/common/numbers.ts";
import { ttlText } from "../../domain/preflight/template-checks.ts";
import type { Account } from "../../graph/account.ts";
import { GraphError } from "../../graph/calls.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";

/** A change may be a moment on its way at Meta before it is read. */
const PROOF_TRIES = 3;

const PROOF_PAUSE_MS = 1_000;

/**
 * Sets the TTL of a template at Meta and reads it again, which is the proof.
 * @param seconds 43,200 to 2,592,000
 * @returns the template as it is afterwards
 * @throws GraphError when Meta refuses; OperatorError (exit 3) when the template has another TTL in
 * spite of a yes
 */
export async function applyTtl(
  account: Account,
  template: TemplateFacts,
  seconds: number,
): Promise<TemplateFacts> {
  const { name, language } = template.definition;
  let doubt: GraphError | undefined;
  try {
    await account.setTemplateTtl(template.id, seconds);
  } catch (error) {
    // The answer was lost, and the change may have been made: read it again.
    if (!(error instanceof GraphError) || error.fault !== "failed") throw error;
    doubt = error;
  }
  let before: TemplateFacts | undefined;
  for (let tries = 1; tries <= PROOF_TRIES; tries += 1) {
    if (tries > 1) await systemClock.sleep(PROOF_PAUSE_MS);
    const all = await account.listTemplates(name);
    before = all.find(({ id }) => id === template.id);
    if (before?.definition.message_send_ttl_seconds === seconds) return before;
  }
  if (doubt !== undefined) throw doubt;
  const has = before === undefined ? null : ttlOf(before);
  throw new OperatorError(
    {
      message: `Meta took the TTL of ${ttlText(seconds)} for template "${name}" (${language}), and the template has ${has ?? "none that can be read"}`,
      hint: "Look at the template in WhatsApp Manager: it may be in review, or be edited too often today.",
    },
    EXIT.halted,
  );
}

/** @throws OperatorError when the manifest does not say which account's */
export function requireWaba(loaded: LoadedManifest): void {
  const { account } = loaded.manifest;
  if (account === "sandbox" || account.waba_id !== undefined) return;
  throw new OperatorError({
    ...loaded.at(["account", "phone_number_id"]),
    message: "`account.waba_id` is left out: Meta cannot be asked for the account or its templates",
    hint: "Add the id of the WhatsApp Business Account; WhatsApp Manager shows it.",
  });
}

/** Null when not known. */
export function ttlOf({ definition }: TemplateFacts): string | null {
  const seconds = definition.message_send_ttl_seconds;
  if (seconds === undefined) return null;
  if (seconds === null) return "none of its own: Meta's default, 30 d";
  return `${ttlText(seconds)} (${count(seconds)} s)`;
}
