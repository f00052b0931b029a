// Draws media/icon.png, the package's icon, from media/icon.svg: run it after the drawing has changed. Needs Debian's chromium.
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const SIZE = 256;
const media = join(dirname(fileURLToPath(import.meta.url)), "../media");

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
try {
  const page = await browser.newPage({ viewport: { width: SIZE, height: SIZE } });
  await page.setContent(
    `<style>body{margin:0}svg{display:block}</style>${await readFile(join(media, "icon.svg"), "utf8")}`,
  );
  await page.screenshot({ path: join(media, "icon.png"), omitBackground: true });
} finally {
  await browser.close();
}
