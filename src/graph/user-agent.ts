// How this program names itself to a server: firewalls and gateways in front of Meta refuse requests without a name.

import { readFileSync } from "node:fs";

/** `mm-campaign/0.1.0`: name and version of the package. */
export function userAgent(): string {
  const file = new URL("../../package.json", import.meta.url);
  const { name, version } = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  return `${name}/${version}`;
}
