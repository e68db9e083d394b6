/// The server, as the designer sees it.

import { type Answer, Asker, type Draft, type Saved } from "../editing/asking.ts";
import type { Place, Template } from "./document.ts";

export interface Choice {
  readonly value: string | number;
  readonly label: string;
}
export interface Field {
  readonly key: string;
  readonly label: string;
  /** measure, number, text, word, style, slot, picture, color, choice, check, font, dash */
  readonly control: string;
  readonly optional: boolean;
  readonly default: unknown;
  readonly choices?: readonly Choice[];
  readonly min: number | null;
  readonly max: number | null;
}
export interface ElementType {
  readonly key: string;
  readonly label: string;
  readonly has_columns: boolean;
  readonly fields: readonly Field[];
}
export interface SlotInfo {
  readonly key: string;
  readonly type: string;
  readonly label: string;
  readonly sample: string;
  readonly is_written: boolean;
  readonly fields: readonly { key: string; type: string; label: string }[];
}
export interface PictureInfo {
  readonly key: string;
  readonly name: string;
  readonly source: string;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly width_mm: number | null;
  readonly height_mm: number | null;
}
export interface Named {
  readonly key: string;
  readonly label: string;
}
export interface Kit {
  readonly may_see_shipments: boolean;
  readonly slots: readonly SlotInfo[];
  readonly flags: readonly { key: string; rules: readonly string[] }[];
  readonly fonts: readonly Named[];
  readonly formats: readonly { key: string; label: string; width: number; height: number }[];
  readonly kinds: readonly Named[];
  readonly letter_classes: readonly Named[];
  readonly types: readonly ElementType[];
  readonly style_fields: readonly Field[];
  readonly pictures: readonly PictureInfo[];
}
/** place, page, x, y, width, height in millimetres */
export type Mark = readonly [Place, number, number, number, number, number];
export interface Finding {
  readonly place: string;
  readonly code: string;
  readonly severity?: string;
  readonly page?: number;
  readonly text: string;
}
export interface Preview {
  readonly problems: readonly Finding[];
  readonly pages?: readonly string[];
  readonly count?: number;
  readonly marks?: readonly Mark[];
  readonly findings?: readonly Finding[];
  readonly notes?: readonly string[];
}
export interface Data {
  readonly data: "sample" | "longest" | "shipment";
  readonly shipment: string;
}

export class Server {
  private readonly asker: Asker;

  constructor(csrfToken: string, private readonly path: string, call?: typeof fetch) {
    this.asker = new Asker(csrfToken, call);
  }

  readonly loadDraft = (seen?: number): Promise<Answer<Draft<Template>, Template>> => this.asker.ask(`${this.path}/draft${seen === undefined ? "" : `?seen=${seen}`}`);
  readonly loadKit = (): Promise<Answer<Kit>> => this.asker.ask(`${this.path}/kit`);
  readonly save = (document: Template, seen: number): Promise<Answer<Saved, Template>> => this.asker.ask(`${this.path}/draft`, { document, seen });
  readonly preview = (document: Template, data: Data, scale: number): Promise<Answer<Preview>> => this.asker.ask(`${this.path}/preview`, { document, ...data, scale });
  readonly upload = (form: FormData): Promise<Answer<PictureInfo>> => this.asker.ask("/templates/pictures/upload", form);
}
