// Suggestions while a reader types a search: players and titles, chosen with arrows and Enter, or by hand.

import { asJson, fill, find } from "./site.js";

const LEAST = 2; // letters
const REST = 200; // ms without another letter, before suggestions are asked for

const form = find("[data-seek]");
if (form) offer(form);

function offer({ dataset }) {
  const [field, list, status] = [find("[name=q]", form), find("[role=listbox]", form), find("[role=status]", form)];
  const known = new Map(); // the suggestions for what was typed, so that no question is asked twice
  let timer = 0;
  let asking = null; // ends the current request
  let at = -1; // the marked suggestion

  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  close();

  function close() {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function mark(next) {
    list.children[at]?.setAttribute("aria-selected", "false");
    at = next;
    const marked = list.children[at];
    marked?.setAttribute("aria-selected", "true");
    if (marked) field.setAttribute("aria-activedescendant", marked.id);
    else field.removeAttribute("aria-activedescendant");
  }

  const typed = () => field.value.trim().toLocaleLowerCase();

  async function ask() {
    const words = typed();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = known.get(words) ?? (await fetched(words, signal));
      if (!signal.aborted) show(answer);
    } catch { /* no signal, a limit, or other letters meanwhile: the search itself still works */ }
  }

  async function fetched(words, signal) {
    const question = new URLSearchParams({ q: words });
    const answer = await fetch(`${dataset.seek}?${question}`, { ...asJson, cache: "default", credentials: "omit", signal });
    if (!answer.ok) return [];
    const suggested = await answer.json();
    known.set(words, suggested);
    return suggested;
  }

  function show(suggested) {
    list.replaceChildren(...suggested.map(option));
    list.hidden = !suggested.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = suggested.length ? fill(dataset.found, { count: suggested.length }) : "";
    mark(-1);
  }

  function option({ kind, text }, index) {
    const made = Object.assign(document.createElement("li"), { id: `suggested-${index}`, role: "option" });
    made.setAttribute("aria-selected", "false");
    made.dataset.text = text;
    const [name, what] = [document.createElement("bdi"), document.createElement("span")];
    name.textContent = text;
    what.textContent = dataset[kind];
    made.append(name, what);
    return made;
  }

  function choose(chosen) {
    field.value = chosen.dataset.text;
    close();
    form.requestSubmit();
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    asking?.abort();
    if (typed().length < LEAST) close();
    else timer = setTimeout(ask, REST);
  });
  field.addEventListener("keydown", (event) => {
    const last = list.children.length - 1;
    if (list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown") mark(at < last ? at + 1 : -1);
    else if (event.key === "ArrowUp") mark(at < 0 ? last : at - 1);
    else if (event.key === "Enter" && at >= 0) choose(list.children[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  field.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (chosen) choose(chosen);
  });
}
