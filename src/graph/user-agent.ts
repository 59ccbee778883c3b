// How this program names itself to a server: firewalls and gateways in front of Meta refuse
// requests without a name.

import about from "../../package.json" with { type: "json" };

/** `mm-campaign/0.1.0`: name and version of the package. */
export function userAgent(): string {
  return `${about.name}/${about.version}`;
}
