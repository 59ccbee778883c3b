// `campaign preview`: the exact request body of a row, and how the message reads. Nothing is sent
// or planned.

import { systemClock } from "../../clock/clock.ts";
import { inLanguage } from "../../domain/account/facts.ts";
import { callbackKey } from "../../domain/campaign/dispatch.ts";
import type { PlannedRow } from "../../domain/campaign/row.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import { plain } from "../../domain/common/plain.ts";
import { buildBody } from "../../domain/message/body.ts";
import { explainMessage } from "../../domain/message/preview.ts";
import type { TemplateDefinition } from "../../domain/message/template.ts";
import { GraphError } from "../../graph/calls.ts";
import { connectAccount } from "../account/account-facts.ts";
import { knownTemplate } from "../account/inner-sandbox.ts";
import type { Source } from "../campaign/source.ts";
import { openSource, planRow } from "../campaign/source.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { loadManifest } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { print, printJson, say } from "../print/print.ts";

/** Stands for the ledger and campaign ids, which only a planned campaign has. */
const PREVIEW_LEDGER = "preview";

/** Runs the command; gives its exit code. */
export async function preview(
  file: string,
  flags: { row?: number; json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = await loadManifest(file);
  const definition = knownTemplate(loaded) ?? (await templateAtMeta(loaded, context.stop));
  const source = await openSource({ ...loaded, definition });
  const { manifest } = source.loaded;
  const planned = await findRow(source, flags.row);
  const { verdict } = planned;
  const to = planned.phone ?? planned.userId;
  if (verdict.kind === "skip" || to === null) {
    const detail = verdict.kind === "skip" ? `${verdict.reason}. ${verdict.detail}` : "";
    throw new OperatorError({
      file: source.shownAs,
      line: planned.line,
      message: `row ${planned.row} would not be sent to: ${detail}`,
    });
  }
  const body = buildBody(source.message, {
    to,
    values: verdict.values,
    ...(manifest.delivery.callback_key && {
      callbackKey: callbackKey({
        ledger: PREVIEW_LEDGER,
        campaign: 0,
        row: planned.row,
        attempt: 1,
      }),
    }),
  });
  const request: unknown = JSON.parse(body);
  if (flags.json) {
    printJson(request);
    return EXIT.done;
  }
  const reads = explainMessage(source.message, verdict.values, {
    definition,
    now: systemClock.now(),
  });
  print(`row ${planned.row} (line ${planned.line}), ${planned.region ?? "region unknown"}\n`);
  printJson(request);
  print("");
  for (const line of reads.split("\n")) print(plain(line));
  say("Opt-outs and duplicates are not looked at here; `campaign check` does.");
  return EXIT.done;
}

/** The template's own words; without them the values are shown by their place. */
async function templateAtMeta(
  loaded: LoadedManifest,
  stop: AbortSignal,
): Promise<TemplateDefinition | undefined> {
  if (loaded.manifest.account === "sandbox") return undefined;
  const { name, language } = loaded.manifest.template;
  const connection = await connectAccount(loaded, { stop });
  let why = "Meta has none of that name.";
  try {
    const template = inLanguage(await connection.account.listTemplates(name), language);
    if (template !== null) return template.definition;
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    why = error.message;
  } finally {
    await connection.close();
  }
  say(`The template's own words are not known here: ${why}`);
  return undefined;
}

/** The row asked for, or the first that would be sent. */
async function findRow(source: Source, wanted: number | undefined): Promise<PlannedRow> {
  let rows = 0;
  for await (const batch of source.csv.rows()) {
    for (const row of batch) {
      rows = row.row;
      if (wanted !== undefined && row.row !== wanted) continue;
      const planned = planRow(source, row);
      if (wanted !== undefined || planned.verdict.kind === "send") return planned;
    }
  }
  throw new OperatorError({
    file: source.shownAs,
    message:
      wanted === undefined
        ? "no row would be sent to"
        : `there is no row ${wanted}: the file has ${plural(rows, "data row")}`,
  });
}
