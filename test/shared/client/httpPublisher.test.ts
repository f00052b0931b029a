import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { HttpPublisher } from "../../../shared/client/httpPublisher.ts";
import { PROBLEM_MEDIA_TYPE, problem } from "../../../shared/protocol/problem.ts";
import { progress, startTestServer, TOKEN } from "../../bridge/http/testServer.ts";

/** A bridge's server that keeps a list of the events of each request. */
async function recordedServer() {
  const server = await startTestServer();
  const requests: string[][] = [];
  const publish = server.bus.publish.bind(server.bus);
  server.bus.publish = (events) => {
    requests.push(events.map(({ data }) => ("count" in data ? String(data["count"]) : "")));
    return publish(events);
  };
  return { server, requests, address: { socket: server.socketPath, url: server.url, token: TOKEN } };
}

describe("publishing over HTTP", () => {
  it("sends what is published in one turn in one request, and what comes meanwhile in the next, in order", async () => {
    const { server, requests, address } = await recordedServer();
    await using _server = server;
    using publisher = new HttpPublisher(address);
    const first = [0, 1, 2].map((count) => publisher.publish([progress(count)]));
    await new Promise<void>((resolve) => setImmediate(resolve));
    const second = [3, 4].map((count) => publisher.publish([progress(count)]));
    const results = await Promise.all([...first, ...second]);
    expect(results.map(([result]) => result?.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(requests).toEqual([
      ["0", "1", "2"],
      ["3", "4"],
    ]);
  });

  it("keeps many publishers in step: as many requests as turns, not as events", async () => {
    const { server, requests, address } = await recordedServer();
    await using _server = server;
    using publisher = new HttpPublisher({ ...address, socket: null });
    const publishers = Array.from({ length: 16 }, async (_, index) => {
      for (let turn = 0; turn < 20; turn += 1) await publisher.publish([progress(index)]);
    });
    await Promise.all(publishers);
    expect(requests).toHaveLength(20);
    expect(server.store.lastSeq).toBe(320);
  });

  it("lets an event that is refused fail by itself, and keeps the order of the others", async () => {
    const { server, requests, address } = await recordedServer();
    await using _server = server;
    using publisher = new HttpPublisher(address);
    const answers = await Promise.allSettled([
      publisher.publish([progress(1)]),
      publisher.publish([progress(2, { project_id: "../up" })]),
      publisher.publish([progress(3, { event_type: "job.approved", data: { approval_id: "none" } })]),
      publisher.publish([progress(4)]),
    ]);
    expect(answers).toMatchObject([
      { value: [{ seq: 1 }] },
      { reason: { code: "invalid_event" } },
      { value: [{ problem: { code: "unknown_approval" } }] },
      { value: [{ seq: 2 }] },
    ]);
    expect(requests.flat()).toEqual(["1", "", "4"]);
  });

  it("sends nothing in front of what could not be asked of the bridge", async () => {
    const bodies: string[] = [];
    const server = createServer(async (request, response) => {
      bodies.push(await text(request));
      // Together they are refused, and then the bridge goes.
      if (bodies.length > 1) return void request.socket.destroy();
      const { document } = problem("invalid_event", "One of them is wrong.");
      response.writeHead(400, { "Content-Type": PROBLEM_MEDIA_TYPE }).end(JSON.stringify(document));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    using publisher = new HttpPublisher({ socket: null, url: `http://127.0.0.1:${port}`, token: "t" });
    const answers = await Promise.allSettled([1, 2, 3].map((count) => publisher.publish([progress(count)])));
    const unreachable = { status: "rejected", reason: { code: "bridge_unreachable" } };
    expect(answers).toMatchObject([unreachable, unreachable, unreachable]);
    expect(bodies.slice(1).every((body) => JSON.parse(body)[0].data.count === 1)).toBe(true);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("uses one connection, and says so when there is no bridge", async () => {
    const sockets = new Set<IncomingMessage["socket"]>();
    const server = createServer((request, response) => {
      sockets.add(request.socket);
      request.resume().on("end", () => response.end('{"results":[]}'));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    using publisher = new HttpPublisher({ socket: null, url: `http://127.0.0.1:${port}`, token: "t" });
    for (let turn = 0; turn < 3; turn += 1) await publisher.publish([progress(turn)]);
    expect(sockets.size).toBe(1);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(publisher.publish([progress(0)])).rejects.toMatchObject({ code: "bridge_unreachable" });
  });
});
