/**
 * The transport that can dig through routers: WebRTC, begun over a relayed connection. Loaded when such a connection shows. Its
 * native part is an optional package; where it is missing, relayed connections stay relayed.
 */
import { webRTC } from "@libp2p/webrtc";
import { holdCandidates } from "./held-candidates.ts";
import { componentsOf, type LateParts } from "./components.ts";
import type { ParleyNode } from "./libp2p-node.ts";

/** @param stunServers "stun:host:port" of servers that tell what the own address looks like from outside, asked for at each attempt. */
export async function addWebRtc(
  node: ParleyNode,
  parts: LateParts,
  stunServers: () => readonly string[],
): Promise<void> {
  holdCandidates();
  const components = componentsOf(node);
  const servers = (): { iceServers: { urls: string }[] } => ({
    // Without any the library would ask a third party's.
    iceServers: stunServers().map((urls) => ({ urls })),
  });
  const transport = webRTC({ rtcConfiguration: servers })(
    components as unknown as Parameters<ReturnType<typeof webRTC>>[0],
  );
  components.transportManager.add(transport);
  await parts.add(transport);
}
