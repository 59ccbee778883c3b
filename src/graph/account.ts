// Reads what Meta keeps of a sending number, its account and its templates, changes the settings
// that a campaign depends on, and uploads media. It judges nothing, and posts no message.

import { randomUUID } from "node:crypto";

import type { CreativeFeatures } from "../domain/account/creative.ts";
import { creativeSpec, readCreative } from "../domain/account/creative.ts";
import type {
  AccountFacts,
  NumberFacts,
  NumberReading,
  TemplateEdit,
  TemplateFacts,
  TemplateName,
  TemplateReading,
  TokenFacts,
  UnreadFact,
  WabaFacts,
} from "../domain/account/facts.ts";
import { inLanguage, languagesOf } from "../domain/account/facts.ts";
import { assert } from "../domain/common/errors.ts";
import { maxPriceSpec } from "../domain/cost/max-price.ts";
import type { Reach } from "../domain/cost/reach.ts";
import { REACH_INTERVAL, readReach } from "../domain/cost/reach.ts";
import { isByRow } from "../domain/message/template.ts";
import { isOfToken } from "../domain/sending/error-codes.ts";
import type { Calls, CallsOptions, GraphNode } from "./calls.ts";
import { GraphError, openCalls } from "./calls.ts";
import {
  NUMBER_FIELDS,
  readNumber,
  readTemplate,
  readToken,
  readWaba,
  TEMPLATE_FIELDS,
  WABA_FIELDS,
} from "./facts.ts";
import type { InsightCalls } from "./insights.ts";
import { insightCalls } from "./insights.ts";
import type { ListReading } from "./lists.ts";
import { getFields, LIST_MAX, PAGE_SIZE, readList } from "./lists.ts";

export interface AccountOptions extends CallsOptions {
  phoneNumberId: string;
  /** All sending numbers, that one being the first; left out: it is the only one. */
  phoneNumberIds?: readonly string[];
  /** Without it the account and its templates cannot be asked for. */
  wabaId?: string | undefined;
}

/** A file for a message's header. */
type MediaUpload = {
  /** Such as `image/jpeg`. */
  mime: string;
  filename: string;
} & ({ bytes: Uint8Array } | { stream: AsyncIterable<Uint8Array>; size: number });

/** The number, the account and the templates of one campaign at Meta. */
export interface Account extends InsightCalls {
  /**
   * Everything a check needs, in four calls made side by side, and one more for each further number
   * and name of a template. What is refused, or cannot be asked, is in `unread`.
   * @param what.templates at least one; all but the first are in `others`
   * @param what.now instant of the reading, ms
   * @returns never rejects for what the other side does
   */
  readFacts(what: { templates: readonly TemplateName[]; now: number }): Promise<AccountFacts>;
  /** The WhatsApp Business Account alone. @throws GraphError */
  readWaba(): Promise<WabaFacts>;
  /**
   * Every template of exactly this name, one a language.
   * @throws GraphError
   */
  listTemplates(name: string): Promise<TemplateFacts[]>;
  /**
   * Every template of the account, up to 1,000; `isWhole` is false when there are more.
   * @throws GraphError
   */
  listAllTemplates(): Promise<{ templates: TemplateFacts[]; isWhole: boolean }>;
  /**
   * What the account's creative optimisations are set to; null for an answer that cannot be read.
   * @throws GraphError
   */
  readCreative(): Promise<CreativeFeatures | null>;
  /**
   * Meta's estimate of what max prices reach in a country, over the last week.
   * @param region ISO alpha-2
   * @throws GraphError
   */
  readReach(region: string): Promise<Reach>;
  /**
   * Changes one thing of a template; read it again to see what came of it.
   * @throws GraphError
   */
  editTemplate(templateId: string, edit: TemplateEdit): Promise<void>;
  /**
   * Sets `disable_marketing_messages_on_cloud_api` of the account, for everybody who sends with it.
   * @throws GraphError
   */
  setCloudMarketing(disabled: boolean): Promise<void>;
  /**
   * Uploads a file; Meta keeps it for 30 days (Meta, media page, 2026-09).
   * @param phoneNumberId the number that it is for; left out: the first
   * @returns its id
   * @throws GraphError
   */
  uploadMedia(upload: MediaUpload, phoneNumberId?: string): Promise<string>;
  /** Ends what is in flight. */
  close(): Promise<void>;
}

