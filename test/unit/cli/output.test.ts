import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { Output, type OutputOptions } from "../../../cli/output.ts";
import { ParleyError } from "../../../src/core/codec/errors.ts";

function captured(options: Partial<OutputOptions> = {}) {
  const written = { stdout: "", stderr: "" };
  const into = (name: keyof typeof written): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written[name] += chunk.toString();
        done();
      },
    });
  const out = new Output({
    json: false,
    quiet: false,
    wording: { slash: false, shell: "npm start --" },
    stdout: into("stdout"),
    stderr: into("stderr"),
    ...options,
  });
  return { out, written };
}

const failure = new ParleyError("not-joined", "You are not in #lobby.", {
  hint: "{parley join lobby}",
});

test("data goes to stdout, words about it to stderr", async () => {
  const { out, written } = captured();
  await out.either("sent", { id: "ab" }, "ab");
  out.say("Held by 1.");
  expect(written).toEqual({ stdout: "ab\n", stderr: "Held by 1.\n" });
});

test("--json: one object a line, with version and type", async () => {
  const { out, written } = captured({ json: true });
  await out.either("sent", { id: "ab" }, "ab");
  out.say("Held by 1.");
  expect(written).toEqual({ stdout: '{"v":1,"type":"sent","id":"ab"}\n', stderr: "" });
});

test("an error is one sentence and its mend, as it is typed here", () => {
  const { out, written } = captured();
  out.error(failure);
  expect(written.stderr).toBe("You are not in #lobby. npm start -- join lobby\n");
});

test("--json: an error is an object on stderr", () => {
  const { out, written } = captured({ json: true });
  out.error(failure);
  expect(JSON.parse(written.stderr)).toEqual({
    v: 1,
    type: "error",
    code: "not-joined",
    message: "You are not in #lobby.",
    hint: "npm start -- join lobby",
  });
});

test("--quiet: nothing but data and errors", async () => {
  const { out, written } = captured({ quiet: true });
  out.say("words");
  out.notice({ level: "info", code: "alone", text: "Nobody else here yet." });
  await out.line("data");
  out.error(failure);
  expect(written).toEqual({
    stdout: "data\n",
    stderr: "You are not in #lobby. npm start -- join lobby\n",
  });
});

test("a notice is a line, or with --json an object on stderr", () => {
  const text = captured();
  const json = captured({ json: true });
  const notice = {
    level: "info",
    code: "alone",
    text: "Nobody.",
    hint: "{parley address}",
  } as const;
  text.out.notice(notice);
  json.out.notice(notice);
  expect(text.written.stderr).toBe("Nobody. npm start -- address\n");
  expect(JSON.parse(json.written.stderr)).toEqual({
    v: 1,
    type: "notice",
    level: "info",
    code: "alone",
    text: "Nobody.",
    hint: "npm start -- address",
  });
});

test("a slow reader holds the next line back", async () => {
  let release: (() => void) | undefined;
  const slow = new Writable({
    highWaterMark: 4,
    write(_chunk, _encoding, done) {
      release = done;
    },
  });
  const { out } = captured({ stdout: slow });
  let done = false;
  const line = out.line("a long line").then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toBe(false);
  release?.();
  await line;
  expect(done).toBe(true);
});
