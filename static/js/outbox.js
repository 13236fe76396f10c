// The outbox of judges and inspectors: what was typed on a sheet and is not yet on the server, kept in IndexedDB.
//
// Score sheets ("cham-diem") and checklists of inspections ("kiem-tra") keep their records apart. A field's key is
// its kind and the row it stands in ("points12", "answer3"); one of the sheet as a whole has no row ("remark").
//
// One record per sheet and person. `texts` holds the newest text of each field, with what the server held when
// it was typed (`base`). A batch of them leaves as `sent`: its key and its content never change, and it is sent
// again, byte for byte, until the server has answered; typing goes on beside it. So a request that was written
// and never answered is not written twice. One tab at a time sends for all (Web Locks); every tab hears of it.
//
// `known` remembers what the server has confirmed since the page was drawn: a page reopened from the device's
// cache is older than that. This device's clock decides nothing: `skew` is its distance from the server's.

const PLACES = ["cham-diem", "kiem-tra"];
const PLACE = document.querySelector("template[data-outbox]")?.dataset.place ?? PLACES[0];
const WHO = PLACE === PLACES[0] ? "X-Judge" : "X-Writer";
const STORE = "sheets";
const PATIENCE = 15000;
const RETRY = [4000, 8000, 15000, 30000];
const FORGOTTEN_AFTER = 90 * 86_400_000;

// "8,5" is 850, an empty box is null, anything else NaN.
export function read(text) {
  const typed = text.replace(/\s/g, "").replace("−", "-");
  if (!typed) return null;
  const match = /^(-?)([0-9]{0,12})(?:[.,]([0-9]{0,2}))?$/.exec(typed);
  if (!match || !(match[2] || match[3])) return NaN;
  const size = Number(match[2] || 0) * 100 + Number((match[3] || "").padEnd(2, "0"));
  return match[1] ? -size : size;
}

export function same(key, one, other) {
  if (typeof one !== "string" || typeof other !== "string") return false;
  if (!key.startsWith("points")) return one.trim() === other.trim();
  const [a, b] = [read(one), read(other)];
  return a === b || (Number.isNaN(a) && Number.isNaN(b) && one === other);
}

export function fill(sentence, facts) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? facts[name] : whole));
}

export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export function csrf() {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function database(place) {
  const opening = indexedDB.open(place, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "id" }).createIndex("user", "user");
  return settled(opening);
}

// Records that outlive the page, or, where the browser keeps nothing, this page only.
class Shelf {
  async open(place = PLACE) {
    try {
      this.database = await database(place);
    } catch {
      this.records = new Map();
    }
  }

  get durable() {
    return this.database !== undefined;
  }

  // `change` gets the record and gives the one to keep, or null to drop it; nobody comes between.
  async update(id, change) {
    if (!this.durable) return this.put(change(structuredClone(this.records.get(id))), id);
    const work = this.database.transaction(STORE, "readwrite", { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      work.oncomplete = resolve;
      work.onabort = () => reject(work.error);
    });
    const store = work.objectStore(STORE);
    const kept = change(await settled(store.get(id)));
    if (kept) store.put(kept);
    else store.delete(id);
    await done;
    return kept;
  }

  put(kept, id) {
    if (kept) this.records.set(id, kept);
    else this.records.delete(id);
    return kept;
  }

  async of(user) {
    if (!this.durable) return [...this.records.values()].filter((record) => record.user === user);
    return settled(this.database.transaction(STORE).objectStore(STORE).index("user").getAll(user));
  }
}

const entries = (record) => Object.entries(record?.texts ?? {});
const goes = (record, [key, kept]) => !kept.stop && !kept.theirs && (!same(key, kept.text, kept.base) || key in (record.sent?.texts ?? {}));

/** What of a sheet waits to be sent by itself. */
export function waiting(record) {
  const keys = new Set(Object.keys(record?.sent?.texts ?? {}));
  for (const entry of entries(record)) if (goes(record, entry)) keys.add(entry[0]);
  return keys.size;
}

/** What of a sheet stands on this device and not on the server. */
export function unsent(record) {
  const keys = new Set(Object.keys(record?.sent?.texts ?? {}));
  for (const [key, kept] of entries(record)) if (kept.stop || kept.theirs || !same(key, kept.text, kept.base)) keys.add(key);
  return [...keys];
}

