// At the door every tick is kept on the device until the server has it, so that none is lost when the
// connection is. Without this, each button sends its tick by itself.

import WaitingTicks from "./waiting-ticks.js";

const AGAIN_MS = 4000;
const GIVE_UP_MS = 10000;
const FRESH_MS = 60000;
const ENDED_AGAIN_MS = 20000;
const FORBIDDEN = 403;
const REFUSED = new Set([404, 409, 422]);

function tokenOf(page) {
  return page.querySelector('input[name="csrf_token"]').value;
}

/** Keep and send what is ticked within `place`, and show what another tablet ticked meanwhile. */
export default function keepTicks(place) {
  const { url, user, callIn } = place.dataset;
  if (!window.fetch || !window.localStorage || !window.AbortSignal?.timeout || ![].findLast) {
    return;
  }
  const waiting = new WaitingTicks(user, callIn);
  const answer = document.querySelector(".answer");
  let token = tokenOf(document);
  let heardAt = Date.now();
  let triedAt = 0;
  let isSending = false;
  let state = "";
  let mayLeave = false;
  answer?.setAttribute("aria-live", "polite");

  function say(what, number) {
    const part = place.querySelector(`[data-say="${what}"]`);
    part.hidden = !number;
    part.querySelector("[data-number]").textContent = number;
  }

  function part(kind, name) {
    return document.querySelector(`template[data-${kind}="${name}"]`).content.cloneNode(true);
  }

  /** Lay over one row what is ticked there and not sent, or refused. */
  function drawRow(row, ticks) {
    const last = ticks.findLast((tick) => !tick.isRefused);
    const refused = ticks.findLast((tick) => tick.isRefused);
    row.querySelector(".notice")?.remove();
    if (last) {
      const [stands, buttons] = part("state", last.outcome).children;
      stands.append(" ", part("mark", "waiting"));
      row.querySelector("[data-stands]").replaceChildren(...stands.childNodes);
      row.querySelector("[data-ticks]").replaceChildren(...buttons.childNodes);
    } else if (refused) {
      const told = part("mark", "refused");
      told.querySelector("[data-mine]").append(...part("state", refused.outcome).children[0].childNodes);
      row.append(told);
    }
  }

  function draw() {
    const mine = waiting.mine();
    for (const row of place.querySelectorAll("ol > li")) {
      const hadFocus = row.contains(document.activeElement);
      drawRow(row, mine.filter((tick) => tick.who === row.id));
      if (hadFocus) {
        row.querySelector("button")?.focus();
      }
    }
    const toSend = waiting.toSend().length;
    say("offline", state === "offline" ? toSend : 0);
    say("ended", state === "ended" ? toSend : 0);
    say("others", waiting.ofOthers().length);
    say("lost", mine.filter((tick) => tick.isRefused && !document.getElementById(tick.who)).length);
    say("leaving", 0);
  }

  /** Take over the rows of a page the server gave; gives whether it is this user's door. */
  function takeOver(page) {
    const there = page.querySelector('[data-behaviour="door"]');
    if (there?.dataset.user !== user) {
      return false;
    }
    heardAt = Date.now();
    token = tokenOf(page);
    const list = place.querySelector("ol");
    const focused = list?.querySelector(":focus")?.closest("li").id;
    list?.replaceChildren(...there.querySelectorAll("ol > li"));
    if (focused) {
      document.getElementById(focused)?.querySelector("button")?.focus();
    }
    answer?.replaceChildren(...page.querySelector(".answer").childNodes);
    return true;
  }

  async function ask(body) {
    const signal = AbortSignal.timeout(GIVE_UP_MS);
    const given = await window.fetch(url, body ? { method: "POST", body, signal } : { signal });
    const page = new DOMParser().parseFromString(await given.text(), "text/html");
    return { status: given.status, isOurs: takeOver(page) };
  }

  /** Send one tick; gives whether the server has answered it, with yes or no. */
  async function send(tick) {
    const { key, who, outcome, seen } = tick;
    const said = { csrf_token: token, form_key: key, who, outcome, seen };
    const { status, isOurs } = await ask(new URLSearchParams(said));
    if (REFUSED.has(status)) {
      waiting.refuse(tick);
    } else if (isOurs) {
      waiting.remove(tick);
    } else if (status < 400 || status === FORBIDDEN) {
      return false;
    } else {
      throw new Error(String(status));
    }
    return true;
  }

  async function sendAll() {
    if (isSending || !waiting.toSend().length || "locked" in document.documentElement.dataset) {
      return;
    }
    isSending = true;
    try {
      // After a while without an answer nobody knows who is logged in: nothing is sent unasked.
      let isOurs = Date.now() - heardAt < FRESH_MS || (await ask()).isOurs;
      for (let [tick] = waiting.toSend(); tick && isOurs; [tick] = waiting.toSend()) {
        isOurs = await send(tick);
        draw();
      }
      state = isOurs ? "" : "ended";
    } catch {
      state = "offline";
    }
    heardAt = state ? 0 : heardAt;
    triedAt = Date.now();
    isSending = false;
    draw();
  }

  place.addEventListener("submit", (event) => {
    const button = event.submitter;
    const row = event.target.closest("li");
    if (!button || !row) {
      return;
    }
    const seen = waiting.seenAfter(row.id) ?? event.target.elements.seen.value;
    waiting.add(row.id, button.value, seen, button.dataset.seen);
    // Only now: what the device cannot keep is sent as without a script.
    event.preventDefault();
    draw();
    sendAll();
  });
  place.addEventListener("click", (event) => {
    const row = event.target.closest("[data-leave]") && event.target.closest("li");
    if (row) {
      waiting.forgetRefused(row.id);
      draw();
    }
  });
  document.addEventListener("submit", (event) => {
    const left = WaitingTicks.number();
    if (event.target.getAttribute("action") !== "/log-out" || !left) {
      return;
    }
    if (!mayLeave) {
      event.preventDefault();
      mayLeave = true;
      say("leaving", left);
      return;
    }
    WaitingTicks.wipe();
  });
  window.addEventListener("beforeunload", (event) => {
    if (state === "offline" && waiting.toSend().length) {
      event.preventDefault();
    }
  });
  for (const [what, kind] of [[window, "online"], [window, "focus"], [document, "visibilitychange"]]) {
    what.addEventListener(kind, sendAll);
  }
  window.setInterval(() => {
    if (state !== "ended" || Date.now() - triedAt > ENDED_AGAIN_MS) {
      sendAll();
    }
  }, AGAIN_MS);
  draw();
  sendAll();
}

for (const place of document.querySelectorAll('[data-behaviour="door"]')) {
  keepTicks(place);
}
