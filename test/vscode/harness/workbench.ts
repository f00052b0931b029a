/** Owns the page object of one VS Code window: what a person reads and clicks there, by the words that they see. */
import { setTimeout as delay } from "node:timers/promises";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { eventually } from "../../support/eventually.ts";
import { type ActivationTimes, parseActivationTimes, totalActivationMs } from "./activationTimes.ts";

const CHROMIUM = "/usr/bin/chromium";
/** As root and offline: no sandbox, no GPU, and none of the browser's own calls home. */
const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const ACTION_TIMEOUT_MS = 15_000;
/** A busy machine takes its time for the workbench's 20 MB of scripts. */
const OPEN_TIMEOUT_MS = 60_000;
/** A palette that has a command shows it at once. */
const PALETTE_TIMEOUT_MS = 2000;
const DRAG_STEPS = 10;
/** The clipboard tells nobody that it changed. */
const CLIPBOARD_DELAY_MS = 100;

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
}

/** A row of a tree. */
export interface TreeRow {
  /** All text that the row shows: label and description without a space between them. */
  readonly text: string;
  readonly label: string;
  readonly description: string;
  /** What a screen reader says. */
  readonly aria: string;
  /** 1 for a root. */
  readonly level: number;
}

export interface Notification {
  readonly text: string;
  readonly buttons: readonly string[];
}

