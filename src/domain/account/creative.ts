// Creative optimisations: what Meta may change in a message by itself. Their names, and the three
// shapes in which Meta writes them. No I/O.

/**
 * The features that can be switched (Meta, send marketing messages page, 2026). Meta adds new ones,
 * so others are read and shown too.
 */
export const CREATIVE_FEATURES: readonly string[] = [
  "image_brightness_and_contrast",
  "image_touchups",
  "add_text_overlay",
  "image_animation",
  "image_background_gen",
  "auto_promotion_tag",
  "text_extraction_for_headline",
  "text_extraction_for_tap_target",
  "product_extensions",
  "text_formatting_optimization",
];

/** A feature's name in small letters → OPT_IN, OPT_OUT, or another word of Meta's. */
export type CreativeFeatures = Readonly<Record<string, string>>;

/**
 * Reads `degrees_of_freedom_spec` in each of its shapes (Meta, send marketing messages page, 2026):
 * - as it is posted: `{creative_features_spec: {image_touchups: {enroll_status: "OPT_OUT"}}}`
 * - as a template answers: `{creative_features_spec: [{key: "IMAGE_TOUCHUPS", value: {…}}]}`
 * - as an account answers: `{data: [{creative_features_spec: [{image_touchups: "OPT_IN"}]}]}`
 * @param spec undefined or null where Meta leaves it out: nothing is set
 * @returns null for what is none of them: not known
 */
export function readCreative(spec: unknown): CreativeFeatures | null {
  if (spec === undefined || spec === null) return {};
  if (!isRecord(spec)) return null;
  const parts = Array.isArray(spec.data) ? spec.data : [spec];
  const read: Record<string, string> = {};
  for (const part of parts) {
    const features = isRecord(part) ? part.creative_features_spec : undefined;
    if (features === undefined || features === null) {
      // An account may answer with an empty list.
      if (isRecord(part) && Object.keys(part).length === 0) continue;
      return null;
    }
    for (const [feature, status] of entriesOf(features)) {
      const word = isRecord(status) ? status.enroll_status : status;
      if (typeof word !== "string") return null;
      read[feature.toLowerCase()] = word.toUpperCase();
    }
  }
  return read;
}

/** `degrees_of_freedom_spec` as templates and accounts take it. */
export function creativeSpec(features: CreativeFeatures): Record<string, unknown> {
  const spec = Object.entries(features).map(([feature, status]) => [
    feature,
    { enroll_status: status },
  ]);
  return { creative_features_spec: Object.fromEntries(spec) };
}

/**
 * `out: image_touchups, image_animation; in: product_extensions`.
 * @param byDefault what none of them means: on at a template, and off at an account since
 * 2026-04-21 (Meta, send marketing messages page and changelog, 2026)
 */
export function creativeText(features: CreativeFeatures, byDefault: "on" | "off" = "on"): string {
  const byStatus = new Map<string, string[]>();
  for (const [feature, status] of Object.entries(features)) {
    const word = status.replace(/^OPT_/, "").toLowerCase();
    byStatus.set(word, [...(byStatus.get(word) ?? []), feature]);
  }
  const parts = [...byStatus].sort(([a], [b]) => (a > b ? -1 : 1));
  if (parts.length === 0) return `none set: ${byDefault}, by Meta's default`;
  return parts.map(([status, names]) => `${status}: ${names.sort().join(", ")}`).join("; ");
}

/** Features of which a template and its account say two things. */
export function creativeConflicts(template: CreativeFeatures, account: CreativeFeatures): string[] {
  return Object.keys(template).filter((feature) => {
    const other = account[feature];
    return other !== undefined && other !== template[feature];
  });
}

const UNREAD: [feature: string, status: unknown] = ["", undefined];

/** The pairs of an object, of a list of such, or of a list of keys with values. */
function entriesOf(features: unknown): [feature: string, status: unknown][] {
  if (isRecord(features)) return Object.entries(features);
  if (!Array.isArray(features)) return [UNREAD];
  return features.flatMap((one): [string, unknown][] => {
    if (!isRecord(one)) return [UNREAD];
    return typeof one.key === "string" ? [[one.key, one.value]] : Object.entries(one);
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
