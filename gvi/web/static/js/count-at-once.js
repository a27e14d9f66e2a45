// In the planner, reach is counted again by the server as soon as a box is ticked. Without this, the
// button "Count again" asks the same question.

const WAIT_MS = 250;
const FIRST_MS = 2_000;
const SLOWEST_MS = 30_000;
const LOOKS_ONLY = "count";
/** Fields that change nothing until their button is pressed. */
const ASKS_NOTHING = /^(rivals_reason|q|chance.*)$/;

function people(page) {
  return Array.from(page.querySelectorAll('input[name="p"]'), (box) => box.value)
    .sort()
    .join();
}

/** Put each part marked `data-live` as it is in the answer, where it says something else. */
function show(answer) {
  for (const part of document.querySelectorAll("[data-live], .answer")) {
    const key = part.dataset.live;
    const now = answer.querySelector(key ? `[data-live="${key}"]` : ".answer");
    if (now && now.innerHTML !== part.innerHTML) {
      part.replaceChildren(...now.childNodes);
    }
  }
}

/** Ask whenever something in the form is changed; the last question's answer is the one shown. */
export default function countAtOnce(form) {
  if (!window.fetch || !window.DOMParser) {
    return;
  }
  document.querySelector(".answer")?.setAttribute("aria-live", "polite");
  let timer = 0;
  let latest = 0;

  async function ask() {
    latest += 1;
    const own = latest;
    const question = new URLSearchParams(new FormData(form));
    question.delete("form_key");
    question.set("act", LOOKS_ONLY);
    try {
      const answer = await window.fetch(form.action, { method: "POST", body: question });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!answer.ok || own !== latest) {
        return;
      }
      if (people(page) !== people(document) || question.get("apart_one")) {
        window.location.assign(answer.url);
        return;
      }
      window.history.replaceState(null, "", answer.url);
      show(page);
    } catch {
      // Offline: the button asks the same question.
    }
  }

  /** While a proof is worked out, look how far it is: soon at first, then less often. */
  function watch(wait) {
    window.setTimeout(async () => {
      const own = latest;
      if (!document.querySelector('[data-behaviour="ask-again"]')) {
        return;
      }
      try {
        const answer = await window.fetch(window.location.href);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (answer.ok && own === latest) {
          show(page);
        }
      } catch {
        // Offline: the link asks the same question.
      }
      watch(Math.min(wait * 1.5, SLOWEST_MS));
    }, wait);
  }
  watch(FIRST_MS);

  form.addEventListener("change", (event) => {
    const name = event.target.name;
    const isHalfAPair =
      name?.startsWith("apart_") && !(form.elements.apart_one.value && form.elements.apart_other.value);
    if (!ASKS_NOTHING.test(name) && !isHalfAPair) {
      window.clearTimeout(timer);
      timer = window.setTimeout(ask, WAIT_MS);
    }
  });
}

for (const form of document.querySelectorAll('[data-behaviour="count-at-once"]')) {
  countAtOnce(form);
}
