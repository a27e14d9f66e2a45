// A switch beside each passphrase that shows what was typed. Without this it stays hidden.

/** Add the switch to one `[data-behaviour="show-passphrase"]`. */
export default function showPassphrase(place) {
  const input = place.querySelector("input");
  if (!input || place.querySelector("button")) {
    return;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link";
  button.setAttribute("aria-controls", input.id);
  button.setAttribute("aria-pressed", "false");
  button.textContent = place.dataset.show;

  function show(shown) {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.textContent = shown ? place.dataset.hide : place.dataset.show;
  }

  button.addEventListener("click", () => show(input.type === "password"));
  // Browsers offer to remember what a text field held, so it is hidden before it is sent.
  input.form?.addEventListener("submit", () => show(false));
  place.append(button);
}

/** Add the switch wherever it is asked for within an element. */
export function showPassphrasesIn(root) {
  for (const place of root.querySelectorAll('[data-behaviour="show-passphrase"]')) {
    showPassphrase(place);
  }
}

showPassphrasesIn(document);
