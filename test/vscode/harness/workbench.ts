/** Owns the page object of one VS Code window: what a person reads and clicks there, by the words that they see. */
import { setTimeout as delay } from "node:timers/promises";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { eventually } from "../../support/eventually.ts";

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

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
}

/** A row of a tree: its whole accessible text, and where it is. */
export interface TreeRow {
  readonly text: string;
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
    await page.goto(`${url}/?folder=${encodeURIComponent(folder)}`);
    await page.locator(".monaco-workbench .activitybar").waitFor({ timeout: 60_000 });
    return new Workbench(page);
  }

  /** Shows a view container by the name of its activity bar item. */
  async openContainer(name: string): Promise<void> {
    const item = this.#activityItem(name);
    await item.waitFor({ timeout: 60_000 });
    if (!(await this.#container(name).isVisible())) await item.click();
    await this.#container(name).waitFor();
  }

  /** The badge of an activity bar item; empty when it has none. */
  async badge(name: string): Promise<string> {
    const badge = this.#activityItem(name).locator("xpath=..").locator(".badge-content");
    return (await badge.count()) === 0 ? "" : ((await badge.first().textContent()) ?? "").trim();
  }

  /** The rows that a view shows, top to bottom. */
  async rows(view: string): Promise<readonly TreeRow[]> {
    const rows = this.#view(view).locator(".monaco-list-row");
    const drawn = await rows.evaluateAll((elements) =>
      elements.map((element) => ({
        top: element.getBoundingClientRect().top,
        level: Number(element.getAttribute("aria-level") ?? 1),
        text: (element.textContent ?? "").trim(),
      })),
    );
    return drawn.sort((a, b) => a.top - b.top).map(({ text, level }) => ({ text, level }));
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

  /** Clicks an action that stands in a row, by its label. */
  async clickRowAction(view: string, text: RegExp, action: string): Promise<void> {
    const row = this.#rowLocator(view, text);
    await row.hover();
    await row.locator(`.action-label[aria-label^="${action}"]`).click();
  }

  /** Runs a command from the palette by its title. */
  async runCommand(title: string): Promise<void> {
    await this.page.keyboard.press("F1");
    const input = this.page.locator(".quick-input-widget .quick-input-filter input");
    await input.waitFor();
    await input.fill(`>${title}`);
    await this.#quickPickRow(title).click();
  }

  /** Chooses a row of the quick pick that is open. */
  async pick(text: string): Promise<void> {
    await this.#quickPickRow(text).click();
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

  /** How long VS Code says that each extension took to activate, in milliseconds, from its own startup report. */
  async activationTimesMs(): Promise<ReadonlyMap<string, number>> {
    await this.runCommand("Developer: Startup Performance");
    const editor = this.page.locator(".editor-instance .monaco-editor").first();
    await editor.waitFor();
    const text = await eventually("the startup report", async () => {
      await editor.click();
      await this.page.keyboard.press("Control+a");
      await this.page.keyboard.press("Control+c");
      await delay(100);
      const copied = await this.page.evaluate(() => navigator.clipboard.readText());
      return copied.includes("Extension Activation Stats") ? copied : undefined;
    });
    return new Map(
      [...text.matchAll(/^\|\s*([\w-]+\.[\w-]+)\s*\|(.*)\|$/gm)].map((match) => [
        match[1] ?? "",
        Number(match[2]?.split("|")[3]),
      ]),
    );
  }

  async screenshot(path: string): Promise<void> {
    await this.page.screenshot({ path });
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

  #quickPickRow(text: string): Locator {
    return this.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: text }).first();
  }
}
