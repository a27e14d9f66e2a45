// While somebody types, what stands in the form is kept as a draft on the server, so that nothing
// is lost when the phone is put away. Without this, the form's own "Save draft" does the same.

const WAIT_MS = 2500;

/** Keep the form's draft at `data-draft-url`; the sentence in `[data-draft-said]` says when it is. */
export default function keepDraft(form) {
  const url = form.dataset.draftUrl;
  const said = form.querySelector("[data-draft-said]");
  if (!url || !said || !window.fetch) {
    return;
  }
  let timer = 0;
  let changed = false;
  let leaving = false;

  async function keep() {
    window.clearTimeout(timer);
    if (!changed || leaving) {
      return;
    }
    changed = false;
    const body = new URLSearchParams(new FormData(form));
    try {
      const answer = await window.fetch(url, { method: "POST", body, redirect: "manual", keepalive: true });
      said.hidden = answer.status >= 400;
    } catch {
      changed = true;
    }
  }

  form.addEventListener("input", () => {
    changed = true;
    said.hidden = true;
    window.clearTimeout(timer);
    timer = window.setTimeout(keep, WAIT_MS);
  });
  form.addEventListener("submit", () => {
    leaving = true;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      keep();
    }
  });
}

for (const form of document.querySelectorAll('[data-behaviour="keep-draft"]')) {
  keepDraft(form);
}
