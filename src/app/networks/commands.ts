/** What a client may do with networks: NetworksApi for one session, which is in one network. */
import { equal, fromHex, toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { NETWORK_OVERLAP_MAX_MS } from "../../core/codec/limits.ts";
import { fingerprint } from "../../core/identity/fingerprint.ts";
import type { Crypto } from "../../core/crypto/port.ts";
import { liveSecrets } from "../../core/network/secret.ts";
import { encodeSwarmKey } from "../../core/network/swarm-key.ts";
import { decodeTicket, looksLikeTicket } from "../../core/network/ticket.ts";
import { canonicalNetworkName } from "../../core/room/open-room.ts";
import { findPerson } from "../people/find-person.ts";
import type { ParleyService } from "../service.ts";
import type {
  JoinedNetwork,
  NetworkDetails,
  NetworkInfo,
  NetworkMember,
  NetworksApi,
  RotatedNetwork,
  TicketInfo,
  TicketPreview,
} from "./api.ts";
import type { JoinRequests } from "./join-requests.ts";
import type { Membership } from "./membership.ts";
import type { Networks } from "./networks.ts";
import type { OwnNetwork } from "./own-network.ts";
import { scopeOf } from "./record.ts";
import { refusalError } from "./refusals.ts";
import { FIRST_ROOM } from "./usual.ts";

/** How long an old secret stays good beside the new one. */
const OVERLAP_MS = 7 * 24 * 3_600_000;
/** How long a newcomer tries while nobody answers. */
const JOIN_WAIT_MS = 30_000;
/** How long it is watched who is there before that is told. */
const MEET_MS = 5_000;

export class NetworkCommands implements NetworksApi {
  readonly #networks: Networks;
  readonly #scope: string;
  readonly #requests: JoinRequests;

  /** @param scope the network the session is in */
  constructor(networks: Networks, scope: string, requests: JoinRequests) {
    this.#networks = networks;
    this.#scope = scope;
    this.#requests = requests;
  }

  async netCreate({ name, swarmKey }: { name: string; swarmKey?: string }): Promise<NetworkInfo> {
    const network = await this.#networks.found(name, swarmKey);
    const service = await this.#networks.service(network.scope);
    await service.join({ room: FIRST_ROOM });
    return this.#info(network.scope);
  }

  async netList(): Promise<NetworkInfo[]> {
    const scopes = new Set(this.#networks.own().map(({ scope }) => scope));
    scopes.add(await this.#current());
    scopes.add(this.#scope);
    const known = await Promise.all([...scopes].map((scope) => this.#info(scope)));
    return [...known, ...(await this.#requests.list())];
  }

  async netUse({ name }: { name: string }): Promise<NetworkInfo> {
    const scope = await this.#networks.scope(name);
    await this.#networks.entries.setCurrent(scope);
    return this.#info(scope);
  }

  async netShow({ name }: { name?: string }): Promise<NetworkDetails> {
    const { network, service, membership } = await this.#private(name);
    const { init } = this.#networks;
    const { members } = membership.members.view();
    const here = new Set((await service.peers()).map(({ author }) => author));
    const memberList = [...members].map(([author, member]): NetworkMember => ({
      author,
      name: service.nameOf(author),
      fingerprint: fingerprint(init.crypto, member.root),
      role: member.role,
      me: author === toHex(init.device.certificate.root),
      here: here.has(author),
      since: new Date(member.sinceMs).toISOString(),
      ...(member.inviter ? { inviter: fingerprint(init.crypto, member.inviter) } : {}),
    }));
    const secrets = liveSecrets(network.entry.secrets, init.clock.nowMs());
    return {
      ...(await this.#info(network.scope)),
      memberList,
      tickets: await service.tickets.made(),
      secrets: secrets.map(({ generation, closesMs }) => ({
        generation,
        ...(closesMs === null ? {} : { closes: new Date(closesMs).toISOString() }),
      })),
      outerKey: fingerprint(init.crypto, network.entry.outerKey),
      ...nextOuterOf(init.crypto, network.entry),
    };
  }

  async netTicket(request: Parameters<NetworksApi["netTicket"]>[0]): Promise<TicketInfo> {
    const { service, network } = await this.#private(request.name);
    await this.#networks.online(network.scope);
    return service.tickets.make(request, await service.addresses());
  }

  async netPreview({ ticket: text }: { ticket: string }): Promise<TicketPreview> {
    const { crypto, clock } = this.#networks.init;
    const { invite, addresses } = decodeTicket(crypto, text);
    return {
      network: invite.name,
      networkId: toHex(invite.network),
      inviter: toHex(invite.root),
      fingerprint: fingerprint(crypto, invite.root),
      role: invite.role,
      expires: new Date(invite.expiresS * 1000).toISOString(),
      expired: clock.nowMs() >= invite.expiresS * 1000,
      uses: invite.uses,
      addresses,
      member: this.#networks.byScope(scopeOf(invite.network)) !== undefined,
    };
  }

  async netJoin(request: { ticket: string; as?: string; waitMs?: number }): Promise<JoinedNetwork> {
    const { init, entries } = this.#networks;
    const ticket = decodeTicket(init.crypto, request.ticket);
    const scope = scopeOf(ticket.invite.network);
    const own = this.#networks.byScope(scope);
    // The ticket of a network one is in brings back who was away while its outer key was changed.
    if (own && equal(own.entry.outerKey, ticket.outerKey)) await entries.setCurrent(scope);
    else await this.#requests.ask(ticket, request.as, request.waitMs ?? JOIN_WAIT_MS);
    await this.#networks.online(scope);
    const service = await this.#networks.service(scope);
    await service.join({ room: FIRST_ROOM });
    const here = await this.#meet(service);
    return { ...(await this.#info(scope)), here };
  }

  async netLeave({ name }: { name: string }): Promise<{ name: string; asking?: true }> {
    const waiting = await this.#requests.drop(name);
    if (waiting !== undefined) return { name: waiting, asking: true };
    const network = this.#named(name);
    await this.#networks.remove(network);
    return { name: network.entry.name };
  }

  async netRevoke({ ticket: text }: { ticket: string }): Promise<{ ticketId: string }> {
    const { crypto } = this.#networks.init;
    if (looksLikeTicket(text)) {
      const { invite } = decodeTicket(crypto, text);
      const network = this.#networks.byScope(scopeOf(invite.network));
      if (!network) throw refusalError("ticket-network", invite.name);
      await (await this.#networks.service(network.scope)).tickets.revoke(invite);
      return { ticketId: toHex(invite.key) };
    }
    for (const { scope } of this.#networks.own()) {
      const { tickets } = await this.#networks.service(scope);
      const key = await tickets.find(text);
      if (!key) continue;
      await tickets.revoke({ key, root: this.#networks.init.device.certificate.root });
      return { ticketId: toHex(key) };
    }
    throw new ParleyError("unknown-ticket", "No ticket made on this device begins so.", {
      hint: "{parley net show|/net show} lists them; a ticket itself is good too.",
    });
  }

  async netRotate(request: Parameters<NetworksApi["netRotate"]>[0]): Promise<RotatedNetwork> {
    const { overlapMs = OVERLAP_MS, without = [], outer = false } = request;
    const { membership } = await this.#private(request.name);
    if (!(overlapMs >= 0 && overlapMs <= NETWORK_OVERLAP_MAX_MS))
      throw new ParleyError("bad-terms", "An old secret stays good for 30 days at most.");
    const { memberList } = await this.netShow(request);
    const removed = without.map((who) => fromHex(findPerson(who, memberList).author));
    const closesMs = this.#networks.init.clock.nowMs() + overlapMs;
    const generation = await membership.rotate(removed, closesMs, outer);
    const closes = new Date(closesMs).toISOString();
    return { generation, closes, ...(outer ? { outerFrom: closes } : {}) };
  }

  async netExport({ name }: { name?: string }): Promise<{ name: string; swarmKey: string }> {
    const { entry } = (await this.#private(name)).network;
    return { name: entry.name, swarmKey: encodeSwarmKey(entry.outerKey) };
  }

  /** Who is there, as soon as somebody is and has the name of who has come, or when it has been long enough. */
  async #meet(service: ParleyService): Promise<JoinedNetwork["here"]> {
    const membership = service.membership as Membership;
    const known = async () => (await service.peers()).filter(({ author }) => author !== "");
    await new Promise<void>((resolve) => {
      const look = async (): Promise<void> => {
        if (membership.introduced && (await known()).length > 0) done();
      };
      const done = (): void => {
        cancel();
        unsubscribe();
        unhear();
        resolve();
      };
      const cancel = this.#networks.init.timers.after(MEET_MS, done);
      const unsubscribe = service.subscribe(({ type }) => {
        if (type === "closed") done();
        if (type === "peers") void look();
      });
      const unhear = membership.hear(() => void look());
      void look();
    });
    return (await known()).map(({ name, fingerprint: print }) => ({ name, fingerprint: print }));
  }

  async #info(scope: string): Promise<NetworkInfo> {
    const own = this.#networks.byScope(scope);
    const running = this.#networks.isRunning(scope);
    const service = running ? await this.#networks.service(scope) : undefined;
    const membership = service?.membership;
    return {
      name: own?.entry.name ?? scope,
      kind: own ? "private" : "open",
      networkId: this.#networks.idOf(scope),
      current: scope === (await this.#current()),
      running,
      peers: (await service?.peers())?.length ?? 0,
      ...(membership?.me ? { role: membership.me.role } : {}),
      ...(membership ? { members: membership.members.view().members.size } : {}),
    };
  }

  async #current(): Promise<string> {
    return (await this.#networks.entries.current()) ?? (await this.#networks.scope());
  }

  #named(name: string): OwnNetwork {
    const network = this.#networks.byName(canonicalNetworkName(name));
    if (network) return network;
    throw new ParleyError("unknown-network", `You are in no private network called ${name}.`, {
      hint: "{parley net list|/net list} shows yours.",
    });
  }

  async #private(
    name: string | undefined,
  ): Promise<{ network: OwnNetwork; service: ParleyService; membership: Membership }> {
    const network = name === undefined ? this.#networks.byScope(this.#scope) : this.#named(name);
    if (!network) {
      throw new ParleyError(
        "not-private",
        "The network you are in is open: whoever knows its name is in it.",
        {
          hint: "{parley net create NAME} makes a private one.",
        },
      );
    }
    const service = await this.#networks.service(network.scope);
    return { network, service, membership: service.membership as Membership };
  }
}

function nextOuterOf(
  crypto: Crypto,
  { nextOuter }: OwnNetwork["entry"],
): Pick<NetworkDetails, "nextOuter"> {
  if (!nextOuter) return {};
  const from = new Date(nextOuter.fromMs).toISOString();
  return { nextOuter: { outerKey: fingerprint(crypto, nextOuter.key), from } };
}
