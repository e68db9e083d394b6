/// Keeps what a person enters while the answer to an earlier choice is on its way: htmx then puts the whole form anew.

export {};

type Input = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
interface Exchange {
  readonly elt: Element;
  readonly target: Element;
}
const entered = new Map<string, string>();

function exchangeOf(event: Event): Exchange {
  return (event as CustomEvent<Exchange>).detail;
}

function isInput(target: EventTarget | Element | null): target is Input {
  return (
    target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
  );
}

/// Boxes have no id: their name and value say which one it is.
function findInput(form: Element, key: string): Input | null {
  const found = [...form.querySelectorAll("input, select, textarea")].find((each) => isInput(each) && keyOf(each) === key);
  return isInput(found ?? null) ? (found as Input) : null;
}

function isBox(input: Input): input is HTMLInputElement {
  return input instanceof HTMLInputElement && input.type === "checkbox";
}

function keyOf(input: Input): string {
  return isBox(input) ? `${input.name}=${input.value}` : input.name;
}

function remember(event: Event): void {
  const { target } = event;
  if (isInput(target) && target.type !== "hidden") {
    entered.set(keyOf(target), isBox(target) ? String(target.checked) : target.value);
  }
}

function restore(form: Element): void {
  for (const [key, value] of entered) {
    const input = findInput(form, key);
    if (input === null) continue;
    if (isBox(input)) input.checked = value === "true";
    else if (!(input instanceof HTMLSelectElement) || [...input.options].some((each) => each.value === value)) {
      input.value = value;
    }
  }
}

document.addEventListener("input", remember);
document.addEventListener("change", remember);
document.addEventListener("htmx:beforeRequest", (event) => {
  if (exchangeOf(event).target instanceof HTMLFormElement) entered.clear();
});
document.addEventListener("htmx:afterSwap", (event) => {
  const { elt, target } = exchangeOf(event);
  const form = target.isConnected ? target : target.id ? document.getElementById(target.id) : null;
  // Where a row was taken out, the numbers behind it have moved: nothing can be put back by name.
  const isRemoval = elt instanceof HTMLButtonElement && elt.value.startsWith("remove-");
  if (form instanceof HTMLFormElement && !isRemoval) restore(form);
  if (form instanceof HTMLFormElement) entered.clear();
});