/** Opens a connection; no call is made yet. */
export function openAccount(options: AccountOptions): Account {
  const calls = openCalls(options);
  const { phoneNumberId, phoneNumberIds = [phoneNumberId], accessToken } = options;
  const waba = () => options.wabaId ?? missingWaba();
  const readWabaFacts = async (): Promise<WabaFacts> => {
    const id = waba();
    const { node, asked } = await getFields(calls, id, WABA_FIELDS);
    return readWaba(node, id, asked);
  };
  const list = (name: string) => listTemplates(calls, waba(), name);
  return {
    ...insightCalls(calls, waba),
    async readFacts({ templates, now }) {
      const names = [...new Set(templates.map(({ name }) => name))];
      const numbers = phoneNumberIds.map((id) =>
        tryToRead("number", async () => {
          const { node } = await getFields(calls, id, NUMBER_FIELDS);
          return readNumber(node, id);
        }),
      );
      const readings = await Promise.all([
        Promise.all(numbers),
        tryToRead("waba", readWabaFacts),
        Promise.all(
          names.map((name) =>
            tryToRead("template", async () => withNames(await list(name), calls, waba())),
          ),
        ),
        tryToRead("token", async () =>
          // Meta has no other way to ask than with the token in the address; nothing here writes
          // addresses down.
          readToken(await calls.get("debug_token", { input_token: accessToken })),
        ),
      ]);
      return toFacts(readings, { phoneNumberIds, templates, names, now });
    },
    readWaba: readWabaFacts,
    listTemplates: async (name) => (await list(name)).templates,
    listAllTemplates: () => listAllTemplates(calls, waba()),
    async readCreative() {
      const { degrees_of_freedom_spec: spec } = await calls.get(waba(), {
        fields: "degrees_of_freedom_spec",
      });
      return readCreative(spec);
    },
    async readReach(region) {
      const targeting = { geo_locations: { countries: [region] } };
      const query = { targeting_spec: JSON.stringify(targeting), date_interval: REACH_INTERVAL };
      return readReach(await calls.get(`${waba()}/reachestimate`, query));
    },
    async editTemplate(templateId, edit) {
      await calls.post(encodeURIComponent(templateId), editBody(edit));
    },
    async setCloudMarketing(disabled) {
      await calls.post(waba(), { disable_marketing_messages_on_cloud_api: disabled });
    },
    async uploadMedia(upload, number = phoneNumberId) {
      const { id } = await calls.upload(`${number}/media`, multipart(upload));
      if (typeof id === "string" && id !== "") return id;
      throw new GraphError("Meta took the file and gave no id for it.", { fault: "failed" });
    },
    close: () => calls.close(),
  };
}

/** POST /<TEMPLATE_ID> (Meta: time-to-live, max price and send pages, 2026). */
function editBody(edit: TemplateEdit): GraphNode {
  if ("ttlSeconds" in edit) return { message_send_ttl_seconds: edit.ttlSeconds };
  if ("maxPrice" in edit) return { optimization_spec: maxPriceSpec(edit.maxPrice) };
  return { degrees_of_freedom_spec: creativeSpec(edit.creative) };
}

function missingWaba(): never {
  const sentence =
    "The account and its templates were not asked for: the id of the WhatsApp Business Account is not given.";
  throw new GraphError(sentence, { fault: "refused" });
}

type ReadResult<T> = { value: T; unread: null } | { value: null; unread: UnreadFact };

async function tryToRead<T>(
  part: UnreadFact["part"],
  read: () => Promise<T>,
): Promise<ReadResult<T>> {
  try {
    return { value: await read(), unread: null };
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    const { code, fault, message: sentence } = error;
    return { value: null, unread: { part, code, passes: fault !== "refused", sentence } };
  }
}

interface TemplateList {
  templates: TemplateFacts[];
  /** Of all templates, where none has the wanted name; null when they were not read. */
  names: string[] | null;
  /** False when there are more pages than are read. */
  isWhole: boolean;
}

