// The catalogue without reloading: a choice, a typed word, a chip, a page or an order fetches the page that the
// address names and takes over what differs. Without this module the same forms and links lead to the same pages.

const root = document.querySelector("[data-catalogue]");
const facets = document.getElementById("loc");
const wide = window.matchMedia("(min-width: 1101px)");
const TYPING = 300;

const told = document.createElement("p");
told.className = "sr";
told.setAttribute("role", "status");
document.body.append(told);

// --- the address that the forms mean ------------------------------------------------------------

const typed = () => root.querySelector('input[type="search"]');

function asked() {
  const params = new URLSearchParams(new FormData(facets));
  const words = typed().value.trim();
  // "Exactly these words" is said of the words it was said of, not of others.
  if (words !== (params.get("q") ?? "")) params.delete("exact");
  params.delete("q");
  const query = new URLSearchParams(words ? [["q", words], ...params] : params).toString();
  return facets.action + (query && `?${query}`);
}

function ofForm(form) {
  const query = new URLSearchParams(new FormData(form)).toString();
  return form.action + (query && `?${query}`);
}

// --- fetching, and taking over what differs --------------------------------------------------------

let running;

async function fetched(address) {
  running?.abort();
  const mine = (running = new AbortController());
  const answer = await fetch(address, { signal: mine.signal, headers: { Accept: "text/html" } });
  const text = await answer.text();
  if (mine.signal.aborted) throw new DOMException("Another answer is awaited.", "AbortError");
  const page = new DOMParser().parseFromString(text, "text/html");
  if (!page.querySelector("[data-catalogue]")) throw new Error("No catalogue came.");
  return page;
}

// Where the focus stands, in words that outlive the elements.
function focused() {
  const at = document.activeElement;
  if (!at || !root.contains(at) && !facets.contains(at)) return null;
  if (at.id) return `#${CSS.escape(at.id)}`;
  if (at.name && at.value) return `[name="${CSS.escape(at.name)}"][value="${CSS.escape(at.value)}"]`;
  return at.getAttribute("href") ? `a[href="${CSS.escape(at.getAttribute("href"))}"]` : null;
}

function refill(here, there) {
  const open = new Set([...here.querySelectorAll("details[open][data-open]")].map((part) => part.dataset.open));
  here.replaceChildren(...there.childNodes);
  here.querySelectorAll("details[data-open]").forEach((part) => (part.open ||= open.has(part.dataset.open)));
}

function takeFacets(page) {
  refill(facets, page.getElementById("loc"));
  hideButton();
}

function take(page) {
  const at = focused();
  document.title = page.title;
  root.querySelectorAll("[data-region]").forEach((region) => {
    const fresh = page.querySelector(`[data-region="${region.dataset.region}"]`);
    if (fresh) refill(region, fresh);
  });
  takeFacets(page);
  const input = typed();
  if (input !== document.activeElement) input.value = page.querySelector('[data-catalogue] input[type="search"]').value;
  const others = page.querySelectorAll("header a[hreflang]");
  document.querySelectorAll("header a[hreflang]").forEach((link, place) => (link.href = others[place]?.href ?? link.href));
  const again = at && (root.querySelector(at) ?? facets.querySelector(at));
  if (again) again.focus({ preventScroll: true });
  else if (at) document.getElementById("danh-sach").focus({ preventScroll: true });
  document.dispatchEvent(new Event("list-shown"));
}

function say() {
  const words = [...root.querySelectorAll("[data-told]")].map((part) => part.textContent.trim());
  told.textContent = words.join(". ");
}

let shown = location.pathname + location.search;
let shows = 0;

// `way`: "new" is another place in the history, "same" goes on with this one, "back" came from the history.
async function show(address, way = "new") {
  const list = root.querySelector('[data-region="list"]');
  const mine = ++shows;
  list.setAttribute("aria-busy", "true");
  try {
    const page = await fetched(address);
    if (way === "new") {
      history.replaceState({ ...history.state, scroll: scrollY }, "");
      history.pushState({ catalogue: true }, "", address);
    } else if (way === "same") {
      history.replaceState({ ...history.state, catalogue: true }, "", address);
    }
    shown = location.pathname + location.search;
    take(page);
    say();
    return true;
  } catch (error) {
    if (error.name === "AbortError") return false;
    // No network, or an answer that is no catalogue: the browser goes there and says what is wrong.
    location.assign(address);
    return false;
  } finally {
    if (mine === shows) list.removeAttribute("aria-busy");
  }
}

