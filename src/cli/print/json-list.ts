// A JSON document with a list of any length, written entry by entry in the same memory.

import { failureRecord } from "../failures.ts";
import { writeOutput } from "../files/output.ts";
import { documentBegins } from "./print.ts";

/**
 * Writes `{…head, key: […entries]}` on stdout.
 * @param head what the document has besides its list
 * @returns how many entries were written
 * @throws what `entries` throws, after the document has ended with its `error`
 */
export async function printJsonList(
  head: Readonly<Record<string, unknown>>,
  key: string,
  entries: AsyncIterable<unknown>,
): Promise<number> {
  return writeOutput(undefined, async (out) => {
    documentBegins();
    let lead = JSON.stringify({ ...head, [key]: [] }).slice(0, -2);
    let written = 0;
    try {
      for await (const entry of entries) {
        if (!(await out.write(`${lead}\n${JSON.stringify(entry)}`))) return written;
        written += 1;
        lead = ",";
      }
      await out.write(`${written === 0 ? lead : "\n"}]}\n`);
    } catch (error) {
      const failure = JSON.stringify(failureRecord(error));
      await out.write(`${written === 0 ? lead : "\n"}],"error":${failure}}\n`);
      throw error;
    }
    return written;
  });
}