function toFacts(
  [ofNumbers, waba, lists, token]: [
    ReadResult<NumberFacts>[],
    ReadResult<WabaFacts>,
    ReadResult<TemplateList>[],
    ReadResult<TokenFacts>,
  ],
  what: {
    phoneNumberIds: readonly string[];
    templates: readonly TemplateName[];
    /** Of the templates, each once, as in `lists`. */
    names: readonly string[];
    now: number;
  },
): AccountFacts {
  const { phoneNumberIds, templates, names, now } = what;
  const numbers = phoneNumberIds.map(
    (phoneNumberId, at): NumberReading => ({ phoneNumberId, facts: ofNumbers[at]?.value ?? null }),
  );
  const unread = ofNumbers.flatMap(({ unread }, at) =>
    unread === null
      ? []
      : [
          numbers.length === 1
            ? unread
            : { ...unread, phoneNumberId: phoneNumberIds[at] as string },
        ],
  );
  for (const { unread: one } of [waba, token]) if (one !== null) unread.push(one);
  const [first, ...others] = templates.map((asked): TemplateReading => {
    const list = lists[names.indexOf(asked.name)];
    const found = list?.value?.templates ?? [];
    const isWhole = list?.value?.isWhole === true;
    return {
      ...asked,
      template: inLanguage(found, asked.language),
      languages: isWhole ? languagesOf(found) : null,
      templateNames: list?.value?.names ?? null,
    };
  });
  assert(first !== undefined, "a campaign has a template");
  const isByRows = templates.some(({ language }) => isByRow(language));
  const variants = lists.flatMap(({ value }) => value?.templates ?? []);
  for (const [at, name] of names.entries()) {
    const { unread: one, value } = lists[at] as ReadResult<TemplateList>;
    const whose = at === 0 ? {} : { template: name };
    if (one !== null) unread.push({ ...one, ...whose });
    const isMissing = [first, ...others].some(
      (reading) => reading.name === name && reading.template === null,
    );
    if (value === null || value.isWhole || !isMissing) continue;
    const sentence = `More than ${LIST_MAX} templates have a similar name; this one was not among those that were read.`;
    unread.push({ part: "template", code: null, passes: false, sentence, ...whose });
  }
  // A server that answered one question has taken the token; a part may still be closed to it.
  const isTokenTaken = [...ofNumbers, waba, ...lists].some(({ value }) => value !== null);
  const isRefused = !isTokenTaken && unread.some(({ code }) => isOfToken(code));
  return {
    number: numbers[0]?.facts ?? null,
    numbers,
    waba: waba.value,
    template: first.template,
    languages: first.languages,
    templateNames: first.templateNames,
    ...(others.length > 0 && { others }),
    ...(isByRows && { variants }),
    token: isRefused ? { isValid: false, expiresAt: null, scopes: null } : token.value,
    unread: isRefused ? unread.filter(({ part }) => part !== "token") : unread,
    readAt: now,
  };
}

async function listTemplates(calls: Calls, waba: string, name: string): Promise<TemplateList> {
  const { items, isWhole } = await readList(calls, `${waba}/message_templates`, {
    ...{ wanted: TEMPLATE_FIELDS, query: { name }, what: "templates" },
  });
  // Meta's `name` is a search, not an equality (template management page, 2026-03).
  const templates = templatesIn(items).filter(({ definition }) => definition.name === name);
  return { templates, names: null, isWhole };
}

/** Every template of an account, up to `LIST_MAX`. @throws GraphError */
export async function listAllTemplates(
  calls: Calls,
  waba: string,
): Promise<{ templates: TemplateFacts[]; isWhole: boolean }> {
  const { items, isWhole } = await readList(calls, `${waba}/message_templates`, {
    ...{ wanted: TEMPLATE_FIELDS, what: "templates" },
  });
  return { templates: templatesIn(items), isWhole };
}

function templatesIn(items: ListReading["items"]): TemplateFacts[] {
  return items.flatMap(({ node, asked }) => readTemplate(node, asked) ?? []);
}

/**
 * With the names that the account has where the wanted one is missing: it may be misspelt. One more
 * call; none if it is refused.
 */
async function withNames(list: TemplateList, calls: Calls, waba: string): Promise<TemplateList> {
  if (list.templates.length > 0 || !list.isWhole) return list;
  try {
    const query = { fields: "name", limit: String(PAGE_SIZE) };
    const { data } = await calls.get(`${waba}/message_templates`, query);
    if (!Array.isArray(data)) return list;
    const names = data.flatMap((node: { name?: unknown } | null) =>
      typeof node?.name === "string" ? [node.name] : [],
    );
    return { ...list, names: [...new Set(names)] };
  } catch (error) {
    if (error instanceof GraphError) return list;
    throw error;
  }
}

/** POST /<PHONE_NUMBER_ID>/media takes a form with a file (Meta's OpenAPI v23.0, `uploadImage`). */
function multipart(upload: MediaUpload): Parameters<Calls["upload"]>[1] {
  const boundary = `campaign-${randomUUID()}`;
  const field = (name: string, value: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const mime = upload.mime.replace(/[^\x20-\x7e]/g, "");
  const filename = upload.filename.replace(
    /["\r\n]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
  const head = Buffer.from(
    field("messaging_product", "whatsapp") +
      field("type", mime) +
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n` +
      `Content-Type: ${mime}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const size = "bytes" in upload ? upload.bytes.length : upload.size;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    size: head.length + size + tail.length,
    chunks: (async function* () {
      yield head;
      if ("bytes" in upload) yield upload.bytes;
      else yield* upload.stream;
      yield tail;
    })(),
  };
}
