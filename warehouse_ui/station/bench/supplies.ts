/// Lays in what the wave's parcels will show, pictures and the parts of the typeface, before the network may go.

import type { Snapshot } from "./snapshot.ts";

/** More files than a browser remembers unasked; the service worker is told of all that were loaded. */
const REMEMBERED = 4000;

export class Supplies {
  private readonly pictures = new Map<string, HTMLImageElement>();
  private letters = "";

  constructor() {
    performance.setResourceTimingBufferSize(REMEMBERED);
  }

  /** Pictures stay referenced: where no service worker may run, the page's memory is the only store. */
  layIn(snapshot: Snapshot): void {
    for (const address of listPictures(snapshot)) {
      if (this.pictures.has(address)) continue;
      const picture = new Image();
      picture.src = address;
      this.pictures.set(address, picture);
    }
    const letters = listLetters(snapshot);
    if (letters !== this.letters) void this.loadType((this.letters = letters));
  }

  listAddresses(): string[] {
    return [...this.pictures.keys()].map((address) => new URL(address, location.href).href);
  }

  private async loadType(letters: string): Promise<void> {
    const { fontFamily } = getComputedStyle(document.body);
    await Promise.allSettled(["400", "700"].map((weight) => document.fonts.load(`${weight} 1rem ${fontFamily}`, letters)));
  }
}

export function listPictures({ parcels }: Snapshot): string[] {
  const pictures = parcels.flatMap(({ units }) => units.map(({ picture }) => picture));
  return [...new Set(pictures.filter((picture): picture is string => Boolean(picture)))];
}

/** Each character that a name or a task of the wave needs, once. */
export function listLetters({ parcels }: Snapshot): string {
  const texts = parcels.flatMap(({ units, tasks }) => [...tasks, ...units.flatMap(({ name, name_en }) => [name, name_en ?? ""])]);
  return [...new Set(texts.join(""))].sort().join("");
}
