// `campaign init`: asks what a campaign needs, writes the files of a project, makes its ledger, and
// checks the campaign. Nothing is written before the last answer, and nothing over a file.

import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";

import { systemClock } from "../../clock/clock.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, OperatorError, throwIfStopped } from "../../domain/common/errors.ts";
import { GRAPH_URL } from "../../domain/manifest/manifest-account.ts";
import { componentOf } from "../../domain/message/template.ts";
import type { NewManifest } from "../../domain/setup/project-text.ts";
import {
  campaignName,
  IGNORED,
  manifestText,
  policyText,
  TOKEN_VARIABLE,
} from "../../domain/setup/project-text.ts";
import { isLedgerAt, openLedgerAt, placeOf } from "../../ledger/open.ts";
import { defaultScenario } from "../../sandbox/scenario/scenario.ts";
import { loadScenario } from "../account/inner-sandbox.ts";
import { ledgerAddress } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import type { Project } from "../files/project.ts";
import { openProject, preparePolicy } from "../files/project.ts";
import { shownPath } from "../files/shown-path.ts";
import { readText } from "../files/text-file.ts";
import { isJson, print, printJson, say, warn } from "../print/print.ts";
import { keepSecret } from "../print/redact.ts";
import { SANDBOX_WORDS } from "../print/summary.ts";
import type { AccountWishes, ChosenAccount } from "../setup/account-choice.ts";
import { chooseAccount, connectMeta, connectSandbox } from "../setup/account-choice.ts";
import type { ListWishes } from "../setup/list-choice.ts";
import { chooseBinding, chooseWho, sampleList } from "../setup/list-choice.ts";
import type { NewFile } from "../setup/project-files.ts";
import { refuseExisting, writeNew } from "../setup/project-files.ts";
import type { Questions } from "../setup/questions.ts";
import { startQuestions } from "../setup/questions.ts";
import { exampleFile, schemaFile } from "../setup/shipped.ts";

const CAMPAIGNS = "campaigns";
/** Where the example that comes with the program lies, and how much of its list is enough. */
const EXAMPLE = { list: "spring.csv", scenario: "spring.sandbox.yaml", rows: 120 };
/** What the example's own manifest says. */
const EXAMPLE_ANSWERS: InitFlags = {
  campaign: "spring-try",
  phone: "phone",
  region: "BR",
  bind: [
    "header.image=https://example.com/spring.jpg",
    "body.1=first_name",
    "body.2=coupon",
    "button.0=coupon",
  ],
  default: ["body.1=você"],
};

/** What may be given instead of an answer. */
export interface InitFlags extends AccountWishes, ListWishes {
  sandbox?: boolean;
  list?: string;
  tokenFile?: string;
  baseUrl?: string;
  campaign?: string;
  manifest?: string;
  yes?: boolean;
  json?: boolean;
}

/** Checks a campaign, as `campaign check` does. */
type Check = (file: string, flags: object, context: CommandContext) => Promise<ExitCode>;

/** Runs the command; gives the exit code of its check. */
export async function init(
  given: InitFlags,
  context: CommandContext,
  check: Check,
): Promise<ExitCode> {
  const isExample = given.sandbox === true && given.list === undefined;
  const flags = isExample ? { ...EXAMPLE_ANSWERS, ...given } : given;
  if (flags.sandbox) say(SANDBOX_WORDS);
  const questions = startQuestions(context.stop, flags.yes === true || isExample);
  let made: Made;
  try {
    made = await askAll(flags, { questions, isExample });
  } finally {
    questions.close();
  }
  throwIfStopped(context.stop, "nothing was written");
  writeNew(made.files);
  sayUnignored(made.files);
  const ledger = await makeLedger(made.manifest, context);
  const next = `campaign ${flags.sandbox ? "" : "preview "}${shownPath(made.manifest)}`;
  if (isJson()) {
    const written = made.files.map(({ path }) => shownPath(path));
    printJson({ manifest: shownPath(made.manifest), written, ledger, next });
    return EXIT.done;
  }
  print(made.files.map(({ path }) => `wrote ${shownPath(path)}`).join("\n"));
  print("");
  const code = await check(shownPath(made.manifest), {}, context);
  print("");
  if (code !== EXIT.done) {
    print(`Correct what is listed, then: campaign check ${shownPath(made.manifest)}`);
  } else if (flags.sandbox) print(`Next: ${next}`);
  else print(`Next: ${next} shows the message of the first person; nothing is sent.`);
  return code;
}

