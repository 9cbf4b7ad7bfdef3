/* What the demo adds to simcord's page: the newest message stays in sight, and Enter sends a finished command. */
const timeline = document.getElementById("channel-timeline");
const input = document.getElementById("channel-composer-input");
const form = input.form;

const NEAR = 120;
let following = true;

/* The newest message in sight, from its beginning where it is taller than the page. */
function follow() {
  if (!following) return;
  const newest = [...timeline.querySelectorAll("[data-message-id]")].at(-1);
  const tall = newest && newest.offsetHeight > timeline.clientHeight;
  if (tall) timeline.scrollTop += newest.getBoundingClientRect().top - timeline.getBoundingClientRect().top;
  else timeline.scrollTop = timeline.scrollHeight;
}

function scrolled() {
  requestAnimationFrame(() => {
    following = timeline.scrollHeight - timeline.scrollTop - timeline.clientHeight < NEAR;
  });
}

for (const kind of ["wheel", "touchmove", "pointerup", "keyup"]) timeline.addEventListener(kind, scrolled, { passive: true });
new MutationObserver(follow).observe(timeline, { childList: true, subtree: true });
timeline.addEventListener("load", follow, { capture: true });
new ResizeObserver(follow).observe(timeline);

/* Of what the page says about each request only trouble is news to a person. */
const status = document.getElementById("action-status");
const TROUBLE = /not |uncertain|interrupted|unavailable|ended/;
new MutationObserver(() => status.classList.toggle("demo-quiet", !TROUBLE.test(status.textContent)))
  .observe(status, { childList: true, characterData: true, subtree: true });

const WITHOUT_OPTIONS = new Set(JSON.parse(document.body.dataset.withoutOptions));

const send = document.getElementById("send-message");
let waiting = false;

/* simcord's page drops what is sent while it waits for an answer; here Enter waits with it. */
function enterLater(target) {
  if (waiting) return;
  waiting = true;
  const attempt = () => {
    if (send.disabled) {
      setTimeout(attempt, 50);
      return;
    }
    waiting = false;
    const now = target.isConnected ? target : document.activeElement;
    now.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  };
  attempt();
}

// A person who has typed a whole command presses Enter once. Tab still opens its options.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !form.contains(event.target)) return;
  const whole = event.target === input && WITHOUT_OPTIONS.has(input.value.trim());
  if (!send.disabled && !whole) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (send.disabled) {
    enterLater(event.target);
    return;
  }
  input.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  following = true;
  form.requestSubmit();
}, { capture: true });

// Once a value is chosen from a list, Enter sends the command; simcord's page leaves the keyboard nowhere.
document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest(".command-suggestion")) return;
  setTimeout(() => {
    if (!document.activeElement?.closest(".command-row")) document.querySelector(".command-chip")?.focus();
  });
});

/* A line that begins as a command and is none is kept, and the page says what to type; Discord itself would post it. */
const hint = document.createElement("p");
hint.id = "demo-hint";
hint.setAttribute("role", "status");
hint.hidden = true;
form.prepend(hint);
// What is too long is refused with a sentence, not cut.
input.removeAttribute("maxlength");
const MOST = 2000;
let cleared = null;

async function trouble(text) {
  try {
    const answer = await fetch("/api/action?typed", { method: "POST", body: text });
    return answer.ok ? await answer.text() : "";
  } catch {
    return "";
  }
}

form.addEventListener("submit", async (event) => {
  const text = input.value;
  if (!input.isConnected || cleared === text || !(text.startsWith("/") || text.length > MOST)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  hint.textContent = await trouble(text);
  hint.hidden = !hint.textContent;
  if (!hint.hidden || input.value !== text) return;
  cleared = text;
  form.requestSubmit();
  cleared = null;
}, { capture: true });
input.addEventListener("input", () => { hint.hidden = true; });

/* simcord says that a length is wrong; Discord says how long a text may be. */
const LONGEST = JSON.parse(document.body.dataset.most);
const LONGER = JSON.parse(document.body.dataset.higherMost);
new MutationObserver(() => {
  for (const error of form.querySelectorAll(".command-error")) {
    if (!error.textContent.startsWith("Value length")) continue;
    error.textContent = `Must be ${LONGER[error.id.replace("command-error-", "")] ?? LONGEST} or fewer in length.`;
  }
}).observe(form, { childList: true, characterData: true, subtree: true });

/* An address without its end, or of a demo that has ended, leaves simcord's page empty, with words for a screen reader alone. */
const LOST = {
  "This page has no preview capability.":
    "This address is not complete. Open the whole one that the demo printed, with all that follows the #.",
  "The authorized page could not be opened.":
    "This address is not of the demo that runs now. Open the one that it printed when it started.",
};
const told = document.getElementById("live-status");
function sayLost() {
  const sentence = LOST[told.textContent.trim()];
  if (!sentence || document.getElementById("demo-lost")) return;
  const lost = document.createElement("p");
  lost.id = "demo-lost";
  lost.textContent = told.textContent = sentence;
  document.getElementById("toolbar").after(lost);
}
sayLost();
new MutationObserver(sayLost).observe(told, { childList: true, characterData: true, subtree: true });
