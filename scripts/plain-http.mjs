/**
 * An esbuild plugin: `import` of Node's http reads every property of it, and one of them loads Node's whole fetch and
 * WebSocket client (20 ms, 3 MB) which parley never uses; `require` reads what is asked for.
 */
export const plainHttp = {
  name: "plain-http",
  setup(build) {
    build.onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === "import-statement" ? { path: "http", namespace: "plain-http" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "plain-http" }, () => ({
      contents: 'module.exports = require("node:http");',
    }));
  },
};
