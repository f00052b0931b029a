/** Owns promises that nobody has to await. */

/** For one whose failure is told to `onError`: not to await it must not end the process. */
export function unawaited<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