export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens a folder in a window of its own and waits until the workbench and its extensions are there. */
  static async open(browser: Browser, url: string, folder: string): Promise<Workbench> {
    // A context of its own: two windows of one browser profile would share what they remember.
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await context.newPage();
    page.setDefaultTimeout(ACTION_TIMEOUT_MS);
    await page.goto(`${url}/?folder=${encodeURIComponent(folder)}`, { timeout: OPEN_TIMEOUT_MS });
    await page.locator(".monaco-workbench .activitybar").waitFor({ timeout: OPEN_TIMEOUT_MS });
    return new Workbench(page);
  }

  /** Closes the window; its extension host ends some time after, as VS Code waits for it to come back. */
  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** Shows a view container by the name of its activity bar item. */
  async openContainer(name: string): Promise<void> {
    const item = this.#activityItem(name);
    await item.waitFor({ timeout: OPEN_TIMEOUT_MS });
    if (!(await this.#container(name).isVisible())) await item.click();
    await this.#container(name).waitFor();
  }

  /** The badge of an activity bar item; empty when it has none. */
  async badge(name: string): Promise<string> {
    const badge = this.#activityItem(name).locator("xpath=..").locator(".badge-content");
    return (await badge.count()) === 0 ? "" : ((await badge.first().textContent()) ?? "").trim();
  }

  /** The rows that a view shows, top to bottom: what is scrolled out of sight is not drawn, and not among them. */
  async rows(view: string): Promise<readonly TreeRow[]> {
    const rows = this.#view(view).locator(".monaco-list-row");
    const drawn = await rows.evaluateAll((elements) =>
      elements.map((element) => {
        const words = (selector: string) => (element.querySelector(selector)?.textContent ?? "").trim();
        return {
          top: element.getBoundingClientRect().top,
          text: (element.textContent ?? "").trim(),
          label: words(".label-name"),
          description: words(".label-description"),
          aria: element.getAttribute("aria-label") ?? "",
          level: Number(element.getAttribute("aria-level") ?? 1),
        };
      }),
    );
    return drawn.sort((a, b) => a.top - b.top).map(({ top: _, ...row }) => row);
  }

  /** Waits for a row whose text matches, and answers it. */
  row(view: string, text: RegExp, timeoutMs?: number): Promise<TreeRow> {
    const what = `a row ${text} in ${view}`;
    return eventually(what, async () => (await this.rows(view)).find((row) => text.test(row.text)), timeoutMs);
  }

  /** Waits until no row matches. */
  async noRow(view: string, text: RegExp, timeoutMs?: number): Promise<void> {
    const what = `no row ${text} in ${view}`;
    await eventually(what, async () => !(await this.rows(view)).some((row) => text.test(row.text)), timeoutMs);
  }

  async clickRow(view: string, text: RegExp): Promise<void> {
    await this.#rowLocator(view, text).click();
  }

  /** Opens a row's children, if they are not shown. */
  async expandRow(view: string, text: RegExp): Promise<void> {
    const row = this.#rowLocator(view, text);
    if ((await row.getAttribute("aria-expanded")) === "false") await row.locator(".monaco-tl-twistie").click();
  }

  /** Clicks an action that stands in a row, by its label; "…" at its end may be left out. */
  async clickRowAction(view: string, text: RegExp, action: string): Promise<void> {
    const row = this.#rowLocator(view, text);
    await row.hover();
    await row.locator(`.action-label:is([aria-label="${action}"], [aria-label="${action}…"])`).click();
  }

  /** Drags the side bar's right edge to this place in the window. */
  async dragSideBarEdge(x: number): Promise<void> {
    await this.#drag(this.page.locator(".monaco-sash.primary-sidebar-sash"), { x });
  }

  /** Drags the edge between a view of the side bar and the one below it. */
  async dragViewEdge(view: string, y: number): Promise<void> {
    const views = this.page.locator(".sidebar .pane-header");
    const names = await views.evaluateAll((headers) =>
      headers.map((header) => header.getAttribute("aria-label") ?? ""),
    );
    const index = names.findIndex((each) => each.startsWith(view));
    await this.#drag(this.page.locator(".sidebar .monaco-pane-view .monaco-sash").nth(index), { y });
  }

  /** Drags the panel's upper edge. */
  async dragPanelEdge(y: number): Promise<void> {
    await this.#drag(this.page.locator(".monaco-sash.horizontal:not(.disabled):not(.part *)"), { y });
  }

  /** Takes the mouse to where nothing shows that it is there. */
  async parkMouse(): Promise<void> {
    await this.page.mouse.move(0, 0);
  }

  /** Runs a command from the palette by its whole title, category included; "…" at its end may be left out. */
  async runCommand(title: string): Promise<void> {
    const row = this.#exactPickRow(title);
    // Right after a window has opened, the palette does not have the commands of its extensions yet, nor gets them later.
    await eventually(`the command ${title}`, async () => {
      await this.page.keyboard.press("F1");
      const input = this.page.locator(".quick-input-widget .quick-input-filter input");
      await input.waitFor();
      await input.fill(`>${title}`);
      const isThere = await row.waitFor({ timeout: PALETTE_TIMEOUT_MS }).then(
        () => true,
        () => false,
      );
      if (!isThere) await this.page.keyboard.press("Escape");
      return isThere;
    });
    await row.click();
  }

  /** Chooses a row of the quick pick that is open. */
  async pick(text: string): Promise<void> {
    await this.#quickPickRow(text).click();
  }

  /** What the quick pick that is open offers: label and detail of each row. */
  async picks(): Promise<readonly { readonly label: string; readonly detail: string }[]> {
    const rows = this.page.locator(".quick-input-list .monaco-list-row");
    await rows.first().waitFor();
    return rows.evaluateAll((elements) =>
      elements.map((element) => ({
        label: (element.querySelector(".label-name")?.textContent ?? "").trim(),
        detail: (element.querySelector(".quick-input-list-label-meta")?.textContent ?? "").trim(),
      })),
    );
  }

  /** Answers the input box with this placeholder. */
  async answerInput(placeholder: string, text: string): Promise<void> {
    const input = this.page.locator(`.quick-input-widget input[placeholder^="${placeholder}"]`);
    await input.fill(text);
    await input.press("Enter");
  }

  /** The text of the modal dialog, which it waits for. */
  async dialogText(): Promise<string> {
    return ((await this.page.locator(".monaco-dialog-box .dialog-message-container").textContent()) ?? "").trim();
  }

  async clickDialogButton(button: string): Promise<void> {
    await this.page.locator(".monaco-dialog-box .dialog-buttons a.monaco-button").filter({ hasText: button }).click();
  }

  /** The titles of the open editors' tabs. */
  async tabs(): Promise<readonly string[]> {
    return this.page
      .locator(".tabs-container .tab")
      .evaluateAll((tabs) => tabs.map((tab) => tab.getAttribute("data-resource-name") ?? ""));
  }

  /** The lines that the editor in front shows, as far as they are in sight. */
  editorText(): Promise<string> {
    return this.#linesIn(".editor-instance");
  }

  /** The lines of the output channel that the panel shows, as far as they are in sight. */
  panelText(): Promise<string> {
    return this.#linesIn(".part.panel");
  }

  async notifications(): Promise<readonly Notification[]> {
    return this.page.locator(".notification-toast").evaluateAll((toasts) =>
      toasts.map((toast) => ({
        text: (toast.querySelector(".notification-list-item-message")?.textContent ?? "").trim(),
        buttons: [...toast.querySelectorAll("a.monaco-button")].map((button) => (button.textContent ?? "").trim()),
      })),
    );
  }

  /** Waits for a notification whose text matches. */
  notification(text: RegExp, timeoutMs?: number): Promise<Notification> {
    const what = `a notification ${text}`;
    return eventually(what, async () => (await this.notifications()).find((toast) => text.test(toast.text)), timeoutMs);
  }

  async clickNotificationButton(text: RegExp, button: string): Promise<void> {
    const toast = this.page.locator(".notification-toast").filter({ hasText: text }).first();
    await toast
      .locator("a.monaco-button")
      .filter({ hasText: new RegExp(`^${button}$`) })
      .click();
  }

  async statusBar(): Promise<readonly string[]> {
    return this.page
      .locator(".statusbar-item")
      .evaluateAll((items) => items.map((item) => (item.getAttribute("aria-label") ?? item.textContent ?? "").trim()));
  }

  /**
   * What this window shows in an output channel, whole: the editor draws only the lines in sight, but copies all of
   * them. The channel stays open in the panel. Throws for a channel that is not there, or that shows nothing.
   */
  async outputText(channel: string): Promise<string> {
    await this.runCommand("Output: Show Output Channels...");
    await this.#exactPickRow(channel).click();
    const panel = this.page.locator(".part.panel");
    const select = panel.locator("select.monaco-select-box").first();
    await eventually(`the channel ${channel} in the panel`, async () => {
      const shown = await select.evaluate((box) => (box instanceof HTMLSelectElement ? box.value : ""));
      return shown === channel;
    });
    const editor = panel.locator(".monaco-editor").first();
    await editor.waitFor();
    // The box shows the channel's name a moment before the editor shows its text.
    let before: string | undefined;
    return eventually(`the text of ${channel} to stand still`, async () => {
      const text = await this.#copyAll(editor);
      const isStill = text === before;
      before = text;
      return isStill ? text : undefined;
    });
  }

  /**
   * VS Code's own figures of each extension's activation in this window, by extension id, from its startup report.
   * Waits for the extensions that are named or, where none is, until a second report has no more of them than the first:
   * what starts after the workbench has may come late.
   */
  async activationTimes(...awaited: readonly string[]): Promise<ReadonlyMap<string, ActivationTimes>> {
    const editor = this.page.locator(".editor-instance .monaco-editor").first();
    let reported = 0;
    return eventually(
      `the activation of ${awaited.join(", ") || "all extensions"}`,
      async () => {
        await this.runCommand("Developer: Startup Performance");
        await editor.waitFor();
        // The report is written once, some moments after its editor has opened.
        const times = await eventually("the startup report", async () => {
          const written = parseActivationTimes(await this.#copyAll(editor));
          return written.size > 0 ? written : undefined;
        });
        await this.runCommand("View: Close All Editors");
        await editor.waitFor({ state: "detached" });
        const isComplete = awaited.length > 0 ? awaited.every((id) => times.has(id)) : times.size === reported;
        reported = times.size;
        return isComplete ? times : undefined;
      },
      OPEN_TIMEOUT_MS,
    );
  }

  /** How long each extension took from the start of loading its code until it was active, in milliseconds. */
  async activationTimesMs(...awaited: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const times = await this.activationTimes(...awaited);
    return new Map([...times].map(([id, each]) => [id, totalActivationMs(each)]));
  }

  async screenshot(path: string): Promise<void> {
    await this.page.screenshot({ path });
  }

  /** An editor's whole text. The clipboard is the machine's, so that no two windows may copy at the same time. */
  async #copyAll(editor: Locator): Promise<string> {
    // Empties the clipboard, or another window's text could be taken for this one's.
    await this.page.evaluate(() => navigator.clipboard.writeText(""));
    return eventually("the editor's text", async () => {
      // Not by a click, which a notification may catch that lies above.
      await editor.locator("textarea.inputarea, .native-edit-context").first().focus();
      await this.page.keyboard.press("Control+a");
      await this.page.keyboard.press("Control+c");
      await delay(CLIPBOARD_DELAY_MS);
      return (await this.page.evaluate(() => navigator.clipboard.readText())) || undefined;
    });
  }

  /** In steps, as a hand does: a sash takes no notice of a mouse that is elsewhere at once. */
  async #drag(sash: Locator, to: { readonly x?: number; readonly y?: number }): Promise<void> {
    const box = await sash.boundingBox();
    if (box === null) throw new Error("There is no edge to drag");
    const from = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const { x, y } = { ...from, ...to };
    await this.page.mouse.move(from.x, from.y);
    await this.page.mouse.down();
    await this.page.mouse.move(x, y, { steps: DRAG_STEPS });
    await this.page.mouse.up();
  }

  async #linesIn(container: string): Promise<string> {
    // Lines are drawn in any order, and with spaces that do not break.
    const lines = await this.page
      .locator(`${container} .view-line`)
      .evaluateAll((elements) =>
        elements.map((element) => ({ top: element.getBoundingClientRect().top, text: element.textContent ?? "" })),
      );
    return lines
      .sort((a, b) => a.top - b.top)
      .map(({ text }) => text.replaceAll("\u00a0", " "))
      .join("\n");
  }

  #activityItem(name: string): Locator {
    return this.page.locator(`.activitybar .action-label[aria-label^="${name}"]`).first();
  }

  #container(name: string): Locator {
    return this.page.locator(".sidebar .composite.title .title-label").filter({ hasText: new RegExp(name, "i") });
  }

  /** A container of one view hides the view's header, but the header is there and named. */
  #view(name: string): Locator {
    const header = this.page.locator(`.pane-header[aria-label^="${name}"]`);
    return this.page.locator(".sidebar .pane").filter({ has: header });
  }

  #rowLocator(view: string, text: RegExp): Locator {
    return this.#view(view).locator(".monaco-list-row").filter({ hasText: text }).first();
  }

  #exactPickRow(label: string): Locator {
    const name = this.page.locator(".label-name").filter({ hasText: new RegExp(`^${literal(label)}…?$`, "i") });
    return this.page.locator(".quick-input-list .monaco-list-row").filter({ has: name }).first();
  }

  #quickPickRow(text: string): Locator {
    return this.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: text }).first();
  }
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
