// The network of the tests itself: what a machine reaches, and what a cut does to each way.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeFolder, startProgram } from "../../support/programs.ts";
import type { Link, Network } from "./network.ts";
import { makeNetwork, whyNoNetwork } from "./network.ts";

const NO_NETWORK = whyNoNetwork();

describe.skipIf(NO_NETWORK !== undefined)("a machine of the network", () => {
  const { folder, remove } = makeFolder();
  let network: Network;
  beforeAll(async () => {
    network = await makeNetwork(folder, 2);
  });
  afterAll(async () => {
    await network.end();
    remove();
  });

  it.each<[Link, () => string]>([
    ["database", () => network.databaseHost],
    ["graph", () => "127.0.0.1"],
  ])("loses what goes one way of its link to %s, and nothing else", async (link, host) => {
    let heard = 0;
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (bytes) => {
        heard += bytes.length;
        socket.write(bytes);
      });
    });
    server.listen(0, host());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    // Says how many bytes came back, for each byte that it is given.
    const script = `
      const socket = require("node:net").connect(${port}, "${host()}");
      let back = 0;
      socket.on("data", (bytes) => console.log(back += bytes.length));
      process.stdin.on("data", (bytes) => socket.write(bytes));
      process.stdin.on("end", () => process.exit());
    `;
    const clients = network.machines.map(({ prefix: [command = "", ...args] }) =>
      startProgram(command, [...args, process.execPath, "-e", script], {
        cwd: folder,
        stdin: "pipe",
      }),
    );
    const [cut, other] = clients as [(typeof clients)[0], (typeof clients)[0]];
    const [machine] = network.machines;
    const back = ({ output }: typeof cut) => output().trim().split("\n").at(-1);
    cut.child.stdin?.write("a");
    await cut.until(() => back(cut) === "1");

    machine?.cut(link, "toServer");
    cut.child.stdin?.write("b");
    other.child.stdin?.write("a");
    await other.until(() => back(other) === "1");
    expect([heard, back(cut)]).toEqual([2, "1"]);
    machine?.heal();
    await cut.until(() => back(cut) === "2");

    machine?.cut(link, "toClient");
    cut.child.stdin?.write("c");
    await cut.until(() => heard === 4);
    other.child.stdin?.write("b");
    await other.until(() => back(other) === "2");
    expect(back(cut)).toBe("2");
    machine?.heal();
    await cut.until(() => back(cut) === "3");

    for (const { child, ended } of clients) {
      child.stdin?.end();
      await ended;
    }
    server.close();
  });

  it("is gone with its links when the network ends", async () => {
    const own = makeFolder();
    const passing = await makeNetwork(own.folder, 1);
    const isThere = () =>
      Object.values(networkInterfaces()).some((all) =>
        all?.some(({ address }) => address === passing.databaseHost),
      );
    expect(isThere()).toBe(true);
    await passing.end();
    await expect.poll(isThere).toBe(false);
    own.remove();
  });
});

it.skipIf(NO_NETWORK === undefined)(`cannot be tried here: ${NO_NETWORK}`, () => {});
