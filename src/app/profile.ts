/** Who this person is, what they are called, and how they like it. */
import { toHex, utf8 } from "../core/codec/bytes.ts";
import { ParleyError } from "../core/codec/errors.ts";
import { SETTING_MAX_BYTES } from "../core/codec/limits.ts";
import { cleanName } from "../core/text/clean.ts";
import type { IdentityInfo } from "./api.ts";
import type { Context } from "./context.ts";

export class Profile {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  async open(): Promise<void> {
    const { records, init } = this.#context;
    if ((await records.name()) === undefined) await records.setName(init.name);
    await this.reload();
  }

  /** Reads the name and what this person has noted of others. */
  async reload(): Promise<void> {
    const { records, ignored, book } = this.#context;
    await book.load();
    this.#context.name = (await records.name()) ?? this.#context.name;
    ignored.clear();
    for (const [author, name] of await records.ignored()) ignored.set(author, name);
  }

  identity(): IdentityInfo {
    const { init, fingerprints, author, device, name } = this.#context;
    const key = device.certificate.device;
    return {
      name,
      fingerprint: fingerprints.of(author),
      author,
      device: toHex(key),
      peerId: init.peerIdOf(key),
      profile: init.profile,
      network: init.networkName,
    };
  }

  /** @throws ParleyError `bad-name` */
  async setName(name: string): Promise<IdentityInfo> {
    const cleaned = cleanName(name);
    if (cleaned === "") {
      throw new ParleyError("bad-name", "A name needs at least one visible character.", {
        hint: "For example: ana",
      });
    }
    await this.#context.records.setName(cleaned);
    this.#context.name = cleaned;
    const identity = this.identity();
    this.#context.emitter.emit({ type: "me", identity });
    return identity;
  }

  async settings(): Promise<Record<string, string>> {
    return Object.fromEntries(await this.#context.records.settings());
  }

  /** @throws ParleyError `bad-setting` */
  async setSetting(key: string, value: string | null): Promise<Record<string, string>> {
    const isWord = /^[a-z][a-z0-9.-]{0,63}$/.test(key);
    if (!isWord || (value !== null && utf8(value).length > SETTING_MAX_BYTES)) {
      throw new ParleyError(
        "bad-setting",
        `A setting is a short word and at most ${SETTING_MAX_BYTES} bytes of text.`,
      );
    }
    await this.#context.records.setSetting(key, value);
    return this.settings();
  }
}
