// While a person's name is typed, people who may be the same are shown under it. Without this, the
// button "Check for duplicates" and the save itself do the same.

const WAIT_MS = 400;
const LEAST_LETTERS = 3;
const ASKED = ["name", "aliases", "birth_date"];

/** Ask `data-likely-url` about what stands in the form, and put its #likely in the form's place. */
export default function hintAtLikely(form) {
  const url = form.dataset.likelyUrl;
  if (!url || !window.fetch || !window.DOMParser) {
    return;
  }
  let timer = 0;
  let latest = 0;

  async function ask() {
    const question = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
    for (const name of ASKED) {
      question.set(name, form.elements[name].value.trim());
    }
    if (question.get("name").length < LEAST_LETTERS && question.get("aliases").length < LEAST_LETTERS) {
      return;
    }
    latest += 1;
    const own = latest;
    try {
      const answer = await window.fetch(url, { method: "POST", body: question });
      if (!answer.ok || own !== latest) {
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.getElementById("likely");
      const place = form.querySelector("#likely");
      if (found && place && found.innerHTML !== place.innerHTML) {
        place.replaceChildren(...found.childNodes);
      }
    } catch {
      // Offline: saving asks the same question.
    }
  }

  form.addEventListener("input", (event) => {
    if (ASKED.includes(event.target.name)) {
      window.clearTimeout(timer);
      timer = window.setTimeout(ask, WAIT_MS);
    }
  });
}

for (const form of document.querySelectorAll('[data-behaviour="likely"]')) {
  hintAtLikely(form);
}
