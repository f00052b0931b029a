/** Owns how several routine events read together: by session, the last few of each. */
import { oneLine } from "../../../shared/text/oneLine.ts";

/** Events that are shown a session; the rest is counted. */
const MAX_SHOWN = 5;

export interface RoutineEvent {
  readonly place: string;
  readonly event_type: string;
  /** What it would have said alone. */
  readonly text: string;
}

/** One event as it would read alone; several as a list. */
export function batchMessage(events: readonly RoutineEvent[]): string {
  const [only, ...rest] = events;
  if (only !== undefined && rest.length === 0) return only.text;
  const places = [...new Set(events.map(({ place }) => place))];
  return places
    .map((place) => {
      const here = events.filter((event) => event.place === place);
      const hidden = here.length - MAX_SHOWN;
      const shown = here.slice(-MAX_SHOWN).map((event) => `  • ${describe(event)}`);
      return [`📂 ${place}:`, ...(hidden > 0 ? [`  …and ${hidden} more`] : []), ...shown].join("\n");
    })
    .join("\n");
}

/** `progress: Write src/login.ts`: the type's last word, and what was said, without its place. */
function describe({ event_type, text, place }: RoutineEvent): string {
  const word = event_type.split(".").at(-1) ?? event_type;
  const said = oneLine(text.slice(text.indexOf(place) + place.length).replace(/^:\s*(Started: )?/, ""), 80);
  return said === "" || said === event_type ? word : `${word}: ${said}`;
}
