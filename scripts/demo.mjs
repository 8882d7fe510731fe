// `npm run demo`: three real nodes in real processes find each other, talk, one is killed, misses messages,
// comes back and has them. Prints what happens; ends non-zero when anything did not.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { makeReady, root } from "./ready.mjs";

const DEADLINE_MS = 30_000;
const parley = join(root, "dist/parley.js");
const runtime = makeReady("the demo");
const startedMs = Date.now();
const folder = await mkdtemp(join(tmpdir(), "parley-demo-"));
const network = `demo-${randomBytes(6).toString("hex")}`;
const environment = {
  ...process.env,
  PARLEY_RUNTIME_DIR: join(folder, "run"),
  PARLEY_LOCAL_ONLY: "1",
  NO_COLOR: "1",
};
delete environment.PARLEY_HOME;
/** Processes still running, to be ended whatever happens. */
const running = new Set();

/** A sentence with the time since the start. */
function say(text) {
  process.stdout.write(`${((Date.now() - startedMs) / 1000).toFixed(1).padStart(5)} s  ${text}\n`);
}

function start(name, ...args) {
  const options = ["--home", join(folder, name), "--network", network, "--json", "--no-input"];
  const child = spawn(runtime, [parley, ...options, ...args], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.errors = "";
  child.stderr.on("data", (chunk) => (child.errors += chunk));
  child.ended = new Promise((done) =>
    child.on("close", (code) => {
      running.delete(child);
      done(code);
    }),
  );
  return child;
}

/** Runs a command to its end; the JSON lines it printed. */
async function run(name, ...args) {
  const child = start(name, ...args);
  const lines = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(JSON.parse(line));
  const code = await child.ended;
  if (code !== 0)
    throw new Error(
      `parley ${args.join(" ")} of ${name} ended with ${code}: ${child.errors.trim()}`,
    );
  return lines;
}

/** Starts a node and resolves when it says that it is ready. */
async function node(name) {
  const child = start(name, "node");
  const lines = createInterface({ input: child.stdout });
  const first = await new Promise((done, fail) => {
    lines.once("line", done);
    child.once("close", (code) =>
      fail(new Error(`the node of ${name} ended with ${code}: ${child.errors.trim()}`)),
    );
  });
  const ready = JSON.parse(first);
  if (ready.type !== "ready") throw new Error(`the node of ${name} said ${first}`);
  return child;
}

/** Repeats `look` until it gives something; the demo's deadline is the only limit. */
async function until(what, look) {
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() - startedMs > DEADLINE_MS)
      throw new Error(`not within ${DEADLINE_MS / 1000} s: ${what}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function texts(name) {
  return (await run(name, "history", "lobby")).map((message) => message.text);
}

async function everybodyHas(names, wanted) {
  for (const name of names) {
    await until(`${name} has ${wanted.length} messages`, async () => {
      const has = await texts(name);
      return wanted.every((text) => has.includes(text));
    });
  }
}

async function demo() {
  const nodes = {};
  for (const name of ["ana", "bob", "cid"]) {
    await run(name, "init", "--name", name);
    await run(name, "join", "lobby");
    nodes[name] = await node(name);
    say(`${name}'s node runs (process ${nodes[name].pid})`);
  }
  for (const name of ["ana", "bob", "cid"]) {
    await until(`${name} is connected to both others`, async () => {
      const peers = await run(name, "peers");
      return peers.length >= 2;
    });
  }
  say("all three have found each other, with no server");

  const said = [];
  const talk = async (name, text) => {
    const [sent] = await run(name, "send", "--wait", "15", "lobby", text);
    if (sent.state !== "held") throw new Error(`"${text}" of ${name} is ${sent.state}, not held`);
    said.push(text);
    say(`${name}: ${text}   (held by ${sent.heldBy})`);
  };
  await talk("ana", "Hello, is anybody here?");
  await talk("bob", "I am.");
  await talk("cid", "Me too!");
  await everybodyHas(["ana", "bob", "cid"], said);
  say("everybody has all 3 messages");

  nodes.cid.kill("SIGKILL");
  await nodes.cid.ended;
  say("cid's node is killed (SIGKILL)");
  await talk("ana", "cid is gone. Shall we meet at eight?");
  await talk("bob", "At eight, by the bridge.");

  nodes.cid = await node("cid");
  say("cid's node is started again");
  await everybodyHas(["cid"], said);
  say("cid has both messages it had missed");

  const orders = [];
  for (const name of ["ana", "bob", "cid"]) orders.push(JSON.stringify(await texts(name)));
  if (new Set(orders).size !== 1) throw new Error(`the histories differ: ${orders.join(" / ")}`);
  if (JSON.parse(orders[0]).length !== said.length)
    throw new Error(`there are more messages than were sent: ${orders[0]}`);
  say(`all three show the same ${said.length} messages in the same order`);

  for (const [name, child] of Object.entries(nodes)) {
    child.kill("SIGTERM");
    const code = await child.ended;
    if (code !== 0)
      throw new Error(`the node of ${name} ended with ${code}: ${child.errors.trim()}`);
  }
  say("all nodes stopped cleanly");
}

const deadline = setTimeout(() => {
  console.error(`The demo did not end within ${DEADLINE_MS / 1000} s.`);
  for (const child of running) child.kill("SIGKILL");
  process.exit(1);
}, DEADLINE_MS);

try {
  await demo();
} catch (error) {
  console.error(`The demo failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  clearTimeout(deadline);
  for (const child of running) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
}