/** A `.gitignore` that was there already may let the token be committed. */
function sayUnignored(files: readonly NewFile[]): void {
  const env = files.find(({ isSecret }) => isSecret === true);
  const ignore = env === undefined ? undefined : join(dirname(env.path), ".gitignore");
  if (ignore === undefined || files.some(({ path }) => path === ignore)) return;
  const lines = readText(ignore, "a list of ignored files").split(/\r?\n/);
  if (lines.some((line) => /^\/?(\.env|\.env\*|\*\.env)$/.test(line.trim()))) return;
  warn(".gitignore does not name .env, which has the token now: add a line .env to it");
}

/** What is to be written. */
interface Made {
  files: NewFile[];
  /** The manifest's path. */
  manifest: string;
}

async function askAll(
  flags: InitFlags,
  { questions, isExample }: { questions: Questions; isExample: boolean },
): Promise<Made> {
  await preparePolicy();
  const project = openProject();
  const root = project.policy === null ? process.cwd() : dirname(project.policy.file);
  const isSandbox = flags.sandbox === true;
  if (flags.manifest !== undefined) refuseManifest(flags.manifest);
  const token = isSandbox ? null : await askToken(flags, project, questions);
  const list = isExample ? exampleFile(EXAMPLE.list) : await askList(flags, questions);
  const scenario = isExample ? loadScenario(exampleFile(EXAMPLE.scenario)) : defaultScenario();
  // Read first: a list that cannot be read needs no account.
  const sample = list === undefined ? undefined : await sampleList(list);
  questions.settle();
  const baseUrl = flags.baseUrl ?? GRAPH_URL;
  const calls = isSandbox
    ? await connectSandbox(scenario, questions.stop)
    : connectMeta(baseUrl, token?.value as string, questions.stop);
  let chosen: ChosenAccount | undefined;
  try {
    chosen = await chooseAccount(calls, flags, questions);
  } finally {
    await calls.close();
  }
  questions.settle();
  const { wabaId, number, template } = chosen as ChosenAccount;
  const { definition } = template;
  if (!isExample) say(`\nTemplate ${definition.name} (${definition.language})`);
  const from = sample as NonNullable<typeof sample>;
  const ownNumber = isSandbox ? null : number.displayPhoneNumber;
  const who = await chooseWho(from, flags, { ownNumber, questions });
  if (who === undefined) questions.settle();
  const asked = { who: who as NonNullable<typeof who>, isSandbox, questions };
  const binding = await chooseBinding(definition, from, flags, asked);
  const fileOf = (name: string) => join(root, CAMPAIGNS, `${name}.yaml`);
  const campaign = await questions.ask<string>(
    {
      text: "Name of the campaign",
      option: "--campaign <name>",
      proposed: campaignName(
        definition.name,
        new Date(systemClock.now()).toISOString().slice(0, 7),
      ),
      isSure: true,
      read: (answer) => readName(answer, flags.manifest === undefined ? fileOf : undefined),
    },
    flags.campaign,
  );
  questions.settle();
  const manifest = resolve(flags.manifest ?? fileOf(campaign as string));
  refuseExisting([
    {
      path: manifest,
      hint: "Give the campaign another name by --campaign, or a file by --manifest.",
    },
  ]);
  const folder = dirname(manifest);
  const example = isExample ? exampleFiles(folder) : [];
  const made: NewManifest = {
    campaign: campaign as string,
    account: isSandbox
      ? null
      : { phoneNumberId: number.id, wabaId, baseUrl: baseUrl === GRAPH_URL ? null : baseUrl },
    list: isExample ? EXAMPLE.list : slashed(relative(folder, resolve(list as string))),
    ...(who as NonNullable<typeof who>),
    template: binding as NonNullable<typeof binding>,
    templateText: componentOf(definition.components, "BODY")?.text ?? "",
    scenario: isExample ? EXAMPLE.scenario : null,
    schema: slashed(relative(folder, join(root, "campaign.schema.json"))),
  };
  const files = [
    ...projectFiles(root, project),
    ...(token?.isNew ? [envFile(root, token.value)] : []),
    ...example,
    { path: manifest, text: manifestText(made) },
  ];
  return { files: files.filter(({ path }) => path === manifest || !existsSync(path)), manifest };
}

/** @param fileOf where the manifest of a name goes; left out: it does not depend on the name */
function readName(answer: string, fileOf?: (name: string) => string) {
  if (!/^(?!\.+$)[A-Za-z0-9._-]{1,64}$/.test(answer)) {
    const hint = "Give 1 to 64 letters without accent, digits, `.`, `_` or `-`.";
    return { problem: { message: `"${answer}" is no name of a campaign`, hint } };
  }
  if (fileOf === undefined || !existsSync(fileOf(answer))) return answer;
  const message = `${shownPath(fileOf(answer))} is there already, and is not written over`;
  const hint = "Give the campaign another name.";
  return { problem: { id: "file_exists", message, hint } };
}

