/**
 * The program that is no bridge: Node's own HTTP server and `ws`, which read what is published and answer that it is taken,
 * and keep nothing. It says how much of a bridge's time is the bridge's, and where the most is that any server in Node can reach.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

const TAKEN = { event_id: "none", seq: 1, duplicate: false };

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const events: readonly object[] = JSON.parse(Buffer.concat(chunks).toString());
    const body = Buffer.from(JSON.stringify({ results: events.map(() => TAKEN) }));
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": body.length });
    response.end(body);
  });
});
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket) => {
  socket.on("message", (data) => {
    const { id, events }: { id: string; events: readonly object[] } = JSON.parse(String(data));
    const results = events.map(() => TAKEN);
    socket.send(JSON.stringify({ op: "published", id, results }));
  });
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`http://127.0.0.1:${port}\n`);
});
