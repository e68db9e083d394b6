/// What the designer says, in both languages; a missing word does not compile.

import type { Loose } from "../editing/words.ts";
import { en } from "./words_en.ts";
import { ja } from "./words_ja.ts";

export type Words = Loose<typeof ja>;

export function findWords(language: string): Words {
  return language === "en" ? en : ja;
}
