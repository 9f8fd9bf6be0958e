// Unfinished uploads: which they are, how much has arrived, and how to continue them. A page cannot open a file on its
// own, so a person chooses each again; it is recognized by name, size and date.

import { fill, find, number, say } from "./site.js";

const mega = (bytes) => number.format(bytes / 1024 / 1024);

/** List unfinished uploads; returns { show }, to be called when they change. `send` takes clips: { file, title }. */
export function offer(place, pending, words, send) {
  const [list, again, said] = ["ul", "input", "[data-told]"].map((one) => find(one, place));

  function row(entry) {
    const item = find("template", place).content.firstElementChild.cloneNode(true);
    find("[data-title]", item).textContent = entry.metadata.title;
    find("[data-file]", item).textContent = entry.metadata.filename;
    const drop = find("[data-drop]", item);
    drop.append(Object.assign(document.createElement("span"), { className: "hidden", textContent: ` ${entry.metadata.title}` }));
    drop.addEventListener("click", () => {
      pending.dropEntry(entry);
      show();
      (place.hidden ? document.getElementById("main") : again).focus();
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
    find("[data-drop]", item).hidden = Boolean(found?.video || found?.refused);
  }

  function settle() {
    place.hidden = !list.children.length;
  }

  function show() {
    list.replaceChildren(...pending.all().map(row));
    settle();
  }

  again.addEventListener("change", () => {
    const known = [...again.files].map((file) => ({ file, title: pending.find(file)?.metadata.title }));
    const strange = known.filter(({ title }) => !title).map(({ file }) => file.name);
    say(said, strange.length ? fill(words.strange, { names: strange.join(", ") }) : "");
    const clips = known.filter(({ title }) => title);
    again.value = "";
    if (clips.length) send(clips);
  });

  show();
  return { show };
}
