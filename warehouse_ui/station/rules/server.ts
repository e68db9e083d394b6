/// The server, as the editor sees it. A failure to reach it is an answer like any other.

import type { Catalogue, Option } from "./catalogue.ts";
import type { Rule, RulesetDocument } from "./document.ts";

export interface Draft {
  readonly document: RulesetDocument;
  readonly version: number;
  readonly saved_by: string | null;
  readonly saved_at: string | null;
  readonly live_number: number | null;
  readonly is_changed: boolean;
}
export type Saved = Omit<Draft, "document" | "saved_by">;
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
export type Answer<T> =
  | { kind: "ok"; value: T }
  | { kind: "overtaken"; value: Draft }
  | { kind: "same" }
  | { kind: "unreachable" }
  | { kind: "signed_out" }
  | { kind: "refused"; text: string };

const PATIENCE = 20_000;

export class Server {
  constructor(
    private readonly csrfToken: string,
    private readonly call: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  readonly loadDraft = (seen?: number): Promise<Answer<Draft>> => this.ask(`/rules/draft${seen === undefined ? "" : `?seen=${seen}`}`);
  readonly loadCatalogue = (): Promise<Answer<Catalogue>> => this.ask("/rules/catalogue");
  readonly loadGallery = (): Promise<Answer<{ entries: GalleryEntry[] }>> => this.ask("/rules/gallery");
  readonly save = (document: RulesetDocument, seen: number): Promise<Answer<Saved>> => this.ask("/rules/draft", { document, seen });
  /** With a rule named, advice is given on that one alone: it has to be there while one types. */
  readonly check = (document: RulesetDocument, pace: Record<string, number>, rule: string | null): Promise<Answer<Findings>> =>
    this.ask("/rules/check", { document, pace, rule });

  readonly countMatches = (rule: Rule): Promise<Answer<Matches>> => this.ask("/rules/matches", { rule });

  readonly loadNeeds = (key: string): Promise<Answer<{ needs: GalleryNeed[] }>> => this.ask(`/rules/gallery/${encodeURIComponent(key)}`);
  readonly fillGallery = (key: string, choices: Record<string, unknown>): Promise<Answer<{ rule: Rule }>> =>
    this.ask(`/rules/gallery/${encodeURIComponent(key)}`, { choices });

  async listValues(kind: string, query = "", keys: readonly string[] = []): Promise<Option[]> {
    const wanted = new URLSearchParams([["kind", kind], ...(query ? [["q", query]] : []), ...keys.map((key) => ["keys", key])]);
    const answer = await this.ask<{ values: Option[] }>(`/rules/values?${wanted}`);
    return answer.kind === "ok" ? answer.value.values : [];
  }

  private async ask<T>(path: string, body?: unknown): Promise<Answer<T>> {
    const init: RequestInit = {
      headers: { Accept: "application/json", "X-CSRF-Token": this.csrfToken, ...(body ? { "Content-Type": "application/json" } : {}) },
      signal: AbortSignal.timeout(PATIENCE),
      credentials: "same-origin",
      ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
    };
    try {
      return await read<T>(await this.call(path, init));
    } catch {
      return { kind: "unreachable" };
    }
  }
}

async function read<T>(response: Response): Promise<Answer<T>> {
  if (response.status === 204) return { kind: "same" };
  if (response.ok) return { kind: "ok", value: (await response.json()) as T };
  if (response.status === 409) {
    const value = (await response.json()) as Draft;
    if ("document" in value) return { kind: "overtaken", value };
  }
  if (response.status === 401 || response.status === 403) return { kind: "signed_out" };
  if (response.status >= 500 || response.status === 429) return { kind: "unreachable" };
  return { kind: "refused", text: await readReason(response) };
}

async function readReason(response: Response): Promise<string> {
  try {
    const found = (await response.json()) as { message?: string; error?: { message?: string } };
    return found.message ?? found.error?.message ?? "";
  } catch {
    return "";
  }
}
