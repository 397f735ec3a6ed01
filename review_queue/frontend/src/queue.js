// The queue by keyboard and at once: keys press what carries their name, the next card waits before it is asked for,
// and what is new is told while one reads. Without this file every page works by itself.
const FIELDS = ["INPUT", "TEXTAREA", "SELECT"];
const typing = (node) => node && FIELDS.includes(node.tagName) && !["checkbox", "radio"].includes(node.type);
const main = () => document.getElementById("main");
const card = () => document.querySelector("[data-card]");
let ahead = null;
let busy = Promise.resolve();

function move(step) {
  const cases = [...document.querySelectorAll("[data-case]")];
  if (!cases.length) return;
  const at = cases.findIndex((node) => node.contains(document.activeElement));
  const next = cases[Math.min(cases.length - 1, Math.max(0, at + step))];
  next.querySelector("a").focus();
}

// A summary is toggled, and the reader is taken to what it holds.
function press(node) {
  node.closest("details:not([open])")?.setAttribute("open", "");
  if (node.tagName === "SUMMARY" && !node.parentElement.open) {
    node.click();
    node.parentElement.querySelector("select, input:not([type=hidden]), textarea")?.focus();
  } else node.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && typing(event.target)) return event.target.blur();
  if (typing(event.target)) return;
  if (event.key === "j") return move(1);
  if (event.key === "k") return move(-1);
  if (event.key === "g" && !document.querySelector('[data-key="g"]')) return window.location.assign("/");
  const named = CSS.escape(event.key);
  const field = document.querySelector(`[data-focus-key="${named}"]`);
  const node = field || [...document.querySelectorAll(`[data-key="${named}"]`)].find((one) => !one.closest("[hidden]"));
  if (!node) return;
  event.preventDefault();
  if (!field) return press(node);
  field.closest("details")?.setAttribute("open", "");
  field.focus();
});

const mainOf = (html) => new DOMParser().parseFromString(html, "text/html").getElementById("main");

// Fetches the card that will most likely come next; `but` is the one on the screen, which it must not name in turn.
async function lookAhead() {
  ahead = null;
  const here = card();
  if (!here || !here.dataset.ahead || here.dataset.open !== "1") return;
  const path = `/case/${here.dataset.ahead}`;
  const answer = await fetch(`${path}?ahead=${here.dataset.card}`, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer?.ok && !answer.redirected && card() === here) ahead = { path, main: mainOf(await answer.text()) };
}

function show(content, path) {
  offerCopies(content);
  main().replaceWith(content);
  history.pushState({ card: true }, "", path);
  document.title = content.querySelector("h1")?.textContent.trim() || document.title;
  window.scrollTo(0, 0);
  content.focus({ preventScroll: true });
  claimNow();
}

// Tells above the card what became of the verdict before: its undoing, or kindly that somebody was quicker.
function tell(content) {
  const place = document.querySelector("[data-said]");
  const said = content?.querySelector("[data-said]") || content?.querySelector("[data-moved]");
  if (!place || !said) return;
  const text = said.hasAttribute("data-moved") ? alertOf(said) : said.innerHTML;
  place.innerHTML = text;
  if (said.hasAttribute("data-moved")) place.firstElementChild.focus();
}

const alertOf = (node) => `<div class="moj-alert moj-alert--warning" role="alert" tabindex="-1"><div class="moj-alert__content">${node.innerHTML}</div></div>`;

// Sends one verdict. The card fetched ahead is shown at once; where there is none, the answer is.
async function decide(form, body) {
  const next = ahead;
  ahead = null;
  if (next) show(next.main, next.path);
  const answer = await fetch(form.action, { method: "POST", body, keepalive: true }).catch(() => null);
  const content = answer ? mainOf(await answer.text()) : null;
  if (!content) return window.location.assign(form.action.replace(/\/verdict$/, ""));
  const landed = new URL(answer.url).pathname + new URL(answer.url).search;
  const elsewhere = next && new URL(answer.url).pathname !== next.path;
  if (!next || (answer.ok && elsewhere)) show(content, answer.ok ? landed : window.location.pathname);
  else tell(content);
  return lookAhead();
}

// One verdict at a time: a key pressed while the one before is on its way waits for it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id !== "verdict" || event.submitter?.value === "undo") return;
  event.preventDefault();
  if (form.dataset.sent) return;
  form.dataset.sent = "1";
  const body = new URLSearchParams(new FormData(form, event.submitter));
  busy = busy.then(() => decide(form, body));
});

window.addEventListener("popstate", () => window.location.reload());

// News of the queue as it comes: counts, who holds what, and a word that there is more to see.
function listen() {
  if (!document.querySelector("[data-newest]") || !window.EventSource) return;
  const news = new EventSource("/events");
  let newest = null;
  news.addEventListener("queue", (event) => {
    const told = JSON.parse(event.data);
    for (const [name, count] of Object.entries(told.counts)) {
      const place = document.querySelector(`[data-count="${name}"]`);
      if (place && place.textContent !== String(count)) place.textContent = count;
    }
    for (const row of document.querySelectorAll("[data-case]")) {
      const held = row.querySelector("[data-held]");
      const holder = told.held[row.dataset.case];
      held.hidden = !holder;
      held.querySelector("[data-holder]").textContent = holder || "";
    }
    if (newest !== null && told.newest > newest) document.querySelector("[data-news]").hidden = false;
    newest = Math.max(newest || 0, told.newest);
  });
  window.addEventListener("pagehide", () => news.close());
}

// A card that is shown is claimed, so that colleagues see it is being read: at once where opening it did not, then each minute.
async function claim() {
  const here = card();
  const token = document.querySelector('#verdict [name="csrf"]');
  if (!here || here.dataset.open !== "1" || !token || document.hidden) return;
  const answer = await fetch(`/case/${here.dataset.card}/claim`, { method: "POST", body: new URLSearchParams({ csrf: token.value }) }).catch(() => null);
  const place = document.querySelector("[data-held-by]");
  if (answer?.status === 409 && card() === here && place) place.innerHTML = await answer.text();
}

const claimNow = () => card()?.dataset.claimed === "" && claim();
setInterval(claim, 60000);

// Copies a text that is shown in a field; without this file it can be marked and copied by hand.
function offerCopies(root) {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  await navigator.clipboard.writeText(field.value);
  const told = button.parentElement.querySelector("[data-copied]");
  told.hidden = false;
});

// What is wrong is read first, and each error leads into its field without asking the server again.
const errors = document.querySelector(".govuk-error-summary");
if (errors) {
  errors.tabIndex = -1;
  errors.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest('.govuk-error-summary a[href^="#"]');
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  (field.closest("fieldset")?.querySelector("legend") || field.labels?.[0] || field).scrollIntoView();
  field.focus({ preventScroll: true });
});

offerCopies(document);
listen();
claimNow();
busy = lookAhead();
