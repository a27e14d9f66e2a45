// Logging in, proving to be there and making a key with a passkey. Without this, or where the
// browser knows no passkeys, the button stays hidden and the passphrase does the same.

function bytes(text) {
  const plain = window.atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return window.btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** Have the device make a key, or sign with one it holds, as the site's question says. */
async function answer(question) {
  const publicKey = { ...question, challenge: bytes(question.challenge) };
  if (!question.user) {
    return navigator.credentials.get({ publicKey });
  }
  publicKey.user = { ...question.user, id: bytes(question.user.id) };
  publicKey.excludeCredentials = question.excludeCredentials.map((each) => ({
    ...each,
    id: bytes(each.id),
  }));
  return navigator.credentials.create({ publicKey });
}

/** Write what the device answered as the site reads it. */
function written(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) {
      response[part] = text(credential.response[part]);
    }
  }
  const { id, type } = credential;
  return JSON.stringify({ id, rawId: text(credential.rawId), type, response });
}

/** Show one `[data-behaviour="passkey"]` and let its button ask the device. */
export default function offerPasskey(place) {
  const button = place.querySelector("button");
  const said = place.querySelector("[data-said]");
  const { form } = button;
  let isAsking = false;

  function lacksName() {
    const name = form.elements.namedItem("name");
    return name !== null && !name.value.trim();
  }

  async function ask() {
    const body = new URLSearchParams({ csrf_token: place.dataset.token });
    const asked = await window.fetch(place.dataset.asks, { method: "POST", body, redirect: "manual" });
    if (!asked.ok) {
      throw new Error(asked.statusText);
    }
    form.elements.credential.value = written(await answer(await asked.json()));
    form.requestSubmit();
  }

  function why(error) {
    const names = { InvalidStateError: "held", NotAllowedError: "cancelled", AbortError: "cancelled" };
    return place.dataset[names[error.name] ?? "failed"];
  }

  async function press() {
    if (lacksName()) {
      // The site says what is missing, before the device has made a key in vain.
      form.requestSubmit();
      return;
    }
    if (isAsking) {
      return;
    }
    isAsking = true;
    said.textContent = "";
    form.elements.credential.value = "";
    try {
      await ask();
    } catch (error) {
      said.textContent = why(error);
    }
    isAsking = false;
  }

  button.addEventListener("click", press);
  if (form.elements.namedItem("name")) {
    // Enter in the field is the button, as in any form.
    form.addEventListener("submit", (event) => {
      if (!form.elements.credential.value && !lacksName()) {
        event.preventDefault();
        press();
      }
    });
  }
  place.hidden = false;
  form.hidden = false;
  for (const without of form.querySelectorAll("[data-without-passkeys]")) {
    without.hidden = true;
  }
}

/** Offer passkeys wherever they may be used within an element. */
export function offerPasskeysIn(root) {
  if (!window.PublicKeyCredential || !navigator.credentials || !window.fetch) {
    return;
  }
  for (const place of root.querySelectorAll('[data-behaviour="passkey"]')) {
    offerPasskey(place);
  }
}

offerPasskeysIn(document);
