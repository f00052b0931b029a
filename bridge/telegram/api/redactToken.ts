/**
 * Owns keeping the bot's token out of every error and log line. Whoever has the token is the bot, and telegraf puts the
 * whole request URL, token and all, into the error of a body that is not JSON (a captive portal's page, for one).
 */

// In a URL a token follows `/bot`; elsewhere it is digits, a colon and 35 characters today. `%3A` is the colon, encoded.
const TOKEN_IN_URL = /bot\d+(?::|%3A)[\w-]+/gi;
const TOKEN_ALONE = /\b\d{6,}(?::|%3A)[\w-]{30,}/gi;

const HIDDEN = "<bot token>";

/** Makes a function that hides this token, and anything else that is shaped like one. */
export function tokenRedactor(token: string): (text: string) => string {
  const spellings = [token, encodeURIComponent(token)].filter((spelling) => spelling !== "");
  return (text) => {
    let redacted = text;
    for (const spelling of spellings) redacted = redacted.replaceAll(spelling, HIDDEN);
    return redacted.replace(TOKEN_IN_URL, `bot${HIDDEN}`).replace(TOKEN_ALONE, HIDDEN);
  };
}
