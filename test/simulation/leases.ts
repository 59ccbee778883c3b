// Which process has which lane: the leases of the ledger on a server, by its rules. A row with an
// owner and a time after which anybody may take it, which the owner renews with every write.

import { LedgerError } from "../../src/domain/campaign/fault.ts";
import type {
  Hold,
  Holder,
  HoldRequest,
  HoldResult,
  LockLedger,
  Taken,
} from "../../src/domain/ledger/ledger.ts";
import type { Process, Time } from "./time.ts";

/** A lane is free when nothing was heard of its owner for so long. Virtual milliseconds. */
export const LEASE_MS = 10_000;
/** While nothing is written the lease is renewed this often, as a part of it. */
const RENEWALS = 8;

interface Lease {
  owner: Process | null;
  /** Goes up whenever the owner changes. */
  epoch: number;
  /** Virtual milliseconds: by the clock of the server, which nobody sets. */
  until: number;
  by: Holder;
}

/** What mutations change. */
export interface LeaseRules {
  /** Whether another process may take a lease that lasts until an instant. */
  isFree(until: number, now: number): boolean;
  /** Whether a process that has lost so many of its leases writes nothing any more. */
  isFenced(lost: number, held: number): boolean;
  /** Whether the renewal beside the writes is for a lease, which is the runner's own or is not. */
  isRenewedBy(isOwn: boolean): boolean;
}

/** As the server has them. */
export const RULES: LeaseRules = {
  isFree: (until, now) => until <= now,
  isFenced: (lost) => lost > 0,
  isRenewedBy: (isOwn) => isOwn,
};

/** The leases of a ledger: of lanes and of the lists of campaigns, by name. */
export class LeaseTable {
  private readonly leases = new Map<string, Lease>();
  private readonly time: Time;
  private readonly rules: LeaseRules;
  private readonly note: (what: string, about: string) => void;

  /** @param note called when a lane is taken from a runner that did not give it back */
  constructor(time: Time, rules: LeaseRules, note: (what: string, about: string) => void) {
    this.time = time;
    this.rules = rules;
    this.note = note;
  }

  take(name: string, owner: Process, by: Holder): boolean {
    const { now } = this.time;
    const lease = this.leases.get(name);
    if (lease !== undefined && !this.rules.isFree(lease.until, now)) return false;
    const epoch = (lease?.epoch ?? 0) + 1;
    const before = lease?.owner ?? owner;
    if (before !== owner && name.startsWith(LANE)) {
      const how = before.isAlive ? "silent" : "dead";
      this.note(`lane of a ${how} runner taken over`, name);
    }
    this.leases.set(name, { owner, epoch, until: now + LEASE_MS, by });
    return true;
  }

  /** Whether a runner has it, and it has not run out. */
  isHeldBy(name: string, runner: number): boolean {
    const lease = this.leases.get(name);
    return lease?.owner?.id === runner && lease.until > this.time.now;
  }

  /** Who has it now; null when nobody has. */
  holder(name: string): Holder | null {
    const lease = this.leases.get(name);
    return lease === undefined || lease.until <= this.time.now ? null : lease.by;
  }

  /** @returns false, and renews nothing, when the owner's writes are to be refused */
  renewAll(names: Iterable<string>, owner: Process): boolean {
    const all = [...names];
    const mine = all.filter((name) => this.leases.get(name)?.owner === owner);
    if (this.rules.isFenced(all.length - mine.length, all.length)) return false;
    this.renew(mine, owner, this.time.now + LEASE_MS);
    return true;
  }

  renew(names: Iterable<string>, owner: Process, until: number): void {
    for (const name of names) {
      const lease = this.leases.get(name);
      if (lease === undefined || !this.rules.isRenewedBy(lease.owner === owner)) continue;
      Object.assign(lease, { owner, until: Math.max(lease.until, until) });
    }
  }

  release(names: Iterable<string>, owner: Process): void {
    for (const name of names) {
      const lease = this.leases.get(name);
      if (lease?.owner === owner) Object.assign(lease, { owner: null, until: this.time.now });
    }
  }

  /** The locks of a process that is gone, where they go with it. */
  releaseAll(owner: Process): void {
    this.release(this.leases.keys(), owner);
  }
}

