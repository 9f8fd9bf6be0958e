// Passkeys: asks the browser to make one or to sign with one, and sends its answer with the form around the button.
// Without a script, and in browsers without passkeys, these forms stay hidden: passwords and codes remain.

import { asJson, find, say } from "./site.js";

const ASK = {
  create: async (options) => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  get: async (options) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
};

async function ask(form) {
  const answer = await fetch(form.dataset.options, { ...asJson, method: "POST" });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return ASK[form.dataset.passkey](told).catch(() => { throw new Error(form.dataset.failed); }); // refused, or taken back
}

async function send(form) {
  const button = find("button", form);
  button.disabled = true;
  say(find("[data-say]", form), "");
  try {
    form.elements.answer.value = JSON.stringify(await ask(form));
    form.submit();
  } catch (problem) {
    say(find("[data-say]", form), problem instanceof TypeError ? form.dataset.failed : problem.message);
    button.disabled = false;
  }
}

if (globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  find("[data-unable]")?.remove();
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
  }
}
