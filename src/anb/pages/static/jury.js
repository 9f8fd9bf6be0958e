// A juror scores with the keys: a digit marks the criterion at hand and goes on to the next; 0 is 10 where the scale
// has a 10, Enter saves.

import { find } from "./site.js";

const form = find("[data-jury]");
if (form) {
  find("[data-keys]", form).hidden = false;
  addEventListener("keydown", (event) => press(form, event));
}

function press(form, event) {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || target.closest("textarea, button, a")) return;
  if (key === "Enter" && !target.closest("video")) {
    event.preventDefault();
    form.requestSubmit();
  }
  if (!/^\d$/.test(key)) return;
  const rows = [...form.querySelectorAll("fieldset")];
  const row = target.closest("fieldset") ?? rows.find((one) => !find("input:checked", one)) ?? rows[0];
  const button = find(`input[value="${key}"]`, row) ?? (key === "0" && find('input[value="10"]', row));
  if (!button) return;
  event.preventDefault();
  button.checked = true;
  const next = rows[rows.indexOf(row) + 1];
  if (next) (find("input:checked", next) ?? find("input", next)).focus();
  else button.focus();
}
