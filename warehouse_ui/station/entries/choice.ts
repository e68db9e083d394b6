/// The choice of a wave, for hands that hold a scanner: a slip or a cover sheet opens its wave.

import { find } from "../bench/dom.ts";
import { handOn } from "../bench/handing.ts";
import { Server } from "../bench/server.ts";
import { Speaker } from "../bench/sounds.ts";
import { listen } from "../bench/wedge.ts";
import { findWords } from "../bench/words.ts";
import { isCode, readKeys } from "../reading.ts";

const words = findWords(document.documentElement.lang);
const speaker = new Speaker();
speaker.isOn = localStorage.getItem("soegaki-sound") !== "off";

async function open(text: string): Promise<void> {
  const code = readKeys(text).find(isCode);
  const answer = code === undefined ? null : await new Server("", "").findWave(code);
  if (answer?.kind === "ok") {
    handOn(text);
    location.assign(`/bench/${answer.value.wave_id}`);
  } else {
    const { title, next } = answer?.kind === "unreachable" ? words.noSnapshot : words.noWave;
    const box = find("choice-refusal");
    box.textContent = `${title} — ${next}`;
    box.hidden = false;
    speaker.play("wrong");
  }
}

listen(document, (text) => void open(text));
