/**
 * A router's Internet Gateway Device (UPnP IGD 2), as far as a node asks it: found by SSDP, told by SOAP what to forward, and it
 * does so by nftables. A program of its own, because it runs in the namespace of the router.
 *
 *   node gateway-device.ts LAN_ADDRESS OUTER_ADDRESS honest|lying
 *
 * A lying one says yes, forwards nothing, and counts who comes to the port. Each request is a line of its output: action,
 * outer port, host:port.
 */
import { createSocket } from "node:dgram";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";

const GROUP = "239.255.255.250";
const SSDP_PORT = 1900;
const HTTP_PORT = 5000;
const GATEWAY = "urn:schemas-upnp-org:device:InternetGatewayDevice:2";
const CONNECTION = "urn:schemas-upnp-org:service:WANIPConnection:2";
const NAME = "uuid:00000000-0000-0000-0000-000000000001";

const [inner = "", outer = "", kind = "honest"] = process.argv.slice(2);

const DESCRIPTION = `<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-2-0"><device><deviceType>${GATEWAY}</deviceType><UDN>${NAME}</UDN>
<serviceList><service><serviceType>${CONNECTION}</serviceType><SCPDURL>/scpd</SCPDURL><controlURL>/control</controlURL>
</service></serviceList></device></root>`;

function rules(text: string): void {
  execFileSync("nft", ["-f", "-"], { input: text });
}

function answer(request: string): string {
  const action = /<u:(\w+) /.exec(request)?.[1] ?? "";
  const read = (name: string): string => new RegExp(`<${name}>([^<]*)<`).exec(request)?.[1] ?? "";
  const port = read("NewExternalPort");
  const to = `${read("NewInternalClient")}:${read("NewInternalPort")}`;
  console.log(action, port, to);
  if (action === "AddAnyPortMapping")
    rules(
      kind === "honest"
        ? `add rule ip nat in iifname eth0 tcp dport ${port} dnat to ${to}`
        : `insert rule ip nat input iifname eth0 tcp dport ${port} counter`,
    );
  const values: Record<string, string> = {
    GetExternalIPAddress: `<NewExternalIPAddress>${outer}</NewExternalIPAddress>`,
    AddAnyPortMapping: `<NewReservedPort>${port}</NewReservedPort>`,
  };
  return `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<u:${action}Response xmlns:u="${CONNECTION}">${values[action] ?? ""}</u:${action}Response></s:Body></s:Envelope>`;
}

rules(`add chain ip nat in { type nat hook prerouting priority -100; }
  insert rule ip nat forward ct status dnat accept`);

createServer((request, response) => {
  let body = "";
  request.on("data", (chunk: Buffer) => (body += chunk.toString()));
  request.on("end", () => {
    response.setHeader("Content-Type", "text/xml");
    response.end(request.method === "POST" ? answer(body) : DESCRIPTION);
  });
}).listen(HTTP_PORT, inner);

const ssdp = createSocket({ type: "udp4", reuseAddr: true });
ssdp.on("message", (message, { address, port }) => {
  if (!message.toString().startsWith("M-SEARCH")) return;
  const lines = [
    "HTTP/1.1 200 OK",
    "CACHE-CONTROL: max-age=1800",
    `ST: ${GATEWAY}`,
    `USN: ${NAME}::${GATEWAY}`,
    `LOCATION: http://${inner}:${HTTP_PORT}/description.xml`,
    "EXT:",
    "",
    "",
  ];
  ssdp.send(lines.join("\r\n"), port, address);
});
ssdp.bind(SSDP_PORT, () => ssdp.addMembership(GROUP, inner));
