/** Owns telegraf: the only file that knows it. Adds what it lacks: a deadline, classified errors, and a token that stays hidden. */
import { Telegram, TelegramError } from "telegraf";
import { classifyRefusal } from "./classifyFailure.ts";
import { tokenRedactor } from "./redactToken.ts";
import { TelegramApiError, type TelegramFailure } from "./telegramApiError.ts";
import { type TelegramMethod, type TelegramParams, type TelegramResult, telegramResults } from "./telegramMethods.ts";
import type { TelegramPort } from "./telegramPort.ts";

export interface TelegrafPortOptions {
  readonly token: string;
  /** Where the Bot API is; another than Telegram's own for a local server or a test. */
  readonly apiRoot?: string | undefined;
  /** How long a call may take before it counts as a network failure, on top of what `getUpdates` asks to wait. */
  readonly deadlineMs?: number;
}

// telegraf itself would wait 500 s, deaf, for a connection that died without a word.
const DEADLINE_MS = 20_000;

export class TelegrafPort implements TelegramPort {
  readonly #telegram: Telegram;
  readonly #redact: (text: string) => string;
  readonly #deadlineMs: number;

  constructor({ token, apiRoot, deadlineMs = DEADLINE_MS }: TelegrafPortOptions) {
    this.#redact = tokenRedactor(token);
    this.#deadlineMs = deadlineMs;
    this.#telegram = new Telegram(token, apiRoot === undefined ? {} : { apiRoot: withTrailingSlash(apiRoot) });
  }

  async call<M extends TelegramMethod>(
    method: M,
    params: TelegramParams[M],
    signal?: AbortSignal,
  ): Promise<TelegramResult<M>> {
    const controller = new AbortController();
    const abort = () => controller.abort();
    // Not AbortSignal.any: with a signal that lives as long as the process it keeps what it made alive (Node 20).
    signal?.addEventListener("abort", abort, { once: true });
    let timedOut = false;
    const deadline = setTimeout(() => {
      timedOut = true;
      abort();
    }, this.#deadlineMs + heldOpenMs(params));
    try {
      if (signal?.aborted === true) throw new TelegramApiError(method, { code: "aborted" }, "not begun");
      // telegraf's types end at Bot API 7.1 and at a polyfill's AbortSignal; what they do not know passes through unchanged.
      const result: unknown = await this.#telegram.callApi(method as never, wirePayload(params) as never, {
        signal: controller.signal as never,
      });
      return readResult(method, result);
    } catch (error) {
      throw this.#explain(method, error, { timedOut, aborted: signal?.aborted === true });
    } finally {
      clearTimeout(deadline);
      signal?.removeEventListener("abort", abort);
    }
  }

  #explain(method: string, error: unknown, ended: { timedOut: boolean; aborted: boolean }): TelegramApiError {
    if (error instanceof TelegramApiError) return error;
    if (error instanceof TelegramError) {
      const { code, description, parameters } = error;
      const failure = classifyRefusal({
        status: code,
        description,
        retryAfterS: parameters?.retry_after,
        migrateToChatId: parameters?.migrate_to_chat_id,
      });
      return new TelegramApiError(method, failure, this.#redact(`${code} ${description}`));
    }
    if (ended.aborted) return new TelegramApiError(method, { code: "aborted" }, "ended by its caller");
    if (ended.timedOut) return new TelegramApiError(method, { code: "network", timedOut: true }, "no answer in time");
    // The original is not kept as a cause: it can carry the token, in its message and in its stack.
    const text = error instanceof Error ? error.message : String(error);
    return new TelegramApiError(method, thrownFailure(error), this.#redact(text));
  }
}

/** node-fetch's errors have a `type`, the system's a `code`; what has neither is a request that could not even be made. */
function thrownFailure(error: unknown): TelegramFailure {
  const fromNetwork = error instanceof Error && ("type" in error || "code" in error);
  return fromNetwork ? { code: "network", timedOut: false } : { code: "badRequest" };
}

function readResult<M extends TelegramMethod>(method: M, result: unknown): TelegramResult<M> {
  const schema = telegramResults[method];
  const read = schema.safeParse(result);
  if (!read.success)
    throw new TelegramApiError(method, { code: "server", status: 200 }, "the result is not the documented one");
  // The schema was looked up by the method, a link that the compiler cannot follow through the generic.
  return read.data as TelegramResult<M>;
}

/**
 * A document goes as a multipart form, in which telegraf silently leaves out objects that it does not know; Telegram takes
 * them as JSON text too.
 */
function wirePayload(params: object): object {
  if (!("document" in params)) return params;
  const form: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(params)) {
    form[key] = typeof value === "object" && value !== null ? JSON.stringify(value) : value;
  }
  const { fileName, text } = (params as TelegramParams["sendDocument"]).document;
  return { ...form, document: { source: Buffer.from(text, "utf8"), filename: fileName } };
}

function heldOpenMs(params: object): number {
  return "timeout" in params && typeof params.timeout === "number" ? params.timeout * 1000 : 0;
}

/** telegraf resolves its paths against the root, so that a last folder without a slash would be lost. */
function withTrailingSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
