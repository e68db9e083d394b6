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

/** Returns what shares most of a query that nothing holds whole: 「買ったことがある」 finds 「買ったことのある商品」. */
export function searchAlike<T extends Sought>(items: readonly T[], query: string): T[] {
  const found = search(items, query);
  const wanted = pairsOf(fold(query).replace(/\s+|\d+/g, ""));
  if (found.length > 0 || wanted.length === 0) return found;
  const ranked = items.map((item) => {
    const all = `${fold(item.label)} ${fold(item.words ?? "")}`;
    return { item, share: wanted.filter((pair) => all.includes(pair)).length / wanted.length };
  });
  return ranked.filter(({ share }) => share >= ALIKE).sort((one, other) => other.share - one.share).slice(0, MOST_ALIKE).map(({ item }) => item);
}

const ALIKE = 0.5;
const MOST_ALIKE = 12;
const pairsOf = (text: string): string[] => (text.length < 2 ? [text] : [...text].slice(1).map((letter, at) => [...text][at]! + letter)).filter(Boolean);

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
