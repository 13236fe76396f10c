// Pages of judges and inspectors without a network. Served at /cham-diem/sw.js and at /quan-tri/kiem-tra/sw.js: each
// sees only the pages below its own address, and keeps them in caches of that name.
//
// Network first, always; the device's copy only when the network does not answer. A page is kept only if the
// server drew it for its reader (the meta "judge-keep" names the person), and a picture or paper only if it
// belongs to a sheet that is kept. There is one person's cache at a time: another person's page drops it, logging
// out drops it (outbox.js), and a dossier that is no longer the judge's own is dropped by its answer or by the list.

const ROOT = new URL("./", self.location).pathname;
const PREFIX = `${ROOT.split("/").at(-2)}-`;
const STATIC = `${PREFIX}tinh`;
const SLOW = 6000;
const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const PAGE = new RegExp(`^${ROOT}(?:(${UUID})/(?:tai-cho/)?|mat-song/)?$`);
const PAPER = new RegExp(`^${ROOT}(${UUID})/tep/\\d+/$`);
const OWNER = new RegExp(`name="judge-keep" content="(${UUID})"`);
const PICTURE = new RegExp(`${ROOT}${UUID}/tep/\\d+/\\?rong=\\d+`, "g");
const OFFLINE = `${ROOT}mat-song/`;

let keeping = Promise.resolve();

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event, url));
  else if (PAPER.test(url.pathname)) event.respondWith(paper(event, url));
  else if (url.pathname.startsWith("/static/")) event.respondWith(asset(event, url));
});

self.addEventListener("message", (event) => {
  const { keep, own } = event.data;
  if (keep) event.waitUntil(keepAll(keep).then((done) => event.ports[0]?.postMessage(done)));
  if (own) event.waitUntil(keepOnly(new Set(own)));
});

async function page(event, url) {
  const answer = fetch(event.request);
  const kept = answer.then((found) => remember(url, found.clone())).catch(() => {});
  keeping = kept;
  event.waitUntil(kept);
  const copy = await stored(url);
  try {
    return await (copy ? Promise.race([answer, late()]) : answer);
  } catch {
    return copy ?? (await stored(new URL(OFFLINE, url))) ?? Response.error();
  }
}

const late = () => new Promise((_, reject) => setTimeout(reject, SLOW));

async function paper(event, url) {
  try {
    const answer = await fetch(event.request);
    event.waitUntil(keepPaper(url, answer.clone()));
    return answer;
  } catch {
    return (await stored(url)) ?? Response.error();
  }
}

// Static files with a fingerprint in their name never change; the others are asked for again.
async function asset(event, url) {
  const shelf = await caches.open(STATIC);
  const copy = await shelf.match(url);
  if (copy && /\.[0-9a-f]{12}\./.test(url.pathname)) return copy;
  try {
    const answer = await fetch(event.request);
    if (answer.ok && answer.type === "basic") event.waitUntil(shelf.put(url, answer.clone()));
    return answer;
  } catch {
    return copy ?? Response.error();
  }
}

const owned = async () => (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== STATIC);

async function stored(url) {
  for (const name of await owned()) {
    const shelf = await caches.open(name);
    const found = (await shelf.match(url)) ?? (await shelf.match(url, { ignoreSearch: true }));
    if (found) return found;
  }
  return undefined;
}

// What the server said of a page: keep it, or drop what it no longer shows to this person.
async function remember(url, answer) {
  const place = PAGE.exec(url.pathname);
  if (!place || answer.type === "opaqueredirect") return false;
  if ([403, 404, 410].includes(answer.status) && place[1]) return drop((dossier) => dossier === place[1]);
  if (answer.status !== 200 || answer.redirected) return false;
  const text = await answer.text();
  const owner = OWNER.exec(text)?.[1];
  if (!owner) return false;
  for (const name of await owned()) if (name !== PREFIX + owner) await caches.delete(name);
  const headers = new Headers(answer.headers);
  for (const name of ["content-encoding", "content-length"]) headers.delete(name);
  const shelf = await caches.open(PREFIX + owner);
  await shelf.put(url.pathname, new Response(text.replace('data-from="network"', 'data-from="device"'), { headers }));
  return text;
}

async function keepPaper(url, answer) {
  const dossier = PAPER.exec(url.pathname)[1];
  if ([403, 404, 410].includes(answer.status)) return drop((found, path) => found === dossier && path === url.pathname);
  if (answer.status !== 200 || answer.redirected) return undefined;
  await keeping;
  for (const name of await owned()) {
    const shelf = await caches.open(name);
    const sheets = await shelf.keys();
    if (sheets.some((request) => PAGE.exec(new URL(request.url).pathname)?.[1] === dossier)) await shelf.put(url, answer.clone());
  }
  return undefined;
}

async function drop(goes) {
  for (const name of await owned()) {
    const shelf = await caches.open(name);
    for (const request of await shelf.keys()) {
      const { pathname } = new URL(request.url);
      const dossier = (PAGE.exec(pathname) ?? PAPER.exec(pathname))?.[1];
      if (dossier && goes(dossier, pathname)) await shelf.delete(request);
    }
  }
  return false;
}

const keepOnly = (own) => drop((dossier) => !own.has(dossier));

// Pages asked for outright, each with its pictures and scripts, and static files; the number of pages kept.
async function keepAll(addresses) {
  let pages = 0;
  for (const address of addresses) {
    const url = new URL(address, self.location.origin);
    if (url.origin !== self.location.origin) continue;
    try {
      if (url.pathname.startsWith("/static/")) await keepAsset(url);
      else if (await keepPage(url)) pages += 1;
    } catch {
      // No network for this one; the caller counts what is kept.
    }
  }
  return pages;
}

// A static file and, of a script, every module it imports.
async function keepAsset(url) {
  const shelf = await caches.open(STATIC);
  if (!(await shelf.match(url))) await shelf.add(url);
  if (!url.pathname.endsWith(".js")) return;
  const text = await (await shelf.match(url)).text();
  for (const [, module] of text.matchAll(/ from "(\.\/[\w-]+\.js)"/g)) await keepAsset(new URL(module, url));
}

async function keepPage(url) {
  const text = await remember(url, await fetch(url, { credentials: "same-origin" }));
  if (!text) return false;
  const pictures = new Set(text.match(PICTURE));
  const files = text.match(/\/static\/[^"\s]+\.(?:webp|svg|css|js)/g) ?? [];
  for (const picture of pictures) {
    const found = new URL(picture, url);
    const answer = await fetch(found, { credentials: "same-origin" });
    await keepPaper(found, answer);
  }
  for (const file of new Set(files)) await keepAsset(new URL(file, url));
  return true;
}
