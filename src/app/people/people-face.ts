/** The part of the service that is about people and devices: hands each request to the part that answers it. */
import type { RoomsApi } from "../api.ts";
import type { DirectMessages } from "../direct/direct-messages.ts";
import type { Devices } from "../devices/devices.ts";
import { OwnedFace } from "../owned/owned-face.ts";
import type { Comparing } from "./comparing.ts";
import type { Hides } from "./hides.ts";
import type { People } from "./people.ts";

export abstract class PeopleFace extends OwnedFace {
  protected abstract readonly known: People;
  protected abstract readonly comparing: Comparing;
  protected abstract readonly ownDevices: Devices;
  protected abstract readonly hides: Hides;

  protected abstract readonly conversations: DirectMessages;
  readonly directRequests: RoomsApi["directRequests"] = () => this.conversations.directRequests();
  readonly acceptDirect: RoomsApi["acceptDirect"] = (it) => this.conversations.acceptDirect(it);
  readonly refuseDirect: RoomsApi["refuseDirect"] = (it) => this.conversations.refuseDirect(it);

  readonly whois: RoomsApi["whois"] = ({ who }) => this.known.whois(who);
  readonly ignored: RoomsApi["ignored"] = async () => this.known.ignored();
  readonly ignore: RoomsApi["ignore"] = async (request) => {
    const ignored = await this.known.ignore(request);
    await this.conversations.tidy();
    return { ignored };
  };
  readonly people: RoomsApi["people"] = async () => this.known.list();
  readonly setPetname: RoomsApi["setPetname"] = (request) => this.known.setPetname(request);
  readonly block: RoomsApi["block"] = async (request) => {
    const person = await this.known.block(request);
    await this.conversations.tidy();
    return person;
  };
  readonly safety: RoomsApi["safety"] = async ({ who }) => this.known.safety(who);
  readonly setVerified: RoomsApi["setVerified"] = (request) => this.known.setVerified(request);
  readonly compareLive: RoomsApi["compareLive"] = (request) => this.comparing.with(request);

  readonly moderation: RoomsApi["moderation"] = (request) => this.hides.moderation(request);
  readonly moderate: RoomsApi["moderate"] = (request) => this.hides.moderate(request);

  readonly devices: RoomsApi["devices"] = () => this.ownDevices.list();
  readonly nameDevice: RoomsApi["nameDevice"] = (request) => this.ownDevices.setName(request);
  readonly revokeDevice: RoomsApi["revokeDevice"] = (request) => this.ownDevices.revoke(request);
  /** Said in another network of this profile. */
  readonly revokeHere = (device: string): Promise<void> => this.ownDevices.revokeHere(device);
  readonly revocationsChanged = (): Promise<void> => this.ownDevices.reload();
  /** The profile is in another private network. */
  readonly networkEntered = (): void => this.ownDevices.networks.entered();
  readonly linkDevice: RoomsApi["linkDevice"] = (request) => this.ownDevices.linking.make(request);
  readonly linkedDevice: RoomsApi["linkedDevice"] = (request) =>
    this.ownDevices.linking.linked(request);
}
