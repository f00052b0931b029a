/**
 * Runs inside a network name space that has nothing in it: brings its loopback up, passes what comes in there on to a Unix
 * socket, and runs a command for as long as that takes. Arguments: port, path of the socket, command and its arguments.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";

const [port, socketPath, command, ...args] = process.argv.slice(2);
if (port === undefined || socketPath === undefined || command === undefined) throw new Error("Too few arguments");

execFileSync("ip", ["link", "set", "lo", "up"]);
const relay = createServer((client) => {
  const server = connect(socketPath);
  // Either side may go at any time: then the other has nobody to talk to.
  client.on("error", () => server.destroy()).pipe(server);
  server.on("error", () => client.destroy()).pipe(client);
});
relay.listen(Number(port), "127.0.0.1");
await once(relay, "listening");

const child = spawn(command, args, { stdio: "inherit" });
// In a terminal, what is meant for the command reaches us as well.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
await once(child, "exit");
process.exit(child.exitCode ?? 1);
