// When nobody does anything for a while, a lock lies over the page and the server locks the log-in.
// Below it the page stays as it is, so nothing typed is lost. Without this the server locks all the
// same, and what is then sent is kept until one has unlocked.

import { offerPasskeysIn } from "./passkey.js";
import { showPassphrasesIn } from "./show-passphrase.js";

const LOOK_EVERY_MS = 5000;
const TELL_EVERY_MS = 4 * 60 * 1000;
const ACTIVE = "gvi-active";
const UNLOCKED = "gvi-unlocked";

function shared(key) {
  return Number(window.localStorage.getItem(key)) || 0;
}

/** Watch for `data-after-s` seconds without anything done, in this tab or another. */
export default function lockWhenIdle(dialog) {
  const after = Number(dialog.dataset.afterS) * 1000;
  const place = dialog.querySelector("[data-place]");
  const over = dialog.querySelector("[data-over]");
  if (!after || !place || !dialog.showModal || !window.fetch) {
    return;
  }
  let told = Date.now();
  let typedIn = null;
  let locked = false;
  const title = document.title;
  window.localStorage.setItem(ACTIVE, String(told));

  function post(url, fields) {
    const body = new URLSearchParams({ csrf_token: dialog.dataset.token, ...fields });
    return window.fetch(url, { method: "POST", body, redirect: "manual" });
  }

  function note() {
    const now = Date.now();
    if (dialog.open || now - shared(ACTIVE) > after) {
      return;
    }
    window.localStorage.setItem(ACTIVE, String(now));
    if (now - told > TELL_EVERY_MS) {
      told = now;
      post("/still-here", {}).catch(() => {});
    }
  }

  function open() {
    locked = false;
    // First, so that the dialog can give the focus back to where it was.
    delete document.documentElement.dataset.locked;
    place.replaceChildren();
    dialog.close();
    document.title = title;
    told = Date.now();
    window.localStorage.setItem(ACTIVE, String(told));
  }

  /** Show the proof that is asked for; where the log-in is over, send what was typed to be kept. */
  function put(html) {
    const proof = new DOMParser().parseFromString(html, "text/html").getElementById("proof");
    over.hidden = true;
    if (!proof) {
      if (typedIn?.isConnected) {
        typedIn.submit();
      } else {
        window.location.reload();
      }
      return;
    }
    const form = document.importNode(proof, true);
    place.replaceChildren(form);
    showPassphrasesIn(form);
    offerPasskeysIn(form);
    // The provider of single sign-on is another page: in a tab of its own, nothing typed is lost.
    for (const way of form.querySelectorAll("a[data-proves]")) {
      way.target = "_blank";
    }
    form.querySelector('input[type="password"], button, a')?.focus();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      unlock(form).catch(() => {
        over.hidden = false;
      });
    });
  }

  async function unlock(form) {
    const body = new URLSearchParams(new FormData(form));
    const answer = await window.fetch("/unlock", { method: "POST", body, redirect: "manual" });
    if (answer.type === "opaqueredirect") {
      window.localStorage.setItem(UNLOCKED, String(Date.now()));
      open();
    } else {
      put(await answer.text());
    }
  }

  async function ask() {
    try {
      await post("/lock", {});
      put(await (await window.fetch("/unlock")).text());
    } catch {
      over.hidden = false;
    }
  }

  function look() {
    if (!dialog.open && Date.now() - shared(ACTIVE) > after) {
      locked = true;
      dialog.showModal();
      document.documentElement.dataset.locked = "";
      document.title = dialog.querySelector("h2").textContent;
      ask();
    } else if (dialog.open && !place.hasChildNodes() && !over.hidden) {
      ask();
    }
  }

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && !dialog.contains(form) && form.method === "post") {
      typedIn = form;
    }
  });
  for (const kind of ["keydown", "pointerdown", "input", "wheel"]) {
    document.addEventListener(kind, note, { passive: true });
  }
  // Escape closes other dialogs, not this one. Some browsers let nobody forbid `cancel` the second
  // time, but none asks to close after a key that was forbidden; and were it closed by a gesture,
  // it covers the page all the same (app.css, data-locked) and is opened again.
  window.addEventListener(
    "keydown",
    (event) => {
      if (locked && event.key === "Escape") {
        event.preventDefault();
      }
    },
    { capture: true },
  );
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", () => {
    if (locked) {
      dialog.showModal();
    }
  });
  window.addEventListener("storage", (event) => {
    if (event.key === UNLOCKED && dialog.open) {
      open();
    }
  });
  /** Open where the log-in was unlocked in another tab, at the provider of single sign-on. */
  async function lookWhetherProved() {
    if (dialog.open && place.querySelector("a[data-proves]")) {
      const answer = await post("/still-here", {});
      if (answer.ok) {
        window.localStorage.setItem(UNLOCKED, String(Date.now()));
        open();
      }
    }
  }

  window.addEventListener("focus", () => lookWhetherProved().catch(() => {}));
  document.addEventListener("visibilitychange", look);
  window.setInterval(look, LOOK_EVERY_MS);
}

for (const dialog of document.querySelectorAll('[data-behaviour="idle-lock"]')) {
  lockWhenIdle(dialog);
}
