// Logging out wipes what the browser keeps. Where ticks of the door still wait there, it takes a
// second press: on the door's own page door.js asks for it, on every other page this does.

import WaitingTicks from "./waiting-ticks.js";

/** Hold the first log-out back while ticks wait, and say so beside the button. */
export default function askFirst(form) {
  let isTold = false;
  form.addEventListener("submit", (event) => {
    if (isTold || !WaitingTicks.number()) {
      return;
    }
    event.preventDefault();
    isTold = true;
    const said = document.createElement("p");
    said.setAttribute("role", "alert");
    said.textContent = form.dataset.ticksWait;
    form.append(said);
  });
}

for (const form of document.querySelectorAll("form[data-ticks-wait]")) {
  if (!document.querySelector('[data-behaviour="door"]')) {
    askFirst(form);
  }
}
