/// A list of things to do with one row.

import { h, icon } from "../bench/dom.ts";
import type { Editor } from "./editor.ts";
import { openPanel } from "../editing/panel.ts";

export interface Entry {
  readonly icon: string;
  readonly text: string;
  readonly keys?: string;
  readonly isOff?: boolean;
  readonly act: () => void;
}

export function openMenu(editor: Editor, anchor: Element, title: string, entries: readonly Entry[]): void {
  let chosen: Entry | null = null;
  openPanel(anchor, title, (close) => {
    const buttons = entries.map((entry) => h("button", {
      type: "button", class: "rule-menu-entry", disabled: entry.isOff ?? false, keydown: walk,
      click: () => {
        chosen = entry;
        close();
      },
    }, icon(entry.icon), h("span", {}, entry.text), entry.keys === undefined ? null : h("kbd", {}, entry.keys)));
    const first = buttons.find((button) => !(button as HTMLButtonElement).disabled);
    return { body: [h("div", { class: "rule-menu" }, ...buttons)], ...(first ? { focus: first } : {}), keep: () => chosen?.act() };
  }, editor.draw);
}

function walk(event: Event): void {
  const { key, currentTarget } = event as KeyboardEvent;
  const by = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
  if (by === 0) return;
  event.preventDefault();
  const all = [...(currentTarget as HTMLElement).parentElement!.querySelectorAll<HTMLButtonElement>("button:not(:disabled)")];
  all[(all.indexOf(currentTarget as HTMLButtonElement) + by + all.length) % all.length]?.focus();
}
