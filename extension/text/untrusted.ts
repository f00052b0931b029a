/**
 * Owns text from outside where VS Code reads more than plain text: in a notification `[words](command:…)` is a link that runs a
 * command, and in lists and the status bar `$(name)` is an icon. What an agent wrote must be neither.
 */

/** For the message of a notification. */
export function withoutLinks(text: string): string {
  return text.replaceAll("](", "] (");
}

/** For labels that may hold icons: quick picks and the status bar. VS Code takes the backslash away again. */
export function withoutIcons(text: string): string {
  return text.replace(/\$(?=\([a-z0-9-]+(?:~[a-z]+)?\))/gi, "\\$");
}
