// What pages do better with a script. Without it everything works, with more clicks.

const { locale, worker } = document.body.dataset;
export const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
export const percent = new Intl.NumberFormat(locale, { style: "percent" });
export const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone: "America/Bogota" });
export const find = (selector, within = document) => within.querySelector(selector);
export const fill = (sentence, fields) => sentence.replace(/\{(\w+)\}/g, (whole, name) => fields[name] ?? whole);
export const asJson = { headers: { Accept: "application/json" }, cache: "no-store" };

export function say(place, text, kind = "danger") {
  const notice = document.createElement("div");
  notice.className = `notice ${kind}`;
  notice.append(Object.assign(document.createElement("p"), { textContent: text }));
  place.replaceChildren(...(text ? [notice] : []));
}

/* The page for times without a network. */

if (worker) navigator.serviceWorker?.register(worker).catch(() => {}); // a browser may refuse: it is then as without one

/* Forms: sent once, passwords that can be shown, the first mistake focused. */

for (const form of document.querySelectorAll("form[data-once]")) {
  const button = find("button", form);
  form.addEventListener("submit", () => { button.disabled = true; });
  addEventListener("pageshow", () => { button.disabled = false; });
  for (const input of form.querySelectorAll("input[type=password]")) addReveal(input, form.dataset);
}
(find("[aria-invalid]") ?? find(".notice.danger"))?.focus();

/* A guardian is asked for when the year of birth is a minor's. The server asks too. */

const guardian = find("[data-guardian]");
if (guardian) {
  const year = find("[name=birth_year]", guardian.form);
  const follow = () => {
    const asks = year.value ? Number(year.value) >= Number(guardian.dataset.guardian) : Boolean(find("[aria-invalid]", guardian));
    guardian.hidden = guardian.disabled = !asks;
    for (const input of guardian.elements) input.required = asks;
  };
  year.addEventListener("input", follow);
  addEventListener("pageshow", follow); // a browser that goes back fills the field in again
  follow();
}

function addReveal(input, words) {
  const row = Object.assign(document.createElement("div"), { className: "secret" });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: words.show });
  button.setAttribute("aria-controls", input.id);
  input.replaceWith(row);
  row.append(input, button);
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.textContent = shown ? words.hide : words.show;
    button.setAttribute("aria-pressed", String(shown));
  });
}
