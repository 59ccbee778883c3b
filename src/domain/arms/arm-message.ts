// The message of an arm: that of the campaign, with the keys that the arm has otherwise.

import type { MessageSource } from "../message/body.ts";
import type { TemplateBinding } from "../message/template.ts";

/** What an arm has otherwise; the whole value of a key is replaced, and `off` takes it away. */
export interface ArmChanges {
  template?: Readonly<Record<string, unknown>> | undefined;
  delivery?: Readonly<Record<string, unknown>> | undefined;
}

/** What the Cloud API knows nothing of (facts of Meta's send pages, 2026-09). */
const OF_MARKETING = ["product_policy", "message_activity_sharing", "bid_multiplier"] as const;

/** The campaign's message as an arm has it; anything else in it stays. */
export function withArm<M extends MessageSource>(source: M, { template, delivery }: ArmChanges): M {
  const api = delivery?.api === "cloud" ? ("cloud" as const) : undefined;
  const sent = merged(source.delivery, { ...delivery, api });
  if (api !== undefined) for (const key of OF_MARKETING) delete sent[key];
  return {
    ...source,
    template: merged(source.template, template) as unknown as TemplateBinding,
    delivery: sent as unknown as MessageSource["delivery"],
  };
}

function merged(base: object, changes: Readonly<Record<string, unknown>> = {}) {
  const all: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    if (value === "off") delete all[key];
    else if (value !== undefined) all[key] = value;
  }
  return all;
}

/** The path of the campaign's message that an arm has otherwise, or of the arm where it has not. */
export function pathInArm(
  name: string,
  { template, delivery }: ArmChanges,
  path: readonly (string | number)[],
): readonly (string | number)[] {
  const [section, key] = path;
  const own = section === "template" ? template : section === "delivery" ? delivery : undefined;
  const isOwn = own !== undefined && typeof key === "string" && own[key] !== undefined;
  return isOwn ? ["test", "arms", name, ...path] : path;
}
