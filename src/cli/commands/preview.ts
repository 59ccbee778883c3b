// `campaign preview`: the exact request body of a row, and how the message reads. Nothing is sent
// or planned.

import { systemClock } from "../../clock/clock.ts";
import { inLanguage } from "../../domain/account/facts.ts";
import { armOf } from "../../domain/arms/split.ts";
import { callbackKey } from "../../domain/campaign/dispatch.ts";
import type { PlannedRow } from "../../domain/campaign/row.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import { plain } from "../../domain/common/plain.ts";
import type { ArmManifest } from "../../domain/manifest/arms-of-manifest.ts";
import {
  definitionOf,
  messagesOf,
  noArm,
  splitOf,
  templateNames,
  templateOfRow,
} from "../../domain/manifest/arms-of-manifest.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import type { CompiledMessage } from "../../domain/message/body.ts";
import { buildBody } from "../../domain/message/body.ts";
import { explainMessage } from "../../domain/message/preview.ts";
import type { TemplateDefinition } from "../../domain/message/template.ts";
import { isByRow } from "../../domain/message/template.ts";
import { GraphError } from "../../graph/calls.ts";
import { connectAccount } from "../account/account-facts.ts";
import { scenarioTemplates } from "../account/inner-sandbox.ts";
import type { Source } from "../campaign/source.ts";
import { openSource, planRow } from "../campaign/source.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { loadManifest } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import type { PinFlags } from "../files/pinned-list.ts";
import { pinList } from "../files/pinned-list.ts";
import { print, printJson, say } from "../print/print.ts";

/** Stands for the ledger and campaign ids, which only a planned campaign has. */
const PREVIEW_LEDGER = "preview";

/** Runs the command; gives its exit code. */
export async function preview(
  file: string,
  flags: { row?: number; arm?: string; json?: boolean } & PinFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = await loadManifest(file);
  await pinList(loaded, flags, context.stop);
  const definitions = await knownTemplates(loaded, context.stop);
  const source = await openSource({ ...loaded, definitions });
  const { manifest } = source.loaded;
  const arms = messagesOf(manifest);
  const asked = arms.findIndex(({ arm }) => arm === flags.arm);
  if (flags.arm !== undefined && asked < 0) {
    throw new OperatorError({ file: loaded.file, ...noArm(loaded.manifest, flags.arm) });
  }
  const planned = await findRow(source, flags.row);
  const { verdict } = planned;
  const to = planned.phone ?? planned.userId;
  if (verdict.kind === "skip" || to === null) {
    const detail = verdict.kind === "skip" ? `${verdict.reason}. ${verdict.detail}` : "";
    throw new OperatorError({
      file: source.shownAs,
      line: planned.line,
      message: `row ${planned.row} would not be sent to: ${detail}`,
      hint: `Fix the row, or choose another one with --row. \`campaign check ${file}\` says why rows are skipped.`,
    });
  }
  const at = Math.max(0, flags.arm === undefined ? armOfRow(manifest, planned) - 1 : asked);
  const message = source.message.messages[at] as CompiledMessage;
  const shown = arms[at] as ArmManifest;
  const body = buildBody(message, {
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
  const reads = explainMessage(message, verdict.values, {
    definition: definitionOf(templateOfRow(shown, verdict.values), definitions),
    now: systemClock.now(),
  });
  const ofArm = shown.arm === null ? "" : `, arm ${shown.arm}`;
  const where = planned.region ?? "region unknown";
  print(`row ${planned.row} (line ${planned.line}), ${where}${ofArm}\n`);
  printJson(request);
  print("");
  for (const line of reads.split("\n")) print(plain(line));
  say("Opt-outs and duplicates are not looked at here; `campaign check` does.");
  return EXIT.done;
}

/** The arm that a row would be in; 0: the rest, or there is no test. */
function armOfRow(manifest: Manifest, { person, userId }: PlannedRow): number {
  const split = splitOf(manifest);
  return split === undefined ? 0 : armOf(split, person ?? userId ?? "");
}

/** The templates' own words; without them the values are shown by their place. */
async function knownTemplates(
  loaded: LoadedManifest,
  stop: AbortSignal,
): Promise<TemplateDefinition[]> {
  if (loaded.manifest.account === "sandbox") return scenarioTemplates(loaded);
  const found: TemplateDefinition[] = [];
  const connection = await connectAccount(loaded, { stop });
  try {
    for (const { name, language } of templateNames(loaded.manifest)) {
      const all = await connection.account.listTemplates(name);
      const own = isByRow(language) ? all : [inLanguage(all, language)];
      const read = own.filter((one) => one !== null);
      found.push(...read.map(({ definition }) => definition));
      if (read.length === 0)
        say(`The words of template "${name}" are not known here: Meta has none of that name.`);
    }
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    say(`The template's own words are not known here: ${error.message}`);
  } finally {
    await connection.close();
  }
  return found;
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
    hint:
      wanted === undefined
        ? `\`campaign check ${source.loaded.file}\` says why rows are skipped.`
        : "Give another one with --row; rows count from 1, without the header.",
  });
}
