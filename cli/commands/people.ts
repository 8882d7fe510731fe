import type { PersonInfo } from "../../src/app/people-api.ts";
import { ParleyError } from "../../src/core/codec/errors.ts";
import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { personMarks } from "../../src/app/people/person-words.ts";
import { table } from "../table.ts";

export async function people(context: Context): Promise<number> {
  const { out } = context;
  const list = await (await openStore(context)).people();
  if (out.json) {
    for (const person of list) await out.object("person", person);
    return DONE;
  }
  for (const line of table(list.map(row))) await out.line(line);
  return DONE;
}

export async function peopleName(
  context: Context,
  who: string,
  name: string | undefined,
  { clear }: { readonly clear?: boolean },
): Promise<number> {
  if ((name === undefined) !== (clear === true)) {
    throw new ParleyError("bad-usage", "What shall they be called here?", {
      hint: "{parley people name WHO NAME}, or --clear",
    });
  }
  const api = await openStore(context);
  return show(context, await api.setPetname({ who, petname: name ?? null }));
}

export async function peopleBlock(context: Context, who: string, on: boolean): Promise<number> {
  return show(context, await (await openStore(context)).block({ who, on }));
}

export async function peopleIgnore(context: Context, who: string, on: boolean): Promise<number> {
  const { ignored } = await (await openStore(context)).ignore({ who, on });
  if (context.out.json) {
    for (const person of ignored) await context.out.object("ignored", person);
    return DONE;
  }
  const names = ignored.map(({ name }) => name).join(", ");
  await context.out.line(names === "" ? "Nobody is ignored." : `Ignored: ${names}`);
  return DONE;
}

export async function show(context: Context, person: PersonInfo): Promise<number> {
  await context.out.either("person", person, table([row(person)]).join("\n"));
  return DONE;
}

function row(person: PersonInfo): string[] {
  const marks = personMarks(person);
  return [
    person.name,
    person.fingerprint,
    person.here ? "connected" : "",
    marks.length === 0 ? "" : `(${marks.join(", ")})`,
  ];
}
