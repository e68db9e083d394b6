/// Starts the bench: the page's values, the store, the server, the scanner, the view.

import { askCode, askReason, isDialogOpen, refuseScan } from "../bench/dialogs.ts";
import { find, h, icon, setSprite } from "../bench/dom.ts";
import { takeHanded } from "../bench/handing.ts";
import { Server } from "../bench/server.ts";
import { Speaker } from "../bench/sounds.ts";
import { findOwner } from "../bench/snapshot.ts";
import { Station, type State } from "../bench/station.ts";
import { Store } from "../bench/store.ts";
import { Supplies } from "../bench/supplies.ts";
import { findTone } from "../bench/tones.ts";
import { View } from "../bench/view.ts";
import { listen } from "../bench/wedge.ts";
import { findWords } from "../bench/words.ts";

const REFRESH = 20_000;
const RETRY = 4_000;
const SOUND = "soegaki-sound";

async function start(): Promise<void> {
  const { wave = "", csrf = "", bench = "", sprite = "", services = "{}" } = find("station").dataset;
  const language = document.documentElement.lang;
  const words = findWords(language);
  setSprite(sprite);
  const speaker = new Speaker();
  const supplies = new Supplies();
  let judged = 0;
  const view = new View(words, language, JSON.parse(services) as Record<string, string>, {
    confirmByHand: (unit) => askReason(words, unit, (reason) => void station.take({ by_hand: unit.id, reason })),
    setAside: () => askReason(words, null, (reason) => void station.take({ set_aside: true, reason })),
  });
  const onChange = (state: State, isNew: boolean): void => {
    view.draw(state, isNew);
    if (state.snapshot) supplies.layIn(state.snapshot);
    if (isNew) find("station").dataset["scans"] = String(++judged);
    if (isNew && state.last) speaker.play(findTone(state.last.outcome).sound);
  };
  const station = new Station(wave, await Store.open(), new Server(csrf, bench), onChange);
  listen(document, (text, field) => {
    if (!isDialogOpen()) return void station.take({ text });
    refuseScan(words, text, field);
    speaker.play("wrong");
  });
  find("aside").addEventListener("click", () => askReason(words, null, (reason) => void station.take({ set_aside: true, reason })));
  find("type-code").addEventListener("click", () => askCode(words, (text) => void station.take({ text })));
  prepareSound(speaker, words.soundOn, words.soundOff);
  window.addEventListener("online", () => void station.synchronise());
  setInterval(() => void station.synchronise(), REFRESH);
  setInterval(() => station.state.unsent > 0 && void station.synchronise(), RETRY);
  await station.start();
  const handed = takeHanded();
  const { open, snapshot } = station.state;
  if (handed !== null && open === null && snapshot && findOwner(snapshot, handed)) await station.take({ text: handed });
  find("station").dataset["ready"] = "true";
  if ("serviceWorker" in navigator) await prepareReload(supplies);
}

/** From the first visit on, a reload without a network opens the bench again. */
async function prepareReload(supplies: Supplies): Promise<void> {
  await navigator.serviceWorker.register("/static/service-worker.js", { scope: "/bench" });
  const { active } = await navigator.serviceWorker.ready;
  const loaded = performance.getEntriesByType("resource").map(({ name }) => new URL(name));
  const files = loaded.filter(({ origin, pathname }) => origin === location.origin && /^\/(static|files)\//.test(pathname));
  // The page last: once it is kept, so is all that it needs.
  active?.postMessage([...files.map(({ href }) => href), ...supplies.listAddresses(), location.href]);
}

function prepareSound(speaker: Speaker, on: string, off: string): void {
  const button = find("sound");
  const show = (): void => {
    button.replaceChildren(icon(speaker.isOn ? "sound" : "mute"), h("span", {}, speaker.isOn ? on : off));
    button.setAttribute("aria-pressed", String(speaker.isOn));
  };
  speaker.isOn = localStorage.getItem(SOUND) !== "off";
  show();
  button.addEventListener("click", () => {
    speaker.isOn = !speaker.isOn;
    localStorage.setItem(SOUND, speaker.isOn ? "on" : "off");
    show();
  });
}

void start();
