// What a template needs from a list: every value that a message must fill, as the template has it
// at Meta, and the manifest's `template` once each of them is known.

import type {
  ButtonBinding,
  CardBinding,
  HeaderBinding,
  MediaBinding,
  TemplateBinding,
  TemplateButton,
  TemplateComponent,
  TemplateDefinition,
} from "../message/template.ts";
import { componentOf, MEDIA_KEYS, placeholdersOf } from "../message/template.ts";

/** One value that a message of a template must fill. */
export interface Need {
  /** What a person calls it: `body.1`, `header.image`, `button.0`, `card.2.body.1`. */
  key: string;
  /** `media` is a file or a link, `instant` a moment, `fixed` seldom differs by row. */
  kind: "text" | "media" | "suffix" | "code" | "instant" | "fixed" | "products" | "section";
  /** The variable's name in its text; null of what is no variable. */
  variable: string | null;
  /** The text that it stands in; empty where there is none. */
  text: string;
  /** What was given as an example when the template was made; empty without one. */
  example: string;
}

/** Gives the value of a need: Liquid over the columns of a row. */
type Fill = (need: Need) => string;

/** What a template needs, in the order in which a person reads it. */
export function needsOf(definition: TemplateDefinition): Need[] {
  const needs: Need[] = [];
  bindTemplate(definition, (need) => {
    needs.push(need);
    return "";
  });
  return needs;
}

/** A template's binding; `fill` is asked once for every need, in the order of `needsOf`. */
export function bindTemplate(definition: TemplateDefinition, fill: Fill): TemplateBinding {
  const { name, language, components } = definition;
  const isNamed = definition.parameter_format === "NAMED";
  const top = bindParts(components, { prefix: "", isNamed, fill });
  const offer = componentOf(components, "LIMITED_TIME_OFFER")?.limited_time_offer;
  const expires =
    offer?.has_expiration === true
      ? fill({
          ...NONE,
          key: "offer.expires",
          kind: "instant",
          text: offer.text ?? "",
        })
      : undefined;
  const cards = componentOf(components, "CAROUSEL")?.cards?.map((card, at) =>
    bindParts(card.components, { prefix: `card.${at + 1}.`, isNamed, fill }),
  );
  return {
    name,
    language,
    ...top,
    ...(expires !== undefined && { limited_time_offer: { expires } }),
    ...(cards !== undefined && { carousel: { cards } }),
  };
}

const NONE = { variable: null, text: "", example: "" } as const;

interface Scope {
  prefix: string;
  isNamed: boolean;
  fill: Fill;
}

function bindParts(components: readonly TemplateComponent[], scope: Scope): CardBinding {
  const header = bindHeader(componentOf(components, "HEADER"), scope);
  const body = bindBody(componentOf(components, "BODY"), scope);
  const buttons = (componentOf(components, "BUTTONS")?.buttons ?? []).flatMap((button, index) =>
    bindButton(button, index, scope),
  );
  return {
    ...(header !== undefined && { header }),
    ...(body !== undefined && { body }),
    ...(buttons.length > 0 && { buttons }),
  };
}

function bindHeader(
  component: TemplateComponent | undefined,
  { prefix, isNamed, fill }: Scope,
): HeaderBinding | undefined {
  if (component === undefined) return undefined;
  const format = (component.format ?? "TEXT").toLowerCase();
  const ask = (key: string, kind: Need["kind"]): string =>
    fill({ ...NONE, key: `${prefix}header.${key}`, kind });
  if (format === "text") {
    const text = component.text ?? "";
    const [variable] = placeholdersOf(text);
    if (variable === undefined) return undefined;
    const example = exampleOf(component, "header_text", variable);
    const need = { key: `${prefix}header.${variable}`, kind: "text", variable, text } as const;
    const value = fill({ ...need, example });
    return { text: isNamed ? { [variable]: value } : value };
  }
  if (format === "location") {
    const [latitude, longitude] = [ask("latitude", "fixed"), ask("longitude", "fixed")];
    const [name, address] = [ask("name", "fixed"), ask("address", "fixed")];
    return { location: { latitude, longitude, name, address } };
  }
  if (format === "product") {
    const product_retailer_id = ask("product_retailer_id", "fixed");
    return { product: { product_retailer_id, catalog_id: ask("catalog_id", "fixed") } };
  }
  const media = MEDIA_KEYS.find((key) => key === format);
  return media === undefined ? undefined : { [media]: mediaOf(ask(media, "media")) };
}

