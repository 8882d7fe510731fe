/** A DNS server that knows one name: node dns-server.ts HOST NAME TEXT. It says "ready" once it answers on UDP 53. */
import { createSocket } from "node:dgram";

const HEADER_BYTES = 12;
const TYPE_TXT = 16;
const RCODE_NO_SUCH_NAME = 3;
const [host = "", wanted = "", text = ""] = process.argv.slice(2);

const server = createSocket("udp4");
server.on("message", (query, { address, port }) => {
  const { name, end, type } = question(query);
  const found = name === wanted && type === TYPE_TXT;
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  // A recursive answer, to one question, with one answer or none.
  header.writeUInt16BE(0x8180 | (found ? 0 : RCODE_NO_SUCH_NAME), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(found ? 1 : 0, 6);
  const asked = query.subarray(HEADER_BYTES, end);
  server.send(Buffer.concat([header, asked, ...(found ? [answer()] : [])]), port, address);
});
server.bind(53, host, () => console.log("ready"));

function question(query: Buffer): { name: string; end: number; type: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), end: at + 5, type: query.readUInt16BE(at + 1) };
}

/** The name of the question, TXT, IN, good for a minute, the text in pieces of at most 255 bytes. */
function answer(): Buffer {
  const pieces = text.match(/.{1,255}/g) ?? [];
  const data = Buffer.concat(
    pieces.map((piece) => Buffer.concat([Buffer.of(piece.length), Buffer.from(piece)])),
  );
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  head.writeUInt16BE(TYPE_TXT, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
