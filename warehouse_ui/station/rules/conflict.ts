/// How rules are told where two people changed them.

import type { Telling } from "../editing/conflict.ts";
import type { Rule } from "./document.ts";
import type { Editor } from "./editor.ts";

export function tellRules(editor: Editor): Telling<Rule> {
  const { words, teller } = editor;
  return {
    words,
    showsSame: true,
    name: ({ mine, theirs, base }) => {
      const rule = theirs ?? mine ?? base;
      return rule === null ? "" : teller.name(rule);
    },
    lines: (rule) => teller.lines(rule),
  };
}
