/** Owns which ids are file names as they are. */

/** Ids that make the same file name on every file system, also on those that fold case. */
const PLAIN = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** Whether a job's id is the name of its log's file, without its ending. A UUID is. */
export function isPlainName(id: string): boolean {
  return PLAIN.test(id);
}
