/** Owns how far the heap may grow beyond what is in use: a bridge lives for months beside its user's own work. */
import { setFlagsFromString } from "node:v8";

/**
 * On a machine with much memory V8 lets a heap grow to four times what is in use before it looks for garbage
 * (`MemoryController::GrowingFactor`); with this it is half as much again. Looked at by V8 at each collection.
 */
const GROWING_PERCENT = 50;

/** To be called once, at the start of the process. */
export function boundHeapGrowth(): void {
  // Electron may have frozen V8's flags, and V8 ends the process of whoever changes them then.
  if (process.versions["electron"] !== undefined) return;
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
}
