// Preloaded: the library of SQLite is one that another version of Node was built with, as after an
// upgrade.
process.dlopen = (_module, file) => {
  throw Object.assign(
    new Error(
      `The module '${file}'\nwas compiled against a different Node.js version using\n` +
        "NODE_MODULE_VERSION 115. This version of Node.js requires\n" +
        "NODE_MODULE_VERSION 127. Please try re-compiling or re-installing\nthe module.",
    ),
    { code: "ERR_DLOPEN_FAILED" },
  );
};
