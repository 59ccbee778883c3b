// The laws of the code, checked by `npm run check:rules`; ARCHITECTURE.md says what each is for.

/** Worlds: each speaks to one thing outside of the program. `cli` is none of them: it wires them together. */
const WORLDS = ["csv", "ledger", "graph", "clock", "web", "report", "sandbox"];

/** The rooms of the domain, from the lowest up. Rooms of one line do not know each other. */
const ROOMS = [
  ["common"],
  ["document", "statistics"],
  ["campaign"],
  ["message", "recipient"],
  ["account", "arms"],
  ["limits"],
  ["manifest"],
  ["setup"],
  ["schedule"],
  ["planning"],
  ["sending"],
  ["receipts", "cost", "insights"],
  ["worth"],
  ["preflight"],
  ["result"],
  ["page"],
  ["ledger"],
];

/** Packages that the domain may use: none of them does I/O. */
const PURE = "node_modules/(zod|yaml|liquidjs|libphonenumber-js|luxon|fastest-levenshtein)/";

/** Each package has one home: [package, pattern of the files that may import it]. */
const HOMES = [
  ["libphonenumber-js", "^src/domain/recipient/phone-plans\\.ts$"],
  ["liquidjs", "^src/domain/message/liquid\\.ts$"],
  ["zod", "^src/(domain/(document|manifest)/|sandbox/scenario/)"],
  ["yaml", "^src/domain/document/"],
  ["csv-parse", "^src/csv/"],
  ["read-excel-file", "^src/csv/workbook\\.ts$"],
  ["fflate", "^src/csv/workbook(-out)?\\.ts$"],
  ["better-sqlite3", "^src/ledger/"],
  ["pg", "^src/ledger/postgres/"],
  ["undici", "^src/graph/"],
  ["bottleneck", "^src/clock/"],
  ["p-limit", "^src/graph/"],
  ["luxon", "^src/domain/(common/wall-clock\\.ts$|manifest/)"],
  ["fastest-levenshtein", "^src/domain/common/nearest\\.ts$"],
  ["fastify", "^src/web/"],
  ["@fastify/cookie", "^src/web/auth/"],
  ["commander", "^src/cli/"],
  ["pino", "^src/cli/"],
  ["fast-string-width", "^src/cli/print/"],
  ["fast-wrap-ansi", "^src/cli/print/"],
];

const roomRules = ROOMS.flatMap((line, rank) =>
  line.map((room) => ({
    name: `room-${room}`,
    comment: "Imports between rooms of the domain run downwards only.",
    severity: "error",
    from: { path: `^src/domain/${room}/` },
    to: {
      path: `^src/domain/(${ROOMS.slice(rank).flat().join("|")})/`,
      pathNot: `^src/domain/${room}/`,
    },
  })),
);

module.exports = {
  forbidden: [
    {
      name: "domain-is-pure",
      comment:
        "No I/O, no clock, no randomness in the domain: it imports itself and pure packages.",
      severity: "error",
      from: { path: "^src/domain/" },
      to: { pathNot: ["^src/domain/", PURE] },
    },
    ...roomRules,
    ...WORLDS.map((world) => ({
      name: `world-${world}`,
      comment: "A world imports the domain, itself and its own packages; never another world.",
      severity: "error",
      from: { path: `^src/${world}/` },
      to: { path: "^src/", pathNot: [`^src/${world}/`, "^src/domain/"] },
    })),
    {
      name: "cli-is-the-top",
      comment: "cli wires; nothing imports it.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: "^src/cli/" },
    },
    {
      name: "commands-stand-alone",
      comment: "Only the program imports a command; commands share code in cli/campaign.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/([\\w-]+-commands)\\.ts$" },
      to: { path: "^src/cli/commands/" },
    },
    ...HOMES.map(([name, home]) => ({
      name: `home-of-${name}`,
      comment: "Each package has one home, so that it can be replaced in one place.",
      severity: "error",
      from: { path: "^src/", pathNot: home },
      to: { path: `node_modules/${name}/` },
    })),
    {
      name: "no-circular",
      comment: "A circle has no beginning to read from, types included.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "default"],
    },
  },
};