class Outbox {
  constructor(user) {
    this.user = user;
    this.shelf = new Shelf();
    this.listeners = new Set();
    this.trouble = null;
    this.attempts = 0;
    this.ready = this.shelf.open();
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel(`${PLACE}:${user}`) : null;
    this.channel?.addEventListener("message", ({ data }) => this.heard(data));
    addEventListener("online", () => this.again());
    addEventListener("offline", () => this.tell());
    addEventListener("pageshow", (event) => event.persisted && this.again());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.flush() : this.again()));
  }

  get durable() {
    return this.shelf.durable;
  }

  get cut() {
    return !navigator.onLine || this.trouble?.kind === "held";
  }

  id(save) {
    return `${this.user}:${save}`;
  }

  async all() {
    await this.ready;
    return this.shelf.of(this.user);
  }

  async record(save) {
    return (await this.all()).find((record) => record.id === this.id(save));
  }

  async update(save, change) {
    await this.ready;
    const id = this.id(save);
    const record = await this.shelf.update(id, (found) => change(found ?? { id, user: this.user, save, revision: 0, texts: {}, known: {}, sent: null, refused: null }));
    return record;
  }

  onchange(listener) {
    this.listeners.add(listener);
  }

  // Every tab of this person draws anew; `trouble` travels along so that all say the same.
  tell() {
    for (const listener of this.listeners) listener();
    this.channel?.postMessage({ trouble: this.trouble });
  }

  heard(said) {
    if (said.hello) return this.trouble?.kind === "login" ? this.again() : undefined;
    this.trouble = said.trouble;
    for (const listener of this.listeners) listener();
  }

  // A sheet was opened. `page` is what its form holds; a page out of the cache knows less than the record.
  async opened(facts, page) {
    const record = await this.update(facts.save, (found) => {
      Object.assign(found, facts, { seen: Date.now() });
      const justSaved = page.revision < found.revision && Date.now() - (found.heardAt ?? 0) < 60_000;
      if (!page.live || justSaved) return found;
      Object.assign(found, { revision: page.revision, savedAt: page.savedAt, known: {}, refused: null });
      for (const [key, kept] of entries(found)) weigh(found, key, kept, page.texts[key] ?? "", page.savedAt);
      return found;
    });
    this.tell();
    return record;
  }

  async type(save, fields) {
    const record = await this.update(save, (found) => {
      for (const [key, field] of Object.entries(fields)) {
        const before = found.texts[key];
        const base = before ? before.base : field.base;
        found.texts[key] = { ...field, base, at: Date.now(), theirs: before?.theirs };
        const idle = !before?.theirs && !(key in (found.sent?.texts ?? {}));
        if (idle && same(key, field.text, base)) delete found.texts[key];
      }
      return found;
    });
    this.tell();
    return record;
  }

  /** Of two versions the judge has chosen one: what the server holds is seen from now on. */
  async choose(save, key, text) {
    const record = await this.update(save, (found) => {
      const kept = found.texts[key];
      if (!kept?.theirs) return found;
      Object.assign(kept, { text, base: kept.theirs.text, theirs: undefined, at: Date.now() });
      if (same(key, kept.text, kept.base)) delete found.texts[key];
      return found;
    });
    this.tell();
    return record;
  }

  /** The judge lets go of what the server has refused. */
  async letGo(save) {
    await this.update(save, (found) => ({ ...found, texts: {}, sent: null, refused: null }));
    this.tell();
  }

  async retry(save) {
    await this.update(save, (found) => ({ ...found, refused: null }));
    return this.again();
  }

  again() {
    this.trouble = null;
    this.attempts = 0;
    this.tell();
    return this.flush();
  }

  flush() {
    clearTimeout(this.timer);
    this.more = true;
    this.running ??= this.alone(() => this.rounds()).finally(() => {
      this.running = null;
      this.tell();
    });
    return this.running;
  }

  alone(work) {
    return navigator.locks ? navigator.locks.request(`${PLACE}:${this.user}`, work) : work();
  }

  async rounds() {
    this.halted = false;
    while (this.more) {
      this.more = false;
      for (const record of await this.all()) {
        if (!waiting(record)) continue;
        while (await this.step(record.save)) this.more = true;
        if (this.halted) return;
      }
    }
    this.trouble = null;
  }

  // Sends one batch; whether it is worth asking for another.
  async step(save) {
    let batch;
    await this.update(save, (found) => {
      if (!found.refused) found.sent ??= this.pack(found);
      batch = found.refused ? null : found.sent;
      return found;
    });
    if (!batch) return false;
    this.tell();
    const outcome = await this.post(save, batch);
    if (outcome.trouble) return this.stop(outcome.trouble);
    this.trouble = null;
    this.attempts = 0;
    await this.update(save, (found) => (found.sent?.key === batch.key ? outcome.change(found) : found));
    this.tell();
    return outcome.more;
  }

  stop(trouble) {
    this.trouble = trouble;
    this.halted = true;
    const delay = RETRY[Math.min(this.attempts, RETRY.length - 1)];
    this.attempts += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), delay);
    return false;
  }

  pack(record) {
    const going = entries(record).filter((entry) => goes(record, entry));
    if (!going.length) return null;
    const body = { key: uuid(), revision: record.revision, values: {} };
    for (const [name, { text }] of going) {
      const [, kind, pk] = /^([a-z]+)(.*)$/.exec(name);
      if (kind === "remark") body.remark = text;
      else (body.values[pk] ??= {})[kind] = text;
    }
    return { key: body.key, body: JSON.stringify(body), texts: Object.fromEntries(going.map(([name, { text }]) => [name, text])) };
  }

  async post(save, batch) {
    let answer;
    try {
      answer = await fetch(save, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": csrf(), [WHO]: this.user },
        body: batch.body,
        redirect: "manual",
        keepalive: true,
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      return { trouble: { kind: "held" } };
    }
    const said = await answer.json().catch(() => null);
    if (said?.server_time) keepSkew(said.server_time);
    if (answer.ok && said) return { more: true, change: (found) => acknowledged(found, batch, said) };
    if (answer.status === 401 || answer.type === "opaqueredirect" || said?.code === "login") return { trouble: { kind: "login" } };
    if (!said?.code || answer.status >= 500) return { trouble: { kind: "failed" } };
    if (said.code === "stale") return { more: true, change: (found) => merged(found, batch, said) };
    const refused = { code: said.code, sentence: said.sentence };
    return { more: false, change: (found) => ({ ...found, sent: null, refused }) };
  }
}

