// What a new project asks of Meta before it has a manifest: which accounts a token may use, and
// their numbers and templates.

import type { NumberFacts, TemplateFacts, TokenFacts } from "../domain/account/facts.ts";
import { listAllTemplates } from "./account.ts";
import type { CallsOptions } from "./calls.ts";
import { isNode, openCalls } from "./calls.ts";
import { NUMBER_FIELDS, readNumber, readToken } from "./facts.ts";
import { readList } from "./lists.ts";

/** The permission whose targets are the accounts that can be asked for. */
const MANAGEMENT = "whatsapp_business_management";

/** What a token opens. */
export interface SetupCalls {
  /**
   * The token, and the ids of the accounts that it names; null where it names none (GET
   * /debug_token, `granular_scopes`; Meta, debug token page, v25.0).
   * @throws GraphError
   */
  readToken(): Promise<TokenFacts & { accounts: string[] | null }>;
  /** The numbers of an account (GET /<WABA_ID>/phone_numbers). @throws GraphError */
  listNumbers(account: string): Promise<NumberFacts[]>;
  /** The templates of an account, up to 1,000. @throws GraphError */
  listTemplates(account: string): Promise<TemplateFacts[]>;
  /** Ends what is in flight. */
  close(): Promise<void>;
}

/** Opens a connection; no call is made yet. */
export function openSetup(options: CallsOptions): SetupCalls {
  const calls = openCalls(options);
  return {
    async readToken() {
      const answer = await calls.get("debug_token", { input_token: options.accessToken });
      return { ...readToken(answer), accounts: accountsIn(answer.data) };
    },
    async listNumbers(account) {
      const { items } = await readList(calls, `${encodeURIComponent(account)}/phone_numbers`, {
        ...{ wanted: NUMBER_FIELDS, what: "numbers" },
      });
      return items.flatMap(({ node }) =>
        isNode(node) && typeof node.id === "string" ? [readNumber(node, node.id)] : [],
      );
    },
    listTemplates: async (account) =>
      (await listAllTemplates(calls, encodeURIComponent(account))).templates,
    close: () => calls.close(),
  };
}

function accountsIn(data: unknown): string[] | null {
  const scopes = isNode(data) && Array.isArray(data.granular_scopes) ? data.granular_scopes : [];
  const ids = scopes
    .filter((one) => isNode(one) && one.scope === MANAGEMENT && Array.isArray(one.target_ids))
    .flatMap((one): unknown[] => one.target_ids)
    .filter((id): id is string => typeof id === "string");
  return ids.length === 0 ? null : [...new Set(ids)];
}