/** The leases of one process. */
export interface ProcessLeases extends LockLedger {
  /**
   * Renews what is held, before a write.
   * @throws LedgerError `lease_lost` when another process has some of it by now
   */
  fence(): void;
}

interface LeasesOptions {
  time: Time;
  process: Process;
  /** Carries out one statement, which may fail or be the last act of the process. */
  ask<T>(what: string, act: () => T, mayWrite: boolean): Promise<T>;
  /** True while no statement of the process reaches the server. */
  isCut(): boolean;
}

/** Takes, renews and gives back as a process of the program does on a server. */
export function makeLeases(table: LeaseTable, options: LeasesOptions): ProcessLeases {
  const { time, process, ask, isCut } = options;
  const held = new Set<string>();
  /** When the server carried out the last statement whose answer came. */
  let heard = 0;
  let isRenewing = false;

  function renewBeside(): void {
    if (held.size === 0) {
      isRenewing = false;
      return;
    }
    if (!isCut()) {
      table.renew(held, process, heard + LEASE_MS);
      heard = time.now;
    }
    time.after(LEASE_MS / RENEWALS, renewBeside, process);
  }

  function keepRenewing(): void {
    if (isRenewing) return;
    isRenewing = true;
    time.after(LEASE_MS / RENEWALS, renewBeside, process);
  }

  async function release(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    for (const name of names) held.delete(name);
    // Without it the lane is free when the lease has run out.
    await ask("release", () => table.release(names, process), true).catch(() => {});
  }

  async function take(name: string, request: HoldRequest): Promise<boolean> {
    const { pid, host, campaign, since } = request;
    const lane = name.startsWith(LANE) ? name.slice(LANE.length) : null;
    const by: Holder = { pid, host, campaign, lane, since };
    const isTaken = await ask(`take ${name}`, () => table.take(name, process, by), true);
    if (isTaken) heard = Math.max(heard, time.now);
    return isTaken;
  }

  async function takeLanes(
    lanes: readonly string[],
    request: HoldRequest,
    mine: Set<string>,
  ): Promise<Taken[]> {
    const taken: Taken[] = [];
    const got: string[] = [];
    for (const name of lanes) {
      if (await take(LANE + name, request)) got.push(name);
      else taken.push({ of: "lane", name, by: table.holder(LANE + name) });
    }
    for (const name of got) {
      mine.add(name);
      held.add(LANE + name);
    }
    return taken;
  }

  async function hold(request: HoldRequest): Promise<HoldResult> {
    const list = `campaign ${request.campaign}`;
    if (!(await take(list, request))) {
      const by = table.holder(list);
      return { kind: "busy", taken: [{ of: "list", name: request.campaign, by }] };
    }
    const mine = new Set<string>();
    let hasList = true;
    const releaseList: Hold["releaseList"] = async () => {
      if (!hasList) return;
      hasList = false;
      await release([list]);
    };
    const releaseLanes: Hold["releaseLanes"] = (lanes) => {
      const names = [...lanes].filter((lane) => mine.delete(lane));
      return release(names.map((name) => LANE + name));
    };
    const releaseAll = async () => {
      await releaseLanes([...mine]);
      await releaseList();
    };
    const taken = await takeLanes(request.lanes, request, mine);
    if (mine.size === 0 && taken.length > 0) {
      await releaseAll();
      return { kind: "busy", taken };
    }
    held.add(list);
    keepRenewing();
    return {
      ...{ kind: "held", lanes: [...mine], taken, releaseList, releaseLanes, release: releaseAll },
      take: (lanes) => takeLanes(lanes, request, mine),
    };
  }

  return {
    hold,
    heldBy: ({ campaign, lanes }) =>
      ask(
        "heldBy",
        () => {
          const list = { of: "list", name: campaign, by: table.holder(`campaign ${campaign}`) };
          const ofLanes = lanes.map((name) => ({
            of: "lane",
            name,
            by: table.holder(LANE + name),
          }));
          return [list, ...ofLanes].filter(({ by }) => by !== null) as Taken[];
        },
        false,
      ),
    fence() {
      if (held.size === 0) return;
      if (!table.renewAll(held, process)) {
        throw new LedgerError("lease_lost", "Another runner has the lane.");
      }
      heard = time.now;
    },
  };
}

/** Before the name of a lane. */
export const LANE = "lane ";
