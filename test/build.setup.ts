// Builds the program once before the tests, since some of them run it as people do.
import { execFileSync } from "node:child_process";

export function setup(): void {
  if (process.env.SKIP_BUILD === "1") return;
  execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit" });
}
