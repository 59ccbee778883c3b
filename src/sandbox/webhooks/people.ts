// What people do once they have a message, or by themselves, as a webhook tells it: they follow a
// link, tap a button, write, turn marketing messages off and on. Shapes: Meta, messages and
// user_preferences references (2026-09), user_actions (2025-12). Decides nothing about who does it.

import { unreachable } from "../../domain/common/errors.ts";
import type { Scenario, ScenarioInbound } from "../scenario/scenario.ts";
import type { ContactNames, Update } from "./updates.ts";
import { aboutNumber, contactsOf } from "./updates.ts";

/** What a person can do with a message. */
export const ACTS = ["click", "tap", "stop_word", "stop", "resume"] as const;

export type Act = (typeof ACTS)[number];

/** A quick reply of a message. */
export interface Button {
  text: string;
  payload: string;
}

/** What people write who want no more of it. */
const STOP_WORD = "SAIR";
/** Tapped where the message has no quick reply of its own. */
const STOP_BUTTON: Button = { text: "Parar promoções", payload: "Parar promoções" };

/** A message that something is done with. */
interface Handled extends ContactNames {
  id: string;
  button?: Button | undefined;
}

/** The update that reports an act, which happened at `atMs`. */
export function actUpdate(act: Act, message: Handled, account: Scenario, atMs: number): Update {
  const { id } = message;
  switch (act) {
    case "click":
      return clickUpdate(id, account, atMs);
    case "tap": {
      const context = { from: account.display_phone_number.replace(/\D/g, ""), id };
      const more = { type: "button", button: message.button ?? STOP_BUTTON, context };
      return messageUpdate(message, { id: `${id}.tap`, more, account, atMs });
    }
    case "stop_word": {
      const more = { type: "text", text: { body: STOP_WORD } };
      return messageUpdate(message, { id: `${id}.text`, more, account, atMs });
    }
    case "stop":
    case "resume":
      return preferenceUpdate(message, act, account, atMs);
    default:
      return unreachable(act);
  }
}

/**
 * The update that reports an act without a message of ours; `id` is that of the person's message,
 * if it is one.
 */
export function inboundUpdate(
  { text, preference = "stop" }: ScenarioInbound,
  {
    person,
    id,
    account,
    atMs,
  }: { person: ContactNames; id: string; account: Scenario; atMs: number },
): Update {
  if (text === undefined) return preferenceUpdate(person, preference, account, atMs);
  return messageUpdate(person, { id, more: { type: "text", text: { body: text } }, account, atMs });
}

/** Meta names neither the message nor the person. */
function clickUpdate(id: string, account: Scenario, atMs: number): Update {
  const data = {
    click_component: "cta",
    click_id: `click-${id}`,
    product_id: "sandbox",
    tracking_token: `token-${id}`,
  };
  const action = {
    action_type: "marketing_messages_link_click",
    timestamp: seconds(atMs),
    marketing_messages_link_click_data: data,
  };
  return { field: "messages", value: { ...aboutNumber(account), user_actions: [action] } };
}

function messageUpdate(
  person: ContactNames,
  {
    id,
    more,
    account,
    atMs,
  }: { id: string; more: Record<string, unknown>; account: Scenario; atMs: number },
): Update {
  const { waId, userId } = person;
  const message = {
    ...(waId && { from: waId }),
    ...(userId && { from_user_id: userId }),
    id,
    timestamp: String(seconds(atMs)),
    ...more,
  };
  const value = { ...aboutNumber(account), contacts: contactsOf(person), messages: [message] };
  return { field: "messages", value };
}

function preferenceUpdate(
  person: ContactNames,
  wanted: "stop" | "resume",
  account: Scenario,
  atMs: number,
): Update {
  const { waId, userId } = person;
  const preference = {
    ...(waId && { wa_id: waId }),
    ...(userId && { user_id: userId }),
    detail: `User requested to ${wanted} marketing messages`,
    category: "marketing_messages",
    value: wanted,
    timestamp: seconds(atMs),
  };
  const contacts = contactsOf(person);
  const value = { ...aboutNumber(account), contacts, user_preferences: [preference] };
  return { field: "user_preferences", value };
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
