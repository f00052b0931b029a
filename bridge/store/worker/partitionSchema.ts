/** Owns the tables of a partition, and the indexes over them. */

/** `PRAGMA user_version`: raised with every change of the tables; a partition of an older one is written anew at the start. */
export const PARTITION_FORMAT = 2;

/**
 * `crc` is the CRC-32 of the body, by which what is whole can be told from what is not in a file with damaged pages.
 * `search` is an index over what people look for by its words; neither the text itself is kept twice, nor how many words
 * each row has (`matchinfo`), which only a ranking would ask for. Older files of this format still have that.
 */
export const PARTITION_TABLES = `
  PRAGMA user_version = ${PARTITION_FORMAT};
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    ts INTEGER NOT NULL,
    project TEXT NOT NULL,
    session TEXT,
    job TEXT,
    body TEXT NOT NULL,
    crc INTEGER NOT NULL
  );
  CREATE VIRTUAL TABLE search USING fts4 (content="", matchinfo=fts3, words, tokenize=unicode61);
`;

/**
 * All but the first give their events in the order of `seq`, and hold what else filters ask for: a query reads the rows of
 * what it answers and no others.
 */
export const PARTITION_INDEXES = `
  CREATE UNIQUE INDEX events_event_id ON events (event_id);
  CREATE INDEX events_project ON events (project, seq, type, ts);
  CREATE INDEX events_session ON events (session, seq, type, ts, project) WHERE session IS NOT NULL;
  CREATE INDEX events_job ON events (job, seq, type, ts) WHERE job IS NOT NULL;
  CREATE INDEX events_type ON events (type, seq, ts);
`;
