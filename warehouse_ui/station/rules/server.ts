/// The server, as the editor sees it. A failure to reach it is an answer like any other.

import type * as editing from "../editing/asking.ts";
import { Asker } from "../editing/asking.ts";
import type { Catalogue, Option } from "./catalogue.ts";
import type { Rule, RulesetDocument } from "./document.ts";

export type Draft = editing.Draft<RulesetDocument>;
export type Saved = editing.Saved;
export interface Problem {
  readonly place: string;
  readonly code: string;
  readonly text: string;
}
/** What is not there yet is to be done; what is there and wrong is a mistake. Both keep a ruleset from being published. */
export const isOpen = (problem: Problem): boolean => problem.code === "empty_value" || problem.code === "missing_key" || problem.code === "slot_needed";

export interface Advice extends Problem {
  /** warning: it will not do what it seems to; note: worth knowing. */
  readonly severity: string;
  readonly todo: string;
}
export interface Findings {
  readonly problems: readonly Problem[];
  readonly advice: readonly Advice[];
}
export interface Example {
  readonly id: string;
  readonly label: string;
  readonly note: string;
}
export interface Matches {
  readonly considered: number;
  readonly matched: number;
  readonly days: number;
  readonly per_day: number;
  readonly sampled: boolean;
  readonly examples: readonly Example[];
}
export interface GalleryNeed {
  readonly key: string;
  readonly kind: string;
  readonly label: string;
  readonly hint: string;
  readonly optional: boolean;
  readonly low: number;
  readonly high: number;
  readonly default: string | number | null;
  readonly options: readonly Option[] | null;
}
export interface GalleryEntry {
  readonly key: string;
  readonly icon: string;
  readonly name: string;
  readonly about: string;
  readonly at_top: boolean;
  readonly kinds: readonly string[];
}
export type Answer<T> = editing.Answer<T, RulesetDocument>;

export class Server {
  private readonly asker: Asker;

  constructor(csrfToken: string, call?: typeof fetch) {
    this.asker = new Asker(csrfToken, call);
  }

  readonly loadDraft = (seen?: number): Promise<Answer<Draft>> => this.asker.ask(`/rules/draft${seen === undefined ? "" : `?seen=${seen}`}`);
  readonly loadCatalogue = (): Promise<Answer<Catalogue>> => this.asker.ask("/rules/catalogue");
  readonly loadGallery = (): Promise<Answer<{ entries: GalleryEntry[] }>> => this.asker.ask("/rules/gallery");
  readonly save = (document: RulesetDocument, seen: number): Promise<Answer<Saved>> => this.asker.ask("/rules/draft", { document, seen });
  /** With a rule named, advice is given on that one alone: it has to be there while one types. */
  readonly check = (document: RulesetDocument, pace: Record<string, number>, rule: string | null): Promise<Answer<Findings>> =>
    this.asker.ask("/rules/check", { document, pace, rule });

  readonly countMatches = (rule: Rule): Promise<Answer<Matches>> => this.asker.ask("/rules/matches", { rule });

  readonly loadNeeds = (key: string): Promise<Answer<{ needs: GalleryNeed[] }>> => this.asker.ask(`/rules/gallery/${encodeURIComponent(key)}`);
  readonly fillGallery = (key: string, choices: Record<string, unknown>): Promise<Answer<{ rule: Rule }>> =>
    this.asker.ask(`/rules/gallery/${encodeURIComponent(key)}`, { choices });

  async listValues(kind: string, query = "", keys: readonly string[] = []): Promise<Option[]> {
    const wanted = new URLSearchParams([["kind", kind], ...(query ? [["q", query]] : []), ...keys.map((key) => ["keys", key])]);
    const answer = await this.asker.ask<{ values: Option[] }>(`/rules/values?${wanted}`);
    return answer.kind === "ok" ? answer.value.values : [];
  }
}
