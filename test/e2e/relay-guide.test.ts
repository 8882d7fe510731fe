/** The guide to running a relay works word for word; what is said of a node over HTTP; the files under deploy/. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONFIG_KEYS } from "../../src/node/config.ts";
import { runGuide } from "../support/guide.ts";
import { line, stopped, World } from "../support/parley.ts";
import { readRepo, repoRoot } from "../support/repo.ts";
import { needs } from "../support/skips.ts";

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(() => world.end());

it("docs/guide/relay.md works as it stands", async (context) => {
  needs(context, spawnSync("curl", ["--version"]).status === 0, "curl");
  const { code, output, unmarked } = await runGuide("docs/guide/relay.md");
  expect(code, output).toBe(0);
  expect(unmarked).toBe(0);
  expect(output).toContain("/ip4/127.0.0.1/tcp/41790/p2p/12D3Koo");
  expect(output).toContain("ready\n");
  expect(output).toContain("parley_relay_places 0");
});

describe("a node that is watched", () => {
  it("answers /healthz, /readyz and /metrics on loopback, names nobody there, and ends cleanly", async () => {
    await world.person("ana");
    const node = await world.node("ana", "--relay", "--metrics-port", "0");
    const { metricsPort, peerId } = node.ready;
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${String(metricsPort)}${path}`);
      return { status: response.status, text: await response.text() };
    };
    expect(await get("/healthz")).toEqual({ status: 200, text: "ok\n" });
    expect(await get("/readyz")).toEqual({ status: 200, text: "ready\n" });
    expect((await get("/")).status).toBe(404);
    const { text } = await get("/metrics");
    expect(text).toContain('parley_peers{how="relayed"} 0\n');
    expect(text).toContain("parley_relay_places 0\n");
    expect(text).toMatch(/^parley_resident_bytes \d{7,}$/m);
    for (const secret of ["lobby", "ana", String(peerId)]) expect(text).not.toContain(secret);
    const taken = await world.run("bob", ["init", "--name", "bob"]);
    expect(taken.code).toBe(0);
    const second = world.start("bob", ["node", "--metrics-port", String(metricsPort)]);
    expect(await second.ended).toBe(1);
    expect(JSON.parse(second.stderr())).toMatchObject({ code: "metrics-port" });
    expect(await stopped(node)).toBe(0);
  });

  it("tells its peers when it ends: they know at once", async () => {
    await world.person("cid");
    const relay = await world.node("ana", "--relay");
    const cid = await world.node("cid");
    await line(cid, () => true);
    const peers = async () => (await world.ok("cid", "peers")).length;
    await expect.poll(peers, { timeout: 30_000 }).toBe(1);
    expect(await stopped(relay)).toBe(0);
    await expect.poll(peers, { timeout: 5_000 }).toBe(0);
    await stopped(cid);
  });
});

describe("the unit under deploy/", () => {
  it("is one that systemd takes word for word", (context) => {
    needs(context, spawnSync("systemd-analyze", ["--version"]).status === 0, "systemd");
    const unit = readRepo("deploy/parley-relay.service");
    // Only that the program is installed is not so here.
    const installed = unit.replace("ExecStart=parley", `ExecStart=${process.execPath}`);
    expect(installed).not.toBe(unit);
    const folder = mkdtempSync(join(tmpdir(), "parley-unit-"));
    try {
      const file = join(folder, "parley-relay.service");
      writeFileSync(file, installed);
      const { status, stderr } = spawnSync("systemd-analyze", ["verify", file], {
        encoding: "utf8",
      });
      expect([status, stderr]).toEqual([0, ""]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the config file", () => {
  it("each name it knows is in the guide, and the relay's file under deploy/ is right", async () => {
    const guide = readRepo("docs/guide/config.md");
    for (const key of CONFIG_KEYS) expect(guide).toContain(`| \`${key}\``);
    const { lines, code } = await world.run("ana", [
      "config",
      "check",
      join(repoRoot, "deploy/relay.toml"),
    ]);
    expect(code).toBe(0);
    expect(lines[0]).toMatchObject({ type: "config", settings: { relay: true } });
  });

  it("what is wrong in it is said in a sentence", async () => {
    const file = join(world.folder, "wrong.toml");
    for (const [text, says] of [
      ["listen = [", /not TOML/],
      ["lisen = []", /something wrong at "lisen"/],
      ['bootstrap = ["chat.example.org"]', /"bootstrap", chat.example.org is not an address/],
      ['announce = ["/ip4/0.0.0.0/tcp/1"]', /Nobody can dial/],
      ['listen = ["/dns4/chat.example.org/tcp/1"]', /cannot listen on/],
      ['listen = ["/ip4/0.0.0.0/udp/1/quic-v1"]', /"listen", nobody can use/],
      ["metrics-port = 70000", /something wrong at "metrics-port"/],
    ] as const) {
      writeFileSync(file, text);
      const { code, stderr } = await world.run("ana", ["config", "check", file]);
      expect([code, JSON.parse(stderr)]).toMatchObject([2, { code: "bad-config" }]);
      expect(JSON.parse(stderr).message).toMatch(says);
    }
    const missing = await world.run("ana", ["config", "check", join(world.folder, "nowhere.toml")]);
    expect([missing.code, JSON.parse(missing.stderr)]).toMatchObject([2, { code: "bad-config" }]);
    expect(JSON.parse(missing.stderr).message).toContain("nowhere.toml");
    // The same is looked at before a node begins.
    const quic = "/ip4/127.0.0.1/udp/1/quic-v1";
    const { code, stderr } = await world.run("ana", ["node", "--listen", quic]);
    expect([code, JSON.parse(stderr)]).toMatchObject([2, { code: "bad-address" }]);
  });
});
