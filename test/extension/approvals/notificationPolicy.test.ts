import { describe, expect, it } from "vitest";
import { folderOf, nextToast, shouldNotify } from "../../../extension/approvals/notificationPolicy.ts";
import type { NotificationMode } from "../../../extension/contributions.ts";
import { pendingApprovals } from "../../../extension/store/selectors.ts";
import { type EventFacts, stateAfter } from "../../builders/storedEvent.ts";

interface Case {
  readonly name: string;
  readonly mode?: NotificationMode;
  readonly folder?: string;
  readonly isFocused?: boolean;
  readonly folders?: readonly string[];
  readonly asks: boolean;
}

describe("which window asks", () => {
  it.each<Case>([
    { name: "the one with the job's folder", folder: "/src/shop", folders: ["/src/shop"], asks: true },
    { name: "the one with a folder around it", folder: "/src/shop/api", folders: ["/src"], asks: true },
    { name: "the one with a folder inside it", folder: "/src", folders: ["/src/shop"], asks: true },
    { name: "one of several folders", folder: "/src/shop", folders: ["/x", "/src/shop"], asks: true },
    { name: "not the one with another folder", folder: "/src/shop", folders: ["/src/shed"], asks: false },
    { name: "not the one whose folder only begins alike", folder: "/src/shop-2", folders: ["/src/shop"], asks: false },
    { name: "not a relative folder's neighbour", folder: "shop", folders: ["/src/shop"], asks: false },
    { name: "the one the user is in", folder: "/src/shop", folders: ["/src/shed"], isFocused: true, asks: true },
    { name: "each, where the job's folder is unknown", folders: ["/src/shed"], asks: true },
    { name: "one without a folder", folder: "/src/shop", folders: [], asks: true },
    { name: "each, when told so", mode: "all", folder: "/src/shop", folders: ["/src/shed"], asks: true },
    {
      name: "none, when told so",
      mode: "never",
      folder: "/src/shop",
      folders: ["/src/shop"],
      isFocused: true,
      asks: false,
    },
  ])("$name", ({ mode = "matching", folder, isFocused = false, folders = [], asks }) => {
    expect(shouldNotify(folder, { mode, isFocused, folders })).toBe(asks);
  });
});

describe("the folder of an approval", () => {
  const asked: EventFacts = {
    type: "job.approval_needed",
    job: "j1",
    data: { approval_id: "a1", scope: "s", action: "a" },
  };
  const project: EventFacts = { type: "project.registered", session: null, data: { path: "/src/shop" } };
  const session: EventFacts = { type: "session.created", data: { workspace: "/src/shop-main" } };
  const job: EventFacts = { type: "job.started", job: "j1", data: { instruction: "x", workspace: "/src/shop-job" } };
  it.each<{ name: string; events: readonly EventFacts[]; folder: string | undefined }>([
    { name: "is the job's", events: [project, session, job], folder: "/src/shop-job" },
    { name: "else its session's", events: [project, session], folder: "/src/shop-main" },
    { name: "else its project's", events: [project], folder: "/src/shop" },
    { name: "else unknown", events: [], folder: undefined },
  ])("$name", ({ events, folder }) => {
    const state = stateAfter([...events, asked]);
    const [approval] = pendingApprovals(state);
    expect(approval && folderOf(state, approval)).toBe(folder);
  });
});

describe("the next notification", () => {
  const ask = (id: string): EventFacts => ({
    type: "job.approval_needed",
    job: id,
    data: { approval_id: id, scope: "s", action: id },
  });
  const [first, second] = pendingApprovals(stateAfter([ask("a"), ask("b")]));
  const one = first === undefined ? [] : [first];
  const two = second === undefined ? [] : [...one, second];
  it.each([
    { name: "nothing new", unseen: [], isOpen: false, kind: "none" },
    { name: "one", unseen: one, isOpen: false, kind: "one" },
    { name: "several at once", unseen: two, isOpen: false, kind: "several" },
    { name: "one while another is open", unseen: one, isOpen: true, kind: "none" },
  ])("$name: $kind", ({ unseen, isOpen, kind }) => {
    expect(nextToast(unseen, isOpen).kind).toBe(kind);
  });
});
