/// Sounds made here, not loaded: right is short and high, wrong is low and rough, finished rises. Told apart in a noisy hall.

export type Sound = "right" | "opened" | "wrong" | "finished" | "again";
interface Tone {
  hertz: number;
  start: number;
  seconds: number;
  wave: OscillatorType;
  loud: number;
}

const TONES: Record<Sound, Tone[]> = {
  right: [{ hertz: 1318, start: 0, seconds: 0.09, wave: "sine", loud: 0.5 }],
  opened: [
    { hertz: 659, start: 0, seconds: 0.09, wave: "sine", loud: 0.5 },
    { hertz: 988, start: 0.1, seconds: 0.12, wave: "sine", loud: 0.5 },
  ],
  again: [{ hertz: 520, start: 0, seconds: 0.06, wave: "sine", loud: 0.25 }],
  wrong: [
    { hertz: 150, start: 0, seconds: 0.22, wave: "sawtooth", loud: 0.6 },
    { hertz: 120, start: 0.28, seconds: 0.34, wave: "sawtooth", loud: 0.6 },
  ],
  finished: [
    { hertz: 784, start: 0, seconds: 0.12, wave: "triangle", loud: 0.55 },
    { hertz: 988, start: 0.12, seconds: 0.12, wave: "triangle", loud: 0.55 },
    { hertz: 1318, start: 0.24, seconds: 0.12, wave: "triangle", loud: 0.55 },
    { hertz: 1568, start: 0.36, seconds: 0.3, wave: "triangle", loud: 0.55 },
  ],
};

export class Speaker {
  private context: AudioContext | null = null;
  isOn = true;

  /** Plays at once; a browser that allows no sound before the first touch stays silent and tries again next time. */
  play(sound: Sound): void {
    if (!this.isOn || typeof AudioContext === "undefined") return;
    this.context ??= new AudioContext();
    const { context } = this;
    if (context.state === "suspended") void context.resume();
    for (const tone of TONES[sound]) playTone(context, tone);
  }
}

function playTone(context: AudioContext, tone: Tone): void {
  const begin = context.currentTime + tone.start;
  const oscillator = context.createOscillator();
  const volume = context.createGain();
  oscillator.type = tone.wave;
  oscillator.frequency.value = tone.hertz;
  volume.gain.setValueAtTime(0, begin);
  volume.gain.linearRampToValueAtTime(tone.loud, begin + 0.01);
  volume.gain.setValueAtTime(tone.loud, begin + tone.seconds - 0.03);
  volume.gain.linearRampToValueAtTime(0, begin + tone.seconds);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(begin);
  oscillator.stop(begin + tone.seconds);
}
