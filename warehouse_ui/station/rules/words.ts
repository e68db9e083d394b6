/// What the rule editor says, in both languages; a missing word does not compile.

import { en } from "./words_en.ts";
import { ja } from "./words_ja.ts";

/** Texts of the Japanese list, as any text. */
type Loose<T> = T extends string ? string : T extends readonly unknown[] ? { [K in keyof T]: Loose<T[K]> } : { readonly [K in keyof T]: Loose<T[K]> };
export type Words = Loose<typeof ja>;

export function findWords(language: string): Words {
  return language === "en" ? en : ja;
}

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}
