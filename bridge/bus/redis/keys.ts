/** Owns the names that the bridges share in Redis. The first two are the specification's. */

/** Channel of one event type: a wake-up, no more. What is published here while a bridge is away is lost. */
export const channelOf = (eventType: string): string => `televibe:events:${eventType}`;
export const ALL_CHANNELS = "televibe:events:*";

/** Stream of one project: what delivery rests on. */
export const STREAM_PREFIX = "televibe:stream:";
export const streamOf = (projectId: string): string => `${STREAM_PREFIX}${projectId}`;

/** All projects that have a stream. */
export const PROJECTS = "televibe:projects";

/** Hash of `ms` and `n`, the last position that was given out, over all streams. */
export const CLOCK = "televibe:clock";

/** Random: tells apart this Redis's memory and one that was begun anew. */
export const EPOCH = "televibe:epoch";

/** The decision event of one approval. */
export const DECISION_PREFIX = "televibe:decision:";
