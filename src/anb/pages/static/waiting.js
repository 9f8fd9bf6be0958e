// Unfinished uploads: which they are, how much has arrived, and how to continue them. A page cannot open a file on its
// own, so a person chooses each again, at its row; it is recognized by name, size and date.

import { fill, find, number, say } from "./site.js";

const mega = (bytes) => number.format(bytes / 1024 / 1024);

/** List unfinished uploads; returns { show }, to be called when they change. `send` takes clips: { file, title, start }. */
export function offer(place, pending, words, send) {
  const [list, said] = ["ul", "[data-told]"].map((one) => find(one, place));
  let made = 0;

  function row(entry) {
    const item = find("template", place).content.firstElementChild.cloneNode(true);
    find("[data-title]", item).textContent = entry.metadata.title;
    find("[data-file]", item).textContent = entry.metadata.filename;
    const [drop, again, label] = ["[data-drop]", "[data-again]", "[data-again] + label"].map((one) => find(one, item));
    for (const button of [drop, label]) {
      button.append(Object.assign(document.createElement("span"), { className: "hidden", textContent: ` ${entry.metadata.title}` }));
    }
    label.htmlFor = again.id = `again-${made += 1}`;
    again.addEventListener("change", () => go(again));
    drop.addEventListener("click", () => {
      pending.dropEntry(entry);
      show();
      (find("[data-again]", list) ?? document.getElementById("main")).focus();
    });
    tell(entry, item);
    return item;
  }

  async function tell(entry, item) {
    const found = await pending.look(entry);
    if (found === undefined) {
      item.remove();
      return settle();
    }
    const state = find("[data-state]", item);
    if (found?.video) {
      state.replaceChildren(Object.assign(document.createElement("a"), { href: `/videos/${found.video}`, textContent: words.arrived }));
    } else if (found?.refused) {
      state.textContent = found.refused;
    } else {
      state.textContent = fill(words.kept, { sent: found ? mega(found.received) : "?", total: mega(entry.size) });
    }
    for (const act of item.querySelectorAll("[data-act]")) act.hidden = Boolean(found?.video || found?.refused);
  }

  function settle() {
    place.hidden = !list.children.length;
  }

  function show() {
    list.replaceChildren(...pending.all().map(row));
    settle();
  }

  /** Continue with the chosen files: each may belong to any row. */
  function go(again) {
    const known = [...again.files].map((file) => {
      const { title, start_seconds: start } = pending.find(file)?.metadata ?? {};
      return { file, title, start: Number(start ?? 0) };
    });
    const strange = known.filter(({ title }) => !title).map(({ file }) => file.name);
    say(said, strange.length ? fill(words.strange, { names: strange.join(", ") }) : "");
    const clips = known.filter(({ title }) => title);
    again.value = "";
    if (clips.length) send(clips);
  }

  show();
  return { show };
}
