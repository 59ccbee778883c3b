// A process of the simulation: runs the seeds that it is sent, and answers with their sum.

import { MUTATIONS } from "./mutations.ts";
import { simulate } from "./simulate.ts";

/** Some seeds. */
export interface Block {
  from: number;
  seeds: number;
  /** Name of a mutation; undefined: none. */
  mutation: string | undefined;
}

// So that what it has on disk is removed.
for (const end of ["SIGINT", "SIGTERM", "disconnect"]) process.once(end, () => process.exit());

process.on("message", ({ from, seeds, mutation = "" }: Block) => {
  const made = MUTATIONS[mutation];
  const options = { from, seeds, ...(made !== undefined && { mutation: made }) };
  void simulate(options).then((summary) => process.send?.(summary));
});
