/** Owns how the fake says no: with Telegram's own statuses and texts (tdlib/telegram-bot-api, Client.cpp). */

export interface RefusalParameters {
  readonly retry_after?: number;
  readonly migrate_to_chat_id?: number;
}

export class Refusal extends Error {
  readonly status: number;
  readonly parameters: RefusalParameters | undefined;

  constructor(status: number, description: string, parameters?: RefusalParameters) {
    super(description);
    this.status = status;
    this.parameters = parameters;
  }
}

export function badRequest(text: string): Refusal {
  return new Refusal(400, `Bad Request: ${text}`);
}

export function forbidden(text: string): Refusal {
  return new Refusal(403, `Forbidden: ${text}`);
}

export function tooManyRequests(retryAfterS: number): Refusal {
  return new Refusal(429, `Too Many Requests: retry after ${retryAfterS}`, { retry_after: retryAfterS });
}

export function conflict(): Refusal {
  const text = "terminated by other getUpdates request; make sure that only one bot instance is running";
  return new Refusal(409, `Conflict: ${text}`);
}
