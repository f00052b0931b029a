/** Owns looking at everything that a bridge needs, one finding each, with what mends it. */
import { constants } from "node:fs";
import { access as checkAccess, readdir, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { paths } from "../../../shared/client/dataPaths.ts";
import { readDiscoveryFile } from "../../../shared/client/findBridge.ts";
import type { Health } from "../../../shared/protocol/health.ts";
import type { BridgeAccess } from "../context.ts";
import { SPOOL_ENDING } from "../spool/deliverSpools.ts";
import type { Finding } from "./finding.ts";
import { hookFindings } from "./hookFindings.ts";

const MINIMUM_NODE = [20, 19] as const;
/** Below this the store may soon refuse events. */
const MIN_FREE_BYTES = 200 * 1024 * 1024;

export async function examine(access: BridgeAccess, version: string): Promise<readonly Finding[]> {
  const { dataDir } = access;
  const unusable = await whyUnusable(dataDir);
  // Nothing behind it can be looked at then.
  if (unusable !== undefined) return [node(process.versions.node), unusable];
  return [
    node(process.versions.node),
    ...(await dataDirectoryFindings(dataDir)),
    ...(await bridgeFindings(access, version)),
    await leftBehind(dataDir),
    ...(await hookFindings(process.env)),
  ];
}

function node(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isGood = major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1]);
  return isGood
    ? { isGood, text: `Node ${version}` }
    : { isGood, text: `Node ${version} is too old`, mend: `Install Node ${MINIMUM_NODE.join(".")} or newer` };
}

/** What keeps any bridge from using this folder, or from making it. */
async function whyUnusable(dataDir: string): Promise<Finding | undefined> {
  const mend = "Mend that, or choose another folder with --data-dir or TELEVIBE_DATA_DIR";
  const no = (text: string): Finding => ({ isGood: false, text, mend });
  try {
    const found = await stat(dataDir);
    if (!found.isDirectory()) return no(`${dataDir} is not a folder`);
    const uid = process.getuid?.();
    // A bridge refuses it as well, whatever the mode allows: its owner could put anything there.
    if (uid !== undefined && found.uid !== uid) {
      return no(`${dataDir} belongs to another user (${found.uid}; you are ${uid})`);
    }
    await checkAccess(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" && dirname(dataDir) !== dataDir) return whyNotMade(dirname(dataDir), dataDir, mend);
    return no(`${dataDir} cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
  return undefined;
}

/** The nearest parent that exists is where the folder is made. */
async function whyNotMade(parent: string, dataDir: string, mend: string): Promise<Finding | undefined> {
  try {
    await checkAccess(parent, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" && dirname(parent) !== parent) return whyNotMade(dirname(parent), dataDir, mend);
    const reason = error instanceof Error ? error.message : String(error);
    return { isGood: false, text: `${dataDir} cannot be made: ${reason}`, mend };
  }
  return undefined;
}

async function dataDirectoryFindings(dataDir: string): Promise<readonly Finding[]> {
  const mode = await modeOf(dataDir);
  if (mode === undefined) return [{ isGood: true, text: `${dataDir} does not exist yet; the first bridge makes it` }];
  const isPrivate = process.platform === "win32" || (mode & 0o077) === 0;
  const tokenMode = await modeOf(paths(dataDir).token);
  const isTokenPrivate = tokenMode === undefined || process.platform === "win32" || (tokenMode & 0o077) === 0;
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  return [
    isPrivate
      ? { isGood: true, text: `${dataDir} is yours alone` }
      : { isGood: false, text: `${dataDir} can be read by others`, mend: `chmod 700 ${dataDir}` },
    isTokenPrivate
      ? { isGood: true, text: "The token is yours alone" }
      : {
          isGood: false,
          text: "The bridge's token can be read by others",
          mend: "Restart the bridge: it makes a new one (`televibe stop`, then `televibe bridge`)",
        },
    free >= MIN_FREE_BYTES
      ? { isGood: true, text: `${(free / 1e9).toFixed(1)} GB free on its disk` }
      : {
          isGood: false,
          text: `Only ${(free / 1e6).toFixed(0)} MB free on its disk`,
          mend: "Free some space, or move it with TELEVIBE_DATA_DIR",
        },
  ];
}

async function bridgeFindings(access: BridgeAccess, version: string): Promise<readonly Finding[]> {
  const { discoveryFile, bridgeLog } = paths(access.dataDir);
  const entry = await access.find();
  if (entry === undefined) {
    const stale = await readDiscoveryFile(discoveryFile);
    if (stale === undefined) return [{ isGood: false, text: "No bridge runs", mend: "Start one: televibe bridge" }];
    return [
      {
        isGood: false,
        text: `The bridge of ${discoveryFile} (process ${stale.pid}) does not answer; it may have crashed`,
        mend: `Start one: televibe bridge. If it does not stay up, look into ${bridgeLog}`,
      },
    ];
  }
  const health = await new BridgeClient(entry).health();
  return [
    { isGood: true, text: `A bridge answers at ${entry.url} (process ${entry.pid})` },
    entry.version === version
      ? { isGood: true, text: `It has this version, ${version}` }
      : {
          isGood: false,
          text: `It is version ${entry.version}, and this is ${version}`,
          mend: "Restart it: televibe stop, then televibe bridge",
        },
    ...healthFindings(health),
  ];
}

function healthFindings({ warnings, store, bus, telegram }: Health): readonly Finding[] {
  return [
    ...warnings.map((text) => ({ isGood: false, text, mend: mendOf(text) })),
    ...(store.state === "open" ? [{ isGood: true, text: `The store takes events; it has ${store.last_seq}` }] : []),
    ...(bus.kind === "redis" && bus.state === "connected" ? [{ isGood: true, text: "Redis is connected" }] : []),
    ...(telegram.state === "connected"
      ? [{ isGood: true, text: `Telegram is connected, paired chats: ${telegram.paired_chats}` }]
      : []),
    ...(telegram.state === "off"
      ? [{ isGood: true, text: "Telegram is off; TELEVIBE_TELEGRAM_TOKEN turns it on" }]
      : []),
  ];
}

function mendOf(warning: string): string {
  if (warning.startsWith("Redis")) return "See that Redis runs and can be reached; the bridge reconnects by itself";
  if (warning.startsWith("Another program"))
    return "Stop the other one: a bot's messages can be read in one place only";
  if (warning.includes("token"))
    return "Set TELEVIBE_TELEGRAM_TOKEN to the token that @BotFather gave and restart the bridge";
  if (warning.startsWith("Telegram"))
    return "See that this machine reaches api.telegram.org; the bridge tries again by itself";
  if (warning.includes("no rule allows")) return "Mend the file: $EDITOR $(televibe rules path)";
  return "See the bridge's log, and its disk";
}

async function leftBehind(dataDir: string): Promise<Finding> {
  const { spool } = paths(dataDir);
  const all = (await modeOf(spool)) === undefined ? [] : await readdir(spool);
  const names = all.filter((name) => name.endsWith(SPOOL_ENDING));
  if (names.length === 0) return { isGood: true, text: "Nothing waits to be delivered" };
  return {
    isGood: true,
    text: `Jobs whose events are not all delivered yet: ${names.length}; a bridge takes them in by itself`,
  };
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
