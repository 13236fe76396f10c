// Every page of a judge, and of an inspector: what of the typed is where, what the server has refused, pages for places
// without a network. The score sheet itself is score.js, the checklist checklist.js; without scripts nothing here is needed.

import { fill, isLive, leave, outbox, unsent, waiting } from "./outbox.js";

const box = outbox();
const template = document.querySelector("template[data-outbox]");
const sheet = document.querySelector("[data-score], [data-checklist]");
const live = isLive();

const words = template ? { ...template.dataset } : {};
const root = words.offline?.replace(/[^/]+\/$/, "");
words.device = matchMedia("(pointer: coarse)").matches ? words.phone : words.computer;
let panel;
let busy = false;

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function button(text, act) {
  const made = element("button", "btn btn--small btn--outline", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function link(text, href, className = "link") {
  const made = element("a", className, text);
  made.href = href;
  return made;
}

const login = () => link(words.toLogin, `${words.login}?next=${encodeURIComponent(location.pathname + location.search)}`);

// "Chờ gửi: 3 mục ở 2 hồ sơ, đang giữ trên điện thoại này."
function line(records) {
  const going = records.filter((record) => !record.refused && waiting(record));
  const count = going.reduce((sum, record) => sum + waiting(record), 0);
  const facts = { count, sheets: going.length, device: words.device };
  const held = fill(box.durable ? words.held : words.unheld, facts);
  if (count && box.trouble?.kind === "login") return ["failed", `${words.over} ${held}`, login()];
  if (count && box.trouble?.kind === "failed") return ["failed", `${words.failed} ${held}`, button(words.again, () => box.again())];
  if (count && box.cut) return ["held", held];
  if (count) return ["sending", fill(words.sending, facts)];
  if (!live) return ["held", fill(words.kept, { when: document.querySelector("[name=judge-keep]").dataset.at })];
  return busy ? ["saved", words.done] : null;
}

// A sheet that needs the judge: refused, two versions, or a figure to mend.
function matter(record) {
  const texts = Object.entries(record.texts);
  const item = element("li", "outbox__item");
  const title = element("p", "outbox__title");
  title.append(link(record.title ?? words.sheet, record.page ?? root));
  item.append(title);
  if (!record.refused) {
    const several = texts.some(([, kept]) => kept.theirs);
    item.append(element("p", "", several ? words.choose : words.mend));
    return item;
  }
  item.append(element("p", "", `${record.refused.sentence} ${fill(words.stays, { device: words.device })}`));
  const list = element("ul", "outbox__texts");
  for (const [key, kept] of texts) list.append(element("li", "", fill(key.startsWith("points") ? words.points : words.text, { code: kept.code, text: kept.said ?? (kept.text || words.empty) })));
  const acts = element("p", "outbox__acts");
  acts.append(button(words.again, () => box.retry(record.save)), button(words.letGo, () => box.letGo(record.save)));
  item.append(list, acts);
  return item;
}

const needsTheJudge = (record) => record.refused || Object.values(record.texts).some((kept) => kept.theirs || kept.stop);

function place() {
  panel = template.content.firstElementChild.cloneNode(true);
  const here = document.querySelector("[data-outbox-here]");
  if (here) here.append(panel);
  else document.querySelector("main").prepend(panel);
}

async function draw() {
  const records = await box.all();
  mark(records);
  if (sheet) return;
  const matters = records.filter((record) => unsent(record).length && needsTheJudge(record));
  if (records.some((record) => waiting(record) && !record.refused)) busy = true;
  const said = line(records);
  if (!said && !matters.length && !panel) return;
  if (!panel) place();
  panel.hidden = !said && !matters.length;
  const state = panel.querySelector("[data-outbox-line]");
  state.hidden = !said;
  state.className = `outbox__line outbox__line--${said?.[0] ?? "none"}`;
  if (state.dataset.said !== said?.[1]) {
    state.dataset.said = said?.[1] ?? "";
    state.replaceChildren(...(said ?? []).slice(1), " ");
  }
  panel.querySelector("ul").replaceChildren(...matters.map(matter));
}

// In the list, beside each dossier: what of it waits on this device.
function mark(records) {
  const counts = new Map(records.map((record) => [record.page, unsent(record).length]));
  for (const item of document.querySelectorAll("li.dossier")) {
    const count = counts.get(item.querySelector("a")?.pathname) ?? 0;
    let badge = item.querySelector("[data-unsent]");
    if (!count) badge?.remove();
    else {
      if (!badge) {
        badge = element("p", "badge badge--todo");
        badge.dataset.unsent = "";
        item.querySelector(".dossier__maker").after(badge);
      }
      badge.textContent = fill(words.unsent, { count, device: words.device });
    }
  }
}

// Pages for places without a network

const sheets = () => [...document.querySelectorAll("li.dossier .dossier__name a")].map((found) => found.pathname);
const dossiers = (paths) => paths.map((path) => path.slice(root.length).split("/")[0]);

async function worker() {
  const found = await navigator.serviceWorker.register(`${root}sw.js`, { scope: root });
  const { active } = await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller || found.installing) active.postMessage({ keep: [location.pathname, words.offline, ...assets()] });
  else active.postMessage({ keep: [words.offline] });
  if (live && document.querySelector("[data-own-list]")) active.postMessage({ own: dossiers(sheets()) });
  return active;
}

const assets = () =>
  performance
    .getEntriesByType("resource")
    .map((entry) => entry.name)
    .filter((name) => new URL(name).pathname.startsWith("/static/"));

function keep(active, path) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data > 0);
    active.postMessage({ keep: [path] }, [port2]);
  });
}

// All own sheets with their pictures, three at a time.
async function download(active, state) {
  const left = sheets();
  const of = left.length;
  let done = 0;
  await navigator.storage?.persist?.();
  const next = async () => {
    for (let path = left.shift(); path; path = left.shift()) {
      if (await keep(active, path)) done += 1;
      state.textContent = fill(words.fetching, { done, of });
    }
  };
  state.textContent = fill(words.fetching, { done, of });
  await Promise.all([keep(active, location.pathname), next(), next(), next()]);
  state.textContent = fill(done === of ? words.fetched : words.partly, { done, of, left: of - done });
}

async function offline() {
  if (!("serviceWorker" in navigator) || !template) return;
  const active = await worker();
  for (const tool of document.querySelectorAll("[data-download]")) {
    const asks = tool.querySelector("button");
    tool.hidden = !sheets().length;
    asks.addEventListener("click", async () => {
      asks.disabled = true;
      await download(active, tool.querySelector("[data-download-state]"));
      asks.disabled = false;
    });
  }
}

if (box && template) {
  box.onchange(draw);
  draw();
  if (!sheet) box.flush();
  offline().catch(() => {}); // a browser without workers has the outbox all the same
}
