/** S: from the Enter key to something on the screen; and what a node costs that does nothing. */
import { cpuMs, ended, Program, residentMb } from "../program.ts";
import { median, now } from "../measure.ts";
import { newRoom, type Work } from "./works.ts";

const TIMES = 5;
const IDLE_MS = 5_000;

export const start: Work = async (folder) => {
  const program = new Program(folder, `bench-${newRoom()}`);
  await program.run("init", "--name", "bench");
  await program.run("join", "lobby");
  const help = await several(() => program.run("--help"));
  const ready = await several(async () => {
    const { child, readyMs } = await program.node();
    await ended(child);
    return readyMs;
  });
  const { child } = await program.node();
  const pid = child.pid ?? 0;
  const sendThrough = await several(() => program.run("send", "lobby", "hello"));
  const firstFrame = await several(() => firstFrameMs(program));
  // At rest: the greetings are over.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const before = await cpuMs(pid);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const idleCpu = (((await cpuMs(pid)) - before) / IDLE_MS) * 100;
  const idleMemory = await residentMb(pid);
  await ended(child);
  return { help, ready, sendThrough, firstFrame, idleCpu, idleMemory };
};

async function several(work: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < TIMES; i++) times.push(await work());
  return median(times);
}

/** From exec until the room's name stands in the status line. */
async function firstFrameMs(program: Program): Promise<number> {
  const startMs = now();
  const client = program.client(120, 40);
  const exit = new Promise<void>((resolve) => client.onExit(() => resolve()));
  const shown = await new Promise<number>((resolve) => {
    let seen = "";
    client.onData((data) => {
      seen += data;
      if (seen.includes("#lobby")) resolve(now() - startMs);
    });
  });
  client.kill("SIGTERM");
  await exit;
  return shown;
}