function acknowledged(found, batch, said) {
  Object.assign(found, { sent: null, heardAt: Date.now() });
  if (said.revision >= found.revision) Object.assign(found, { revision: said.revision, savedAt: said.saved_at });
  for (const [key, text] of Object.entries(batch.texts)) {
    const kept = found.texts[key];
    const fault = said.faults?.[key.replace(/^[a-z]+/, "")];
    if (fault) {
      if (kept?.text === text) kept.stop = fault;
      continue;
    }
    found.known[key] = text;
    if (!kept) continue;
    kept.base = text;
    if (same(key, kept.text, text)) delete found.texts[key];
  }
  return found;
}

// Another device saved meanwhile: take what only it touched, send again what only this one touched, ask for the rest.
function merged(found, batch, said) {
  Object.assign(found, { sent: null, heardAt: Date.now(), revision: said.revision, savedAt: said.saved_at });
  found.known = { ...emptied(found.known), remark: said.remark ?? "" };
  for (const [pk, held] of Object.entries(said.values)) {
    for (const [kind, text] of Object.entries(held)) if (kind !== "saved_at") found.known[kind + pk] = text;
  }
  for (const [key, kept] of entries(found)) {
    const time = said.values[key.replace(/^[a-z]+/, "")]?.saved_at ?? said.saved_at;
    const held = found.known[key] ?? "";
    if (same(key, held, batch.texts[key])) kept.base = held;
    weigh(found, key, kept, held, time);
  }
  return found;
}

const emptied = (known) => Object.fromEntries(Object.keys(known).map((key) => [key, ""]));

// One kept text against what the server holds now.
function weigh(found, key, kept, held, time) {
  if (same(key, kept.text, held)) delete found.texts[key];
  else if (same(key, kept.base, held)) delete kept.theirs;
  else if (same(key, found.sent?.texts[key], held)) kept.base = held;
  else kept.theirs = { text: held, time };
}

function keepSkew(time) {
  try {
    localStorage.setItem("cham-diem:lech-gio", String(Date.parse(time) - Date.now()));
  } catch {
    // Without a store the time left is right again on the next page from the server.
  }
}

/** Whether the server drew this page now, or the device kept it from an earlier visit. */
export function isLive() {
  return document.querySelector("[name=judge-keep]")?.dataset.from !== "device";
}

/** How far the server's clock is ahead of this device's. A page from the server says it, an old one does not. */
export function skewOf(time) {
  if (isLive()) {
    keepSkew(time);
    return Date.parse(time) - Date.now();
  }
  try {
    return Number(localStorage.getItem("cham-diem:lech-gio")) || 0;
  } catch {
    return 0;
  }
}

/** Logging out: pages kept for reading without a network go; typed points that the server lacks stay, for this person only. */
export async function leave(user) {
  const names = "caches" in window ? await caches.keys() : [];
  await Promise.all(names.filter((name) => PLACES.some((place) => name.startsWith(`${place}-`))).map((name) => caches.delete(name)));
  for (const place of PLACES) {
    const shelf = new Shelf();
    await shelf.open(place);
    for (const record of await shelf.of(user)) {
      await shelf.update(record.id, (found) => (found && (unsent(found).length || found.refused) ? { ...found, known: {} } : null));
    }
  }
}

let box;
/** The one outbox of this page. */
export function outbox() {
  const user = document.body.dataset.draftUser;
  if (!box && user) {
    box = new Outbox(user);
    box.channel?.postMessage({ hello: true });
    box.all().then(async (records) => {
      const old = records.filter((record) => !unsent(record).length && !record.refused && Date.now() - (record.seen ?? 0) > FORGOTTEN_AFTER);
      for (const record of old) await box.shelf.update(record.id, () => null);
    });
  }
  return box;
}
