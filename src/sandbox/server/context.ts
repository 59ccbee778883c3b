// What the handlers of the sandbox share. Shapes only.

import type { Judge } from "../messages/judge.ts";
import type { Faults } from "../scenario/faults.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { WebhookScheduler } from "../webhooks/webhook-scheduler.ts";
import type { Past } from "./changes.ts";
import type { Counters } from "./control.ts";
import type { SandboxLog } from "./log.ts";

/** What management calls leave behind. */
export interface Management extends Past {
  /** Counts a call on the account; false when it is beyond the limit. */
  admit(scenario: Scenario, nowMs: number): boolean;
  /** Percent of the hourly limit in use, and minutes until a refused call may be let in again. */
  usage(scenario: Scenario, nowMs: number): { percent: number; minutes: number };
  /** Notes that a template was edited. */
  edited(templateId: string, nowMs: number): void;
}

/** The running sandbox, as far as an exchange touches it. */
export interface SandboxContext {
  readonly scenario: Scenario;
  readonly faults: Faults;
  readonly managementFaults: Faults;
  readonly management: Management;
  readonly judge: Judge;
  readonly log: SandboxLog;
  readonly scheduler: WebhookScheduler;
  readonly counters: Counters;
  /** Plays another scenario from now on. */
  change(scenario: Scenario): void;
}
