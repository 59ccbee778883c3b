// Finds Debian's Chromium for the tests in a browser, and installs it where it is missing and may
// be.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where distributions put it; CHROMIUM names another one. */
const PLACES = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
/** Several test files may want it at once, and apt has one lock. */
const LOCK = join(tmpdir(), "chromium.lock");
const INSTALL_MS_MAX = 300_000;

/** The browser's path, or the word for why there is none. */
export function findChromium(): { path: string } | { missing: string } {
  const found = PLACES.find((path) => path !== undefined && existsSync(path));
  if (found !== undefined) return { path: found };
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    return { missing: "no Chromium here, and only root can install it" };
  }
  try {
    // The lists of a fresh image are empty.
    const install =
      "command -v chromium || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; }";
    execFileSync("flock", [LOCK, "sh", "-c", install], {
      stdio: "ignore",
      timeout: INSTALL_MS_MAX,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  } catch {
    return { missing: "no Chromium here, and apt-get could not install it" };
  }
  const installed = PLACES.find((path) => path !== undefined && existsSync(path));
  return installed === undefined ? { missing: "no Chromium here" } : { path: installed };
}
