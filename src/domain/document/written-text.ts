// Writes values as YAML.

import { stringify } from "yaml";

/** A value as YAML: texts in double quotes, keys in quotes only where they must be. */
export function yamlText(value: object): string {
  const style = { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" } as const;
  return stringify(value, { ...style, lineWidth: 0 });
}
