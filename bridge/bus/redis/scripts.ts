/** Owns what happens inside Redis, in one step each: no other client sees it half done. */
import { CLOCK, DECISION_PREFIX, EPOCH, PROJECTS, STREAM_PREFIX } from "./keys.ts";

/** Entries that a project's stream keeps, about. What is older is in the bridges' stores. */
export const MAX_STREAM_ENTRIES = 100_000;

/** How long Redis remembers who decided an approval, in seconds; the stores remember longer. */
const DECISION_TTL_SECONDS = 30 * 24 * 60 * 60;

/**
 * Publishes one event. ARGV: its JSON, project_id, channel, event_id, approval_id for a decision or "", the publisher's
 * token or "", and how many entries a stream keeps, about. Answers {1, id}, or {0, the decision event that came first}.
 */
export const PUBLISH = `
local json, project, channel, event_id, approval, token = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if approval ~= "" then
  local key = "${DECISION_PREFIX}" .. approval
  if not redis.call("SET", key, json, "NX", "EX", ${DECISION_TTL_SECONDS}) then
    local first = redis.call("GET", key)
    -- The same event sent again, since its answer was lost, is no second decision: the stores know its event_id.
    if cjson.decode(first).event_id ~= event_id then return {0, first} end
  end
end
local time = redis.call("TIME")
local ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local last = tonumber(redis.call("HGET", "${CLOCK}", "ms") or "0")
if last > ms then ms = last end
local n = redis.call("HINCRBY", "${CLOCK}", "n", 1)
local ms_text = string.format("%.0f", ms)
redis.call("HSET", "${CLOCK}", "ms", ms_text)
local id = ms_text .. "-" .. string.format("%.0f", n)
redis.call("XADD", "${STREAM_PREFIX}" .. project, "MAXLEN", "~", ARGV[7], id, "event", json, "token", token)
redis.call("SADD", "${PROJECTS}", project)
redis.call("PUBLISH", channel, json)
return {1, id}
`;

/**
 * Reads all streams from a position on, in one consistent look. ARGV: the position "ms-n" (excluded), its n, how many
 * entries a stream at most. Answers {epoch, clock ms, clock n, streams}, each stream a list of {id, json,
 * token}. A stream with that many entries may have more.
 */
export const READ = `
local epoch = redis.call("GET", "${EPOCH}") or ""
local clock = redis.call("HMGET", "${CLOCK}", "ms", "n")
local ms, n = clock[1] or "0", clock[2] or "0"
local streams = {}
if n ~= ARGV[2] then
  for _, project in ipairs(redis.call("SMEMBERS", "${PROJECTS}")) do
    local entries = redis.call("XRANGE", "${STREAM_PREFIX}" .. project, "(" .. ARGV[1], "+", "COUNT", ARGV[3])
    if #entries > 0 then
      local found = {}
      for index, entry in ipairs(entries) do found[index] = {entry[1], entry[2][2], entry[2][4] or ""} end
      streams[#streams + 1] = found
    end
  end
end
return {epoch, ms, n, streams}
`;

/**
 * Begins a new epoch, unless somebody else did. ARGV: the epoch that was seen ("" for none), the new one, and a position that
 * must never be given out again. Answers the epoch that is in force.
 */
export const BEGIN_EPOCH = `
local epoch = redis.call("GET", "${EPOCH}") or ""
if epoch ~= ARGV[1] then return epoch end
redis.call("SET", "${EPOCH}", ARGV[2])
local clock = redis.call("HMGET", "${CLOCK}", "ms", "n")
if tonumber(clock[1] or "0") < tonumber(ARGV[3]) then redis.call("HSET", "${CLOCK}", "ms", ARGV[3]) end
if tonumber(clock[2] or "0") < tonumber(ARGV[4]) then redis.call("HSET", "${CLOCK}", "n", ARGV[4]) end
return ARGV[2]
`;

/**
 * Whether Redis still has the entry at which a bridge stands. ARGV: its id, and how many entries a stream keeps. Where a
 * stream was trimmed nobody can tell, and it counts as known. Answers 1 or 0.
 */
export const KNOWS = `
local known = 0
for _, project in ipairs(redis.call("SMEMBERS", "${PROJECTS}")) do
  local key = "${STREAM_PREFIX}" .. project
  if redis.call("XLEN", key) >= tonumber(ARGV[2]) then known = 1 end
  if #redis.call("XRANGE", key, ARGV[1], ARGV[1]) > 0 then return 1 end
end
return known
`;
