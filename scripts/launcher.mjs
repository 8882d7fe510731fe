#!/usr/bin/env node
// Old syntax only: on a Node that is too old this file must still be read, to say so.
var major = parseInt(process.versions.node, 10);
if (major < 22) {
  console.error("parley needs Node 22 or newer; this is Node " + process.versions.node + ".");
  process.exitCode = 1;
} else {
  import("node:module")
    .then(function (module) {
      if (module.enableCompileCache) module.enableCompileCache(cacheFolder());
      return import("./main.js");
    })
    .catch(function (error) {
      console.error(error);
      process.exitCode = 1;
    });
}

// Compiled code is kept between starts in a folder of this person's own: Node's default lies in the
// temporary folder, where another user of the machine could put code into it.
function cacheFolder() {
  var env = process.env;
  if (env.NODE_COMPILE_CACHE) return env.NODE_COMPILE_CACHE;
  if (process.platform === "win32")
    return env.LOCALAPPDATA && env.LOCALAPPDATA + "\\parley\\compiled";
  if (env.XDG_CACHE_HOME) return env.XDG_CACHE_HOME + "/parley/compiled";
  return (
    env.HOME &&
    env.HOME + (process.platform === "darwin" ? "/Library/Caches" : "/.cache") + "/parley/compiled"
  );
}
