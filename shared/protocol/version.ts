/** Owns the protocol's version, and the sizes that both of its ends keep to. */

/** The protocol that this code speaks; it is part of every path (`/v1/...`). */
export const PROTOCOL_VERSION = 1;

/** Largest request body, in bytes; a log chunk and a WebSocket frame have the same bound. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Most events in one publish. */
export const MAX_BATCH_EVENTS = 1000;

/** Most events that one query answers with, and how many when it does not say. */
export const MAX_QUERY_LIMIT = 1000;
export const DEFAULT_QUERY_LIMIT = 100;

/** A quiet stream says where it stands this often; a reader that hears nothing for 2.5 times as long reconnects. */
export const HEARTBEAT_INTERVAL_MS = 15_000;

/** A stream whose filter leaves out this many events in a row says where it stands, so that its cursor does not age. */
export const CURSOR_EVERY_EVENTS = 1000;
