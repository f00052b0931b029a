/** Owns telling how much of an image differs from another one, as a browser draws both. */
import type { Page } from "playwright-core";

/** Of 255, in one channel: less is not seen. */
const VISIBLE_DIFFERENCE = 24;

/** How many pixels look other than in the other image. */
export function differingPixels(page: Page, one: Buffer, other: Buffer): Promise<number> {
  return page.evaluate(
    async ({ sources, visible }) => {
      const samplesOf = async (source: string) => {
        const image = new Image();
        image.src = source;
        await image.decode();
        const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
        if (context === null) throw new Error("The browser has no canvas to draw on");
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, image.width, image.height).data;
      };
      const [left, right] = [await samplesOf(sources.one), await samplesOf(sources.other)];
      if (left.length !== right.length) throw new Error("The images are not of one size");
      const pixels = new Set<number>();
      for (const [at, sample] of left.entries()) {
        if (Math.abs(sample - (right[at] ?? 0)) > visible) pixels.add(Math.floor(at / 4));
      }
      return pixels.size;
    },
    { sources: { one: dataUrl(one), other: dataUrl(other) }, visible: VISIBLE_DIFFERENCE },
  );
}

function dataUrl(png: Buffer): string {
  return `data:image/png;base64,${png.toString("base64")}`;
}
