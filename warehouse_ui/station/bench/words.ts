/// What the bench says, in both languages; a missing word does not compile.

import type { Outcome } from "../verify.ts";
import { en } from "./words_en.ts";
import { ja } from "./words_ja.ts";

export interface Saying {
  title: string;
  next: string;
}
export interface Words {
  outcome: Record<Outcome, Saying>;
  kind: Record<"goods" | "insert" | "task" | "slip" | "document" | "label", string>;
  zone: Record<string, string>;
  handReasons: Record<string, string>;
  asideReasons: Record<string, string>;
  ready: Saying;
  goOn: Saying;
  finishedAll: Saying;
  lastBox: Saying;
  nextWave: string;
  toHandOver: string;
  conflict: string;
  scanLabel: Saying;
  progress: string;
  stopped: string;
  remaining: string;
  parcel: string;
  boxOf: string;
  position: string;
  gift: string;
  byHand: string;
  byHandFor: string;
  aside: string;
  asideTitle: string;
  reason: string;
  note: string;
  otherReason: string;
  confirm: string;
  back: string;
  typeCode: string;
  typeCodeHint: string;
  send: string;
  online: string;
  offline: string;
  unsent: string;
  sending: string;
  signInAgain: string;
  soundOn: string;
  soundOff: string;
  done: string;
  required: string;
  noSnapshot: Saying;
  noWave: Saying;
  scanned: string;
  scanInDialog: string;
}

const ALL: Record<string, Words> = { ja, en };

export const findWords = (language: string): Words => ALL[language] ?? ja;

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