function refuseManifest(file: string): void {
  if (/\.ya?ml$/i.test(file)) return;
  throw new OperatorError({
    id: "usage",
    message: `--manifest ${file}: a manifest's name ends in .yaml`,
    hint: "Give one such as campaigns/july.yaml.",
  });
}

interface Token {
  value: string;
  /** It stands in no `.env` yet. */
  isNew: boolean;
}

/** The token of a file, of the environment or `.env`, or as it is typed. */
async function askToken(
  { tokenFile }: InitFlags,
  { env, envFiles }: Project,
  questions: Questions,
): Promise<Token | undefined> {
  const known = env[TOKEN_VARIABLE] ?? "";
  if (tokenFile === undefined && known !== "") {
    say(`Token: ${TOKEN_VARIABLE} of the environment or .env.`);
    return { value: known, isNew: false };
  }
  if (envFiles.length > 0) {
    throw new OperatorError({
      id: "file_exists",
      message: `${shownPath(envFiles[0] as string)} is there and sets no ${TOKEN_VARIABLE}; it is not written over`,
      hint: `Add a line ${TOKEN_VARIABLE}=… to it, and begin again.`,
    });
  }
  const value = await questions.ask<string>(
    {
      text: "Access token (not shown)",
      option: "--token-file <file>, or by the environment variable WHATSAPP_ACCESS_TOKEN",
      isSecret: true,
      read: readToken,
    },
    tokenFile === undefined ? undefined : tokenIn(tokenFile),
  );
  if (value === undefined) return undefined;
  keepSecret(value);
  return { value, isNew: true };
}

function tokenIn(file: string): string {
  return file === "-" ? readFileSync(0, "utf8").trim() : readText(file, "a token").trim();
}

function readToken(answer: string) {
  if (/^[\x21-\x7e]{8,}$/.test(answer)) return answer;
  return {
    problem: {
      message: "this is no access token",
      hint: "Copy it again: one long word, such as EAAG…, from the system user in Meta's Business Settings.",
    },
  };
}

function askList({ list }: InitFlags, questions: Questions): Promise<string | undefined> {
  return questions.ask<string>(
    {
      text: "The list: a CSV, .xlsx or .jsonl file",
      option: "--list <file>",
      read(answer) {
        if (existsSync(answer) && extname(answer) !== "") return answer;
        const message = answer === "" ? "a file is needed" : `there is no file ${answer}`;
        return { problem: { message, hint: "Give its path from here." } };
      },
    },
    list,
  );
}

/** Policy, schemas and what version control leaves out; those that are there stay. */
function projectFiles(root: string, { policy }: Project): NewFile[] {
  const at = (name: string) => join(root, name);
  const schemas = (["manifest", "policy"] as const).map((of) => {
    const file = schemaFile(of);
    return { path: at(basename(file)), text: readFileSync(file, "utf8") };
  });
  return [
    ...(policy === null
      ? [{ path: at("policy.yaml"), text: policyText("policy.schema.json") }]
      : []),
    ...schemas,
    { path: at(".gitignore"), text: IGNORED },
  ];
}

function envFile(root: string, token: string): NewFile {
  return { path: join(root, ".env"), text: `${TOKEN_VARIABLE}=${token}\n`, isSecret: true };
}

/** The example's list, shortened, and how its simulator behaves. */
function exampleFiles(folder: string): NewFile[] {
  const lines = readFileSync(exampleFile(EXAMPLE.list), "utf8").split("\n");
  const list = `${lines.slice(0, 1 + EXAMPLE.rows).join("\n")}\n`;
  const scenario = readFileSync(exampleFile(EXAMPLE.scenario), "utf8");
  return [
    { path: join(folder, EXAMPLE.list), text: list },
    { path: join(folder, EXAMPLE.scenario), text: scenario },
  ];
}

async function makeLedger(manifest: string, context: CommandContext): Promise<string> {
  const folder = dirname(manifest);
  await preparePolicy(folder);
  const address = ledgerAddress(context.options, { project: openProject(folder) });
  if (!(await isLedgerAt(address))) {
    await (await openLedgerAt(address, { make: "if_missing" })).close();
  }
  return placeOf(address);
}

/** As manifests are read on every system. */
function slashed(path: string): string {
  return path.split(sep).join("/");
}
