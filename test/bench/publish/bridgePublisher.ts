/**
 * The program that publishes to a server, in a process of its own: to a bridge over its WebSocket or over HTTP, or to Redis
 * with Redis's own client. All of them over TCP on this machine.
 */
import { createClient } from "@redis/client";
import { BridgeSocket } from "../../../shared/client/bridgeSocket.ts";
import { HttpPublisher } from "../../../shared/client/httpPublisher.ts";
import type { DiscoveryEntry } from "../../../shared/protocol/discovery.ts";
import type { PublishResult } from "../../../shared/protocol/publish.ts";
import { type LoopFigures, publishLoop } from "./publishLoop.ts";
import { programOptions } from "./runProgram.ts";
import type { SampleEvent } from "./sampleEvent.ts";

export type Server =
  | { readonly way: "websocket" | "http"; readonly entry: DiscoveryEntry }
  | { readonly way: "redis"; readonly url: string };

export interface BridgePublisherOptions {
  readonly server: Server;
  readonly inFlight: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
}

async function run(): Promise<LoopFigures> {
  const { server, ...loop } = programOptions<BridgePublisherOptions>();
  if (server.way === "redis") return throughRedis(server.url, loop);
  return server.way === "http" ? throughHttp(server.entry, loop) : throughWebSocket(server.entry, loop);
}

type Loop = Omit<BridgePublisherOptions, "server">;

/** One connection, as every client of the bridge has. */
async function throughWebSocket(entry: DiscoveryEntry, loop: Loop): Promise<LoopFigures> {
  let connected = () => {};
  const connecting = new Promise<void>((resolve) => {
    connected = resolve;
  });
  await using socket = new BridgeSocket({
    // Over TCP, as the others: without the Unix socket's advantage.
    connect: async () => ({ ...entry, socket: null }),
    onStatus: ({ state }) => {
      if (state === "connected") connected();
    },
  });
  socket.start();
  await connecting;
  const publish = async (event: SampleEvent) =>
    assertStored((await socket.publish([{ ...event, recipients: [...event.recipients] }]))[0]);
  return await publishLoop({ ...loop, publish });
}

/** One kept-alive connection; what is published in one turn travels in one request, as Redis's client writes its commands. */
async function throughHttp(entry: DiscoveryEntry, loop: Loop): Promise<LoopFigures> {
  using publisher = new HttpPublisher({ ...entry, socket: null });
  const publish = async (event: SampleEvent) =>
    assertStored((await publisher.publish([{ ...event, recipients: [...event.recipients] }]))[0]);
  return await publishLoop({ ...loop, publish });
}

function assertStored(result: PublishResult | undefined): void {
  if (typeof result?.seq !== "number") throw new Error(`not acknowledged: ${JSON.stringify(result)}`);
}

/** `appendfsync always`: Redis answers when the command is in its file and synced. Its client writes what waits in one go. */
async function throughRedis(url: string, loop: Loop): Promise<LoopFigures> {
  const client = createClient({ url });
  client.on("error", (error) => console.error(error));
  await client.connect();
  const publish = (event: SampleEvent) => client.xAdd("events", "*", { event: JSON.stringify(event) });
  const figures = await publishLoop({ ...loop, publish });
  client.destroy();
  return figures;
}

run().then(
  (figures) => process.stdout.write(JSON.stringify(figures)),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  },
);
