// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import "./entries/pages.ts";

const FORM = `<form id="f"><select name="op"><option value="a">a</option><option value="b">b</option></select>
  <input name="value"><input type="checkbox" name="no" value="1"><button name="act" value="remove-condition:0"></button></form>`;

function find<E extends Element>(selector: string): E {
  const found = document.querySelector<E>(selector);
  if (found === null) throw new Error(selector);
  return found;
}

function tell(name: string, elt: Element, target: Element): void {
  document.body.dispatchEvent(new CustomEvent(name, { bubbles: true, detail: { elt, target } }));
}

function enter(selector: string, value: string): void {
  const input = find<HTMLInputElement>(selector);
  if (input.type === "checkbox") input.checked = value === "true";
  else input.value = value;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/// Start an exchange, enter while it is on its way, and put the form anew as htmx does: the old one is gone.
function exchange(sender: string, during: () => void): void {
  const old = find("#f");
  const elt = find(sender);
  tell("htmx:beforeRequest", elt, old);
  during();
  old.outerHTML = FORM;
  tell("htmx:afterSwap", elt, old);
}

beforeEach(() => {
  document.body.innerHTML = FORM;
});

test("what was entered meanwhile is in the new form", () => {
  exchange("[name=op]", () => {
    enter("[name=value]", "3");
    enter("[name=op]", "b");
    enter("[name=no]", "true");
  });
  expect(find<HTMLInputElement>("[name=value]").value).toBe("3");
  expect(find<HTMLSelectElement>("[name=op]").value).toBe("b");
  expect(find<HTMLInputElement>("[name=no]").checked).toBe(true);
});

test("what was sent along is the server's to answer", () => {
  enter("[name=value]", "sent");
  exchange("[name=op]", () => undefined);
  expect(find<HTMLInputElement>("[name=value]").value).toBe("");
});

test("a row that was taken out moves the numbers: nothing is put back by name", () => {
  exchange("button", () => enter("[name=value]", "3"));
  expect(find<HTMLInputElement>("[name=value]").value).toBe("");
});
