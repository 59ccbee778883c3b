// What the routes of the live page share. Shapes only.

import type { FastifyReply, FastifyRequest } from "fastify";
import type { AuditEntry } from "../../domain/campaign/audit.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { Suppression } from "../../domain/campaign/suppression.ts";
import type { Ledger } from "../../domain/ledger/ledger.ts";
import type { ReportSettings } from "../../domain/result/report-data.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import type { Session } from "../auth/session.ts";
import type { Parts } from "./events.ts";
import type { Times } from "./format.ts";
import type { LookedAt, Looks } from "./looks.ts";
import type { Page } from "./page.ts";

/**
 * What the pages are made of. Best on a connection, and in a thread, of its own: some of it goes
 * through millions of rows.
 */
export type LiveReads = LookedAt &
  Pick<Ledger, "searchSuppressions" | "countSuppressions" | "historyOf" | "messageOf" | "audits">;

/** What a person can change here. */
export type LiveActions = Pick<
  Ledger,
  "askStop" | "liftStop" | "cancel" | "startPlan" | "suppress" | "unsuppress" | "writeAudit"
>;

/** A ledger with what its pages need. */
export interface LiveLedger {
  ledger: LiveReads;
  actions: LiveActions;
  /** The report page of a campaign, with a link to its page here. */
  report(campaign: CampaignRecord, address: string): Promise<string>;
  /** What the manifest of a campaign says today; null when it cannot be read. */
  settingsOf(campaign: CampaignRecord): Promise<ReportSettings | null>;
  /** Sends the message of a row to a phone of one's own, and says what became of it. */
  sendTest(campaign: CampaignRecord, test: TestWish): Promise<TestEnd>;
}

/** A test that a person wants. */
export interface TestWish {
  /** E.164. */
  to: string;
  /** The data row whose values it has; null for the first that would be sent. */
  row: number | null;
  /** Of a test of arms: whose message it is. */
  arm: string | null;
}

/** What became of it: the name and the status of the test, or why it was not sent. */
type TestEnd = { test: string; status: string } | { message: string; remedy: string };

/** What all pages of a server have in common. */
export interface LiveServerOptions {
  clock: Clock;
  password: string;
  /**
   * Names by which the page is reached besides those of this machine for itself: `name` or
   * `name:port`.
   */
  allowHosts: readonly string[];
  /** The page is reached by https, through a proxy: the cookie travels by nothing else. */
  isHttps: boolean;
  /** Reads a number or user id as `suppress add` does; empty when it is neither. */
  readPerson(text: string, entry: { reason: string; source: string }): Suppression[];
  /** Masks numbers and user ids as the log does. */
  mask(text: string): string;
  /** A manifest's path as a command names it. */
  manifestName(path: string): string;
  /** Zone in which the pages show instants, by its IANA name. */
  zone: string;
  /** What went wrong inside, for the log. */
  onError(error: unknown): void;
}

export type LivePageOptions = LiveLedger & LiveServerOptions;

/** What the routes share. */
export interface Live extends LivePageOptions {
  looks: Looks;
  /** Of several workspaces the one of this ledger; null where the server has one ledger. */
  workspace: string | null;
  /** What comes before the addresses of its pages. */
  base: string;
  /** Instants as a page shows them now. */
  times(): Times;
  /** The session of a request that is logged in. */
  sessionOf(request: FastifyRequest): Session;
  /** Whether the session of a request goes on. */
  isOpen(request: FastifyRequest): boolean;
  send(request: FastifyRequest, reply: FastifyReply, page: Page, status?: number): FastifyReply;
  /** Sends what changes of a page to a browser that watches it. */
  stream(
    request: FastifyRequest,
    reply: FastifyReply,
    shown: {
      /** Undefined when there is nothing to be watched any more. */
      partsFor(session: Session): Promise<Parts | undefined>;
      /** What comes before its addresses, where that is not the workspace's. */
      base?: string;
    },
  ): FastifyReply;
  audit(entry: Pick<AuditEntry, "action" | "subject" | "detail">): Promise<void>;
}