// --- what people do ------------------------------------------------------------------------------

function hideButton() {
  const go = facets.querySelector("[data-filter-go]");
  if (go) go.parentElement.hidden = wide.matches;
}

let waiting;
let isTyping = false;

function typing() {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    if (await show(asked(), isTyping ? "same" : "new")) isTyping = true;
  }, TYPING);
}

function now(address) {
  clearTimeout(waiting);
  isTyping = false;
  return show(address);
}

async function toPage(address) {
  if (!(await now(address))) return;
  const heading = document.getElementById("danh-sach");
  heading.focus({ preventScroll: true });
  root.querySelector('[data-region="list"]').scrollIntoView();
}

// On phones the facets open as a sheet over the list: its button tells how many products a choice would show.
let sheet;

function makeSheet() {
  const dialog = document.createElement("dialog");
  dialog.className = "filter-sheet";
  dialog.setAttribute("aria-labelledby", "loc-ten");
  const place = document.createComment("facets");
  facets.before(place);
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    place.after(facets);
    if (dialog.returnValue !== "chosen") refresh(location.href);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-filter-close]")) dialog.close();
  });
  wide.addEventListener("change", () => dialog.open && dialog.close());
  return dialog;
}

function openSheet() {
  sheet ??= makeSheet();
  sheet.returnValue = "";
  sheet.append(facets);
  sheet.showModal();
}

async function refresh(address) {
  try {
    const page = await fetched(address);
    const at = focused();
    takeFacets(page);
    if (at) facets.querySelector(at)?.focus({ preventScroll: true });
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
  }
}

function chosen() {
  if (sheet?.open) refresh(asked());
  else if (wide.matches) now(asked());
}

function sent(event) {
  const form = event.target;
  if (form.method !== "get" || !form.action.startsWith(location.origin + location.pathname)) return;
  event.preventDefault();
  const address = form === facets || form.contains(typed()) ? asked() : ofForm(form);
  if (sheet?.open) sheet.close("chosen");
  now(address);
}

function followed(event) {
  const link = event.target.closest("a[href]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const to = new URL(link.href);
  if (to.origin !== location.origin || to.pathname !== location.pathname) return;
  if ("filterOpen" in link.dataset) {
    if (wide.matches || !window.HTMLDialogElement) return;
    event.preventDefault();
    openSheet();
    return;
  }
  event.preventDefault();
  if (sheet?.open) sheet.close("chosen");
  if (link.rel === "next" || link.rel === "prev") toPage(to.href);
  else now(to.href);
}

if (root && facets) {
  hideButton();
  history.scrollRestoration = "manual";
  wide.addEventListener("change", hideButton);
  facets.addEventListener("change", chosen);
  facets.addEventListener("submit", sent);
  facets.addEventListener("click", followed);
  root.addEventListener("click", (event) => facets.contains(event.target) || followed(event));
  root.addEventListener("submit", (event) => facets.contains(event.target) || sent(event));
  root.addEventListener("change", (event) => event.target.form?.matches("[data-send-on-change]") && event.target.form.requestSubmit());
  root.addEventListener("input", (event) => {
    if (event.target === typed() && !event.isComposing) typing();
  });
  root.addEventListener("compositionend", (event) => event.target === typed() && typing());
  window.addEventListener("popstate", async () => {
    if (location.pathname + location.search === shown) return;
    const scroll = history.state?.scroll ?? 0;
    isTyping = false;
    typed().blur();
    if (await show(location.href, "back")) scrollTo(0, scroll);
  });
  window.addEventListener("pagehide", () => history.replaceState({ ...history.state, scroll: scrollY }, ""));
  if (history.state?.scroll) scrollTo(0, history.state.scroll);
}
