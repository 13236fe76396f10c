// Keeps what is being typed in this browser until the server has taken it, and offers it again after a
// reload, a lost session or a closed tab. Drafts belong to one account: their key begins with its id, and
// logging out removes them. Hidden inputs, passwords and files are never kept.

const PREFIX = "draft:";
const DAYS = 7;
const WAIT = 400;
const PATIENCE = 2000;
const SKIPPED = new Set(["hidden", "password", "file", "submit", "button", "image", "reset"]);

const body = document.body;
const user = body.dataset.draftUser;

function store(key, draft) {
  try {
    if (draft) localStorage.setItem(key, JSON.stringify(draft));
    else localStorage.removeItem(key);
  } catch {
    // A full or closed store: typing goes on without a net.
  }
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function keys(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

function inputs(form) {
  return [...form.elements].filter((field) => field.name && !SKIPPED.has(field.type) && !field.disabled && !field.readOnly);
}

/** Every field's values by name; of boxes and lists those that are chosen. */
function values(form) {
  const found = {};
  inputs(form).forEach((field) => {
    const list = (found[field.name] ??= []);
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) list.push(field.value);
    } else if (field.type === "select-multiple") {
      list.push(...[...field.selectedOptions].map((option) => option.value));
    } else {
      list.push(field.value);
    }
  });
  return found;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function fill(form, kept) {
  const left = Object.fromEntries(Object.entries(kept).map(([name, list]) => [name, [...list]]));
  inputs(form).forEach((field) => {
    const list = left[field.name];
    if (!list) return;
    if (field.type === "checkbox" || field.type === "radio") field.checked = list.includes(field.value);
    else if (field.type === "select-multiple") [...field.options].forEach((option) => (option.selected = list.includes(option.value)));
    else if (list.length) field.value = list.shift();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

function isDrafted(form) {
  if (form.method !== "post" || form.dataset.draft === "off" || form.querySelector("input[type=password]")) return false;
  return "draft" in form.dataset || ("draftAll" in body.dataset && form.querySelector("textarea") !== null);
}

function offer(form, key, draft, shown) {
  const bar = document.querySelector("template[data-draft-offer]").content.firstElementChild.cloneNode(true);
  const at = new Date(draft.at);
  const day = at.toLocaleDateString("vi-VN", { day: "2-digit", month: "2-digit", year: "numeric" });
  const hour = at.toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit" });
  bar.querySelector("[data-draft-at]").textContent = `${hour}, ${day}`;
  bar.querySelector("[data-draft-changed]").hidden = same(draft.base, shown);
  bar.querySelector("[data-draft-use]").addEventListener("click", () => {
    fill(form, draft.values);
    bar.remove();
    inputs(form)[0]?.focus();
  });
  bar.querySelector("[data-draft-drop]").addEventListener("click", () => {
    store(key, null);
    bar.remove();
    inputs(form)[0]?.focus();
  });
  form.before(bar);
}

function watch(form, number) {
  const key = `${PREFIX}${user}:${location.pathname}:${form.id || number}`;
  const shown = values(form);
  const known = read(key);
  if (known && same(known.values, shown)) store(key, null);
  else if (known) offer(form, key, known, shown);

  let timer = 0;
  const save = (sent = false) => {
    clearTimeout(timer);
    timer = 0;
    const typed = values(form);
    if (!same(typed, shown)) store(key, { at: Date.now(), base: shown, values: typed, sent });
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, WAIT);
  });
  form.addEventListener("submit", () => save(true));
  window.addEventListener("pagehide", () => timer && save());
}

/** A draft that was sent is done with once a page of the portal answers, unless that page shows an error. */
function settle() {
  const turnedAway = document.querySelector("[data-draft-unsent]") !== null;
  const again = performance.getEntriesByType("navigation")[0]?.type ?? "navigate";
  const refused = document.querySelector(".errorlist, .errornote, .error-summary, .field--error") !== null;
  const keep = turnedAway || refused || again !== "navigate";
  const oldest = Date.now() - DAYS * 86_400_000;
  keys(PREFIX).forEach((key) => {
    const draft = read(key);
    if (!draft || draft.at < oldest) store(key, null);
    else if (draft.sent && keep) store(key, { ...draft, sent: false });
    else if (draft.sent && user && key.startsWith(`${PREFIX}${user}:`)) store(key, null);
  });
}

/** What the login kept is the same typing: once it is posted again, its draft was sent too. */
function markSent(form) {
  const path = new URL(form.action, location.href).pathname;
  keys(`${PREFIX}${user}:${path}:`).forEach((key) => store(key, { ...read(key), sent: true }));
}

/** Pages a judge or inspector has kept for places without a network go with the login, whichever page it ends on. */
async function forgetJudging() {
  const { leave } = await import("./outbox.js");
  await Promise.race([leave(user), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
}

/** One person's pages at a time: those of whoever used this browser before are dropped. */
async function dropOthers() {
  const names = "caches" in window ? await caches.keys() : [];
  const others = names.filter((name) => /^(cham-diem|kiem-tra)-[0-9a-f]{8}-/.test(name) && !name.endsWith(user));
  await Promise.all(others.map((name) => caches.delete(name)));
}

settle();
if (user) {
  dropOthers().catch(() => {});
  document.querySelectorAll("form[data-resume]").forEach((form) => form.addEventListener("submit", () => markSent(form)));
  [...document.forms].filter(isDrafted).forEach(watch);
  document.querySelectorAll("form[data-logout]").forEach((form) =>
    form.addEventListener("submit", (event) => {
      keys(`${PREFIX}${user}:`).forEach((key) => store(key, null));
      event.preventDefault();
      forgetJudging().finally(() => form.submit());
    }),
  );
}
