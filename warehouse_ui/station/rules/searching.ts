/// Finding by typing: かな, カナ, 漢字 or English, in any order, wide or narrow.

/** Folds width, case and kana: ﾃｲｷ, テイキ and ていき are the same word. */
export function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/[\u30a1-\u30f6]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0x60));
}

interface Sought {
  readonly label: string;
  readonly words?: string;
}

/** Returns what holds every word of the query: first what begins with it, then what has it in its name. */
export function search<T extends Sought>(items: readonly T[], query: string): T[] {
  const wanted = fold(query).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [...items];
  const ranked = items.flatMap((item) => {
    const label = fold(item.label);
    const all = `${label} ${fold(item.words ?? "")}`;
    if (!wanted.every((word) => all.includes(word))) return [];
    const first = wanted[0]!;
    const rank = label.startsWith(first) ? 0 : label.includes(first) ? 1 : new RegExp(`(^|\\s)${escape(first)}`).test(all) ? 2 : 3;
    return [{ item, rank }];
  });
  return ranked.sort((one, other) => one.rank - other.rank).map(({ item }) => item);
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
