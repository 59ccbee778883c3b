// The laws of the house, checked by `npm run check:rules`. Each says what it keeps apart and why.

/** Folders of src/, each one outside world. `cli` is not one of them: it wires them together. */
const WORLDS = ["csv", "sqlite", "graph", "timing", "webhooks", "report", "live", "sandbox"];

/** Each package has one home: [package, pattern of the files that may import it]. */
const HOMES = [
  ["libphonenumber-js", "^src/phone-plans\\.ts$"],
  ["liquidjs", "^src/value\\.ts$"],
  ["zod", "^src/(document|manifest|policy|sandbox/scenario)"],
  ["yaml", "^src/document"],
  ["csv-parse", "^src/csv/"],
  ["better-sqlite3", "^src/sqlite/"],
  ["undici", "^src/graph/"],
  ["bottleneck", "^src/timing/"],
  ["p-limit", "^src/graph/"],
  ["luxon", "^src/timing/"],
  ["fastify", "^src/(webhooks|live)/"],
  ["echarts", "^src/report/"],
  ["commander", "^src/cli/"],
  ["pino", "^src/cli/"],
];

module.exports = {
  forbidden: [
    {
      name: "root-is-pure",
      comment: "The root is what the program does: no I/O. It imports the root and four packages.",
      severity: "error",
      from: { path: "^src/[^/]+\\.ts$" },
      to: {
        pathNot: ["^src/[^/]+\\.ts$", "node_modules/(libphonenumber-js|liquidjs|zod|yaml)/"],
      },
    },
    ...WORLDS.map((world) => ({
      name: `world-${world}`,
      comment: "A world imports the root, itself and its own package; never another world.",
      severity: "error",
      from: { path: `^src/${world}/` },
      to: { path: "^src/[^/]+/", pathNot: `^src/${world}/` },
    })),
    {
      name: "cli-is-the-top",
      comment: "cli wires; nobody imports it.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: "^src/cli/" },
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
      comment: "A circle has no beginning to read from.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "two-levels",
      comment: "src/ and its folders; no deeper.",
      severity: "error",
      from: {},
      to: { path: "^src/[^/]+/[^/]+/" },
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
