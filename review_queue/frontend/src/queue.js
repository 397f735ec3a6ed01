// Keys of the queue: j and k move, Enter opens; on a card d, e, s and u press the button of that key.
const typing = (node) => node && ["INPUT", "TEXTAREA", "SELECT"].includes(node.tagName) && node.type !== "checkbox";

function move(step) {
  const cases = [...document.querySelectorAll("[data-case]")];
  if (!cases.length) return;
  const at = cases.findIndex((node) => node.contains(document.activeElement));
  const next = cases[Math.min(cases.length - 1, Math.max(0, at + step))];
  next.querySelector("a").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "g") window.location.assign("/");
  else {
    const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  }
});
