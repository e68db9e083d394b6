/// Which tone, icon and sound an outcome has: never colour alone.

import type { Outcome } from "../verify.ts";
import type { Sound } from "./sounds.ts";

export interface Tone {
  tone: "good" | "bad" | "info" | "done" | "calm" | "warn";
  icon: string;
  sound: Sound;
}

const BAD: Tone = { tone: "bad", icon: "cross-circle", sound: "wrong" };
const STOP: Tone = { tone: "bad", icon: "stop", sound: "wrong" };

const TONES: Partial<Record<Outcome, Tone>> = {
  parcel_opened: { tone: "info", icon: "play", sound: "opened" },
  accepted: { tone: "good", icon: "check-circle", sound: "right" },
  label_bound: { tone: "done", icon: "check-circle", sound: "finished" },
  set_aside: { tone: "warn", icon: "aside", sound: "opened" },
  repeated: { tone: "calm", icon: "repeat", sound: "again" },
  incomplete: { tone: "bad", icon: "warning", sound: "wrong" },
  no_parcel: { tone: "bad", icon: "slip", sound: "wrong" },
  held: STOP,
  cancelled: STOP,
  changed_since_print: STOP,
  already_shipped: STOP,
  already_packed: STOP,
  care_flag: { tone: "bad", icon: "flag", sound: "wrong" },
};

export const findTone = (outcome: Outcome): Tone => TONES[outcome] ?? BAD;
