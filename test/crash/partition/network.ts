// A network of machines for a test, made of Linux network namespaces: each machine has one link to
// the database and one to Graph, each a veth pair, and a name of its own. Both servers stay outside:
// the database listens on an address of the network, Graph (the sandbox) on the loopback of this
// computer, which a machine reaches over its link as 127.0.0.1.
//
// A way of a link is cut by a wrong hardware address at the sending end: the frames pass the link
// and the other end drops them, in silence, as with `tc netem loss 100%` and without its module.
//
// Nothing outlives the test: a namespace goes with the process that holds it, which ends with this
// process, and the links go with the namespace.

import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { networkInterfaces } from "node:os";
import type { Running } from "../../support/programs.ts";
import { startProgram } from "../../support/programs.ts";
import type { Way } from "../../support/proxy.ts";

/** Of the network for benchmarks (RFC 2544), which is on no real one. */
const PREFIX = "198.18";
const TRIES_MAX = 20;
const DATABASE = 1;
const GRAPH = 2;
/** No machine has this hardware address. */
const NOBODY = "02:00:00:00:ff:ff";
const PROGRAMS = ["ip", "nsenter", "unshare"];
const WAYS: readonly Way[] = ["toServer", "toClient"];

/** Where a link leads to. */
export type Link = "database" | "graph";

export interface NetworkMachine {
  name: string;
  /** What begins a command that runs on this machine. */
  prefix: readonly string[];
  /** Drops what goes these ways of a link from now on, all when none is given. */
  cut(link: Link, ...ways: Way[]): void;
  /** Lets everything pass again. */
  heal(): void;
}

export interface Network {
  /** Where the database has to listen besides 127.0.0.1. */
  databaseHost: string;
  /** The addresses of the machines, as pg_hba.conf has them. */
  range: string;
  machines: readonly NetworkMachine[];
  end(): Promise<void>;
}

/** Why no network can be made here, in one line; undefined when it can. */
export function whyNoNetwork(): string | undefined {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  if (process.getuid?.() !== 0) return "only root makes network namespaces";
  for (const program of PROGRAMS) {
    const { error } = spawnSync(program, ["--version"]);
    if (error !== undefined) return `there is no program ${program}`;
  }
  const tried = spawnSync("unshare", ["--net", "--uts", "ip", "link", "add", "type", "veth"]);
  if (tried.status === 0) return undefined;
  return `the kernel makes no namespace with a veth pair: ${tried.stderr.toString().trim()}`;
}

/**
 * Makes so many machines.
 * @param folder where the processes work that hold the namespaces
 */
export async function makeNetwork(folder: string, count: number): Promise<Network> {
  const third = chooseThird();
  const address = (last: number) => `${PREFIX}.${third}.${last}`;
  const holders: Running[] = [];
  const machines: NetworkMachine[] = [];
  for (let at = 0; at < count; at += 1) {
    const name = `machine-${at + 1}`;
    const holder = await hold(folder, name);
    holders.push(holder);
    const within = [
      `--net=/proc/${holder.child.pid}/ns/net`,
      `--uts=/proc/${holder.child.pid}/ns/uts`,
    ];
    const prefix = ["nsenter", ...within, "--"];
    const links = {
      database: makeLink({ ...linkOf("database", DATABASE), third, at, prefix, holder }),
      graph: makeLink({ ...linkOf("graph", GRAPH), third, at, prefix, holder }),
    };
    machines.push({
      name,
      prefix,
      cut(link, ...ways) {
        for (const way of ways.length > 0 ? ways : WAYS) links[link].lead(way, NOBODY);
      },
      heal() {
        for (const { lead, mac } of Object.values(links))
          for (const way of WAYS) lead(way, mac[way]);
      },
    });
  }
  return {
    databaseHost: address(DATABASE),
    range: `${address(0)}/24`,
    machines,
    async end() {
      for (const { child } of holders) child.stdin?.end();
      await Promise.all(holders.map(({ ended }) => ended));
    },
  };
}

/** A process in namespaces of its own, which ends with its stdin. */
async function hold(folder: string, name: string): Promise<Running> {
  const script = `echo ${name} >/proc/sys/kernel/hostname; echo ready; read -r _; :`;
  const holder = startProgram("unshare", ["--net", "--uts", "sh", "-c", script], {
    cwd: folder,
    stdin: "pipe",
    endsWithStdin: true,
  });
  await holder.line();
  return holder;
}

function linkOf(name: Link, server: number): { name: Link; server: number } {
  return { name, server };
}

/** A link of a machine: its ends, and where each end sends its frames. */
function makeLink(link: {
  name: Link;
  server: number;
  third: number;
  /** Which machine it is. */
  at: number;
  prefix: readonly string[];
  holder: Running;
}): { mac: Record<Way, string>; lead(way: Way, mac: string): void } {
  const { name, server, third, at, prefix, holder } = link;
  const outer = `net${third}-${at}${name.slice(0, 1)}`;
  const ours = `${PREFIX}.${third}.${server}`;
  const its = `${PREFIX}.${third}.${10 * server + at}`;
  /** Of the end that gets what goes this way. */
  const mac: Record<Way, string> = {
    toServer: `02:00:00:${hex(third)}:${hex(10 * server + at)}:00`,
    toClient: `02:00:00:${hex(third)}:${hex(10 * server + at)}:01`,
  };
  const on = (...args: string[]) => must([...prefix, "ip", ...args]);
  const outside = (...args: string[]) => must(["ip", ...args]);
  outside(
    ...["link", "add", outer, "address", mac.toServer, "type", "veth"],
    ...["peer", "name", name, "address", mac.toClient, "netns", String(holder.child.pid)],
  );
  outside("address", "add", ours, "peer", its, "dev", outer);
  outside("link", "set", outer, "up");
  on("address", "add", its, "peer", ours, "dev", name);
  on("link", "set", name, "up");
  /** What a machine sends to the server. */
  const targets = [ours];
  if (name === "graph") {
    // The access token goes without TLS to this computer alone; so Graph is there, and the
    // machine has no loopback of its own.
    targets.push("127.0.0.1");
    const local = "conf/$0/route_localnet";
    must(["sh", "-c", `echo 1 >/proc/sys/net/ipv4/${local}`, outer]);
    must([...prefix, "sh", "-c", `echo 1 >/proc/sys/net/ipv4/${local}`, name]);
    on("route", "add", "127.0.0.1/32", "dev", name, "src", its);
  }
  const lead = (way: Way, to: string) => {
    const how = ["lladdr", to, "nud", "permanent", "dev"];
    if (way === "toClient") outside("neighbour", "replace", its, ...how, outer);
    else for (const target of targets) on("neighbour", "replace", target, ...how, name);
  };
  for (const way of WAYS) lead(way, mac[way]);
  return { mac, lead };
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** The third part of addresses that no interface of this computer has. */
function chooseThird(): number {
  const used = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const third = randomInt(1, 255);
    if (!used.some(({ address }) => address.startsWith(`${PREFIX}.${third}.`))) return third;
  }
  throw new Error(`the addresses ${PREFIX}.0.0/16 are in use`);
}

function must([command = "", ...args]: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error ?? stderr}`);
}