/** A link, the id of what was uploaded before, or a file beside the manifest. */
function mediaOf(value: string): MediaBinding {
  if (/^\d{5,}$/.test(value)) return { id: value };
  return /^https?:|\{[{%]/.test(value) || value === "" ? { link: value } : { file: value };
}

function bindBody(
  component: TemplateComponent | undefined,
  { prefix, isNamed, fill }: Scope,
): CardBinding["body"] {
  const text = component?.text ?? "";
  const found = placeholdersOf(text);
  if (component === undefined || found.length === 0) return undefined;
  const names = isNamed ? found : found.toSorted((a, b) => Number(a) - Number(b));
  const filled = names.map((variable): [string, string] => {
    const example = exampleOf(component, "body_text", variable);
    const need = { key: `${prefix}body.${variable}`, kind: "text", variable, text } as const;
    return [variable, fill({ ...need, example })];
  });
  return isNamed ? Object.fromEntries(filled) : filled.map(([, value]) => value);
}

function bindButton(
  button: TemplateButton,
  index: number,
  { prefix, fill }: Scope,
): ButtonBinding[] {
  const key = `${prefix}button.${index}`;
  const [given = ""] = [button.example ?? ""].flat();
  switch (button.type.toUpperCase()) {
    case "URL": {
      const url = button.url ?? "";
      const [variable] = placeholdersOf(url);
      if (variable === undefined) return [];
      // The example of a URL is the whole address.
      const start = url.slice(0, url.indexOf("{{"));
      const example = given.startsWith(start) ? given.slice(start.length) : given;
      const value = fill({ key, kind: "suffix", variable, text: url, example });
      return [{ index, url: /^\d+$/.test(variable) ? value : { [variable]: value } }];
    }
    case "COPY_CODE": {
      const need = { ...NONE, key, kind: "code", text: button.text ?? "" } as const;
      return [{ index, copy_code: fill({ ...need, example: given }) }];
    }
    // One section: a person who wants more of them adds them to the manifest.
    case "MPM": {
      const need = { ...NONE, text: button.text ?? "" };
      const items = fill({ ...need, key: `${key}.products`, kind: "products" });
      const title = fill({ ...need, key: `${key}.title`, kind: "section" });
      const shown = fill({ ...need, key: `${key}.thumbnail`, kind: "fixed" });
      return [
        {
          ...{ index },
          products: { thumbnail_product_retailer_id: shown, sections: [{ title, items }] },
        },
      ];
    }
    case "FLOW":
      return [{ index, flow: {} }];
    default:
      return [];
  }
}

/**
 * `example` of a component, in its counted and its named form (Meta, template components page,
 * 2026-06).
 */
function exampleOf(
  component: TemplateComponent,
  of: "header_text" | "body_text",
  variable: string,
): string {
  const { example } = component as { example?: Record<string, unknown> };
  const named = example?.[`${of}_named_params`];
  if (Array.isArray(named)) {
    const found = named.find((one) => one?.param_name === variable)?.example;
    return typeof found === "string" ? found : "";
  }
  const counted = example?.[of];
  const list = Array.isArray(counted) && Array.isArray(counted[0]) ? counted[0] : counted;
  const found = Array.isArray(list) ? list[Number(variable) - 1] : undefined;
  return typeof found === "string" ? found : "";
}
