import { describe, expect, test } from "vitest";
import { type Template, type TemplateElement, declare, findElementPlace, getElement, isStacked, listElements, readPlace, removeElements, reorder, unwrap, wrap, writePlace } from "./document.ts";
import { TEMPLATES } from "./merging.ts";

const text = (words: string, x = 0, y = 0): TemplateElement => ({ type: "text", x, y, width: 40, text: words, style: "body" });
const of = (elements: readonly TemplateElement[], more: Partial<Template> = {}): Template => ({
  key: "letter", language: "ja", kind: "letter", name: { ja: "手紙", en: "Letter" }, page: { width: 100, height: 148, margins: { top: 5, right: 5, bottom: 5, left: 5 } }, styles: { body: { size: 10 } }, slots: {}, flags: {}, elements, ...more,
});
const shown = (template: Template): (string | undefined)[] => listElements(template).map(({ element }) => element.text ?? element.type);
const DEEP = of([text("a"), { type: "group", width: 60, elements: [text("b"), text("c", 10, 20)] }], { flow: { first: { top: 0, bottom: 90 }, later: { top: 0, bottom: 90 }, elements: [text("d")] } });

describe("places", () => {
  test("are read and written as the server names them", () => {
    const place = "flow.elements[2].elements[0]";
    expect(readPlace(place)).toEqual(["flow", "elements", 2, "elements", 0]);
    expect(writePlace(readPlace(place))).toBe(place);
    expect(findElementPlace("elements[3].columns[1].width")).toBe("elements[3]");
    expect(findElementPlace("styles.body.size")).toBeNull();
  });

  test("lead to elements, in groups and in the flow", () => {
    expect(getElement(DEEP, "elements[1].elements[1]")?.text).toBe("c");
    expect(listElements(DEEP).map(({ place, depth }) => `${place}:${depth}`)).toEqual(["elements[0]:0", "elements[1]:0", "elements[1].elements[0]:1", "elements[1].elements[1]:1", "flow.elements[0]:0"]);
    expect([isStacked(DEEP, "flow.elements[0]"), isStacked(DEEP, "elements[1].elements[0]")]).toEqual([true, false]);
  });
});

describe("changes", () => {
  test("several are taken out at once; an empty group goes, and so does an empty flow", () => {
    expect(shown(removeElements(DEEP, ["elements[1].elements[0]", "elements[1].elements[1]", "flow.elements[0]"]))).toEqual(["a"]);
    expect(shown(removeElements(of([text("a"), text("b"), text("c")]), ["elements[0]", "elements[2]"]))).toEqual(["b"]);
  });

  test("order", () => {
    const { template, place } = reorder(of([text("a"), text("b"), text("c")]), "elements[0]", 2);
    expect([shown(template), place]).toEqual([["b", "c", "a"], "elements[2]"]);
  });

  test("a group and back again is where it was", () => {
    const before = of([text("a", 10, 10), text("x"), text("b", 30, 25)]);
    const wrapped = wrap(before, ["elements[0]", "elements[2]"], new Map())!;
    expect(getElement(wrapped.template, wrapped.place)).toMatchObject({ type: "group", x: 10, y: 10, width: 60 });
    const opened = unwrap(wrapped.template, wrapped.place)!;
    expect(opened.places.map((place) => getElement(opened.template, place)).map((each) => [each?.text, each?.x, each?.y])).toEqual([["a", 10, 10], ["b", 30, 25]]);
  });

  test("slots and flags that elements use are named", () => {
    const declared = declare(of([text("{shop_name} {copy_code} {shop_phone?電話 }"), { ...text("x"), show_if_flag: "gift" }]), new Set(["shop_name", "shop_phone"]), (flag) => ({ ja: flag, en: flag }));
    expect(Object.keys(declared.slots ?? {})).toEqual(["shop_name", "shop_phone"]);
    expect(declared.flags).toEqual({ gift: { ja: "gift", en: "gift" } });
    expect(declare(declared, new Set(), () => ({ ja: "", en: "" }))).toBe(declared);
  });
});

describe("two people and one template", () => {
  const base = of([text("a"), text("b")]);

  test("changes of different elements and styles come together", () => {
    const mine = of([text("mine"), text("b")]);
    const theirs = { ...of([text("a"), text("theirs")]), styles: { body: { size: 12 } } };
    const merged = TEMPLATES.merge(base, mine, theirs, new Map());
    expect([shown(merged), merged.styles]).toEqual([["mine", "theirs"], { body: { size: 12 } }]);
    expect(TEMPLATES.findDifferences(base, mine, theirs).map(({ key, isBoth }) => [key, isBoth])).toEqual([["styles.body", false], ["elements[1]", false]]);
  });

  test("the same element changed by both is asked for", () => {
    const [mine, theirs] = [of([text("mine"), text("b")]), of([text("theirs"), text("b")])];
    expect(TEMPLATES.findDifferences(base, mine, theirs)).toMatchObject([{ key: "elements[0]", isBoth: true }]);
    expect(shown(TEMPLATES.merge(base, mine, theirs, new Map([["elements[0]", "mine"]])))).toEqual(["mine", "b"]);
  });

  test("where one added or removed, the lists are compared as a whole", () => {
    const [mine, theirs] = [of([text("a"), text("b"), text("c")]), of([text("theirs"), text("b")])];
    expect(TEMPLATES.findDifferences(base, mine, theirs)).toMatchObject([{ key: "elements", isBoth: true }]);
    expect(shown(TEMPLATES.merge(base, mine, of([text("a"), text("b")]), new Map()))).toEqual(["a", "b", "c"]);
  });
});
