// Photos taken on an inspection: kept on this device until the server has each of them, sent one after the other.
//
// A photo is made smaller before it is kept, so that a day without reception fits on a phone. Its key is made here:
// one that was sent and never answered is sent again and kept once.

import { csrf, uuid } from "./outbox.js";

const DATABASE = "kiem-tra-anh";
const STORE = "photos";
const LONGEST = 2000;
const SMALL = 192;
const PATIENCE = 60_000;
const RETRY = 8000;

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function database() {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "key" }).createIndex("user", "user");
  return settled(opening);
}

function drawn(picture, longest) {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// What this browser cannot draw goes as it is: the server says what is wrong with it.
async function reduced(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const blob = await new Promise((resolve) => drawn(picture, LONGEST).toBlob(resolve, "image/jpeg", 0.85));
    return { blob: blob ?? file, small: drawn(picture, SMALL).toDataURL("image/jpeg", 0.7) };
  } catch {
    return { blob: file, small: "" };
  }
}

export class PhotoBox {
  constructor(user) {
    this.user = user;
    this.listeners = new Set();
    this.trouble = "";
    this.ready = database()
      .then((found) => (this.database = found))
      .catch(() => (this.loose = new Map()));
    addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => document.hidden || this.flush());
  }

  get durable() {
    return this.database !== undefined;
  }

  onchange(listener) {
    this.listeners.add(listener);
  }

  tell(sent) {
    for (const listener of this.listeners) listener(sent);
  }

  async all() {
    await this.ready;
    if (!this.durable) return [...this.loose.values()];
    return settled(this.database.transaction(STORE).objectStore(STORE).index("user").getAll(this.user));
  }

  async write(change) {
    const work = this.database.transaction(STORE, "readwrite", { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      work.oncomplete = resolve;
      work.onabort = () => reject(work.error);
    });
    change(work.objectStore(STORE));
    await done;
  }

  /** Keeps a picture for an address; rejects when the device has no room left. */
  async add(file, { address, page, item, spot }) {
    await this.ready;
    const photo = { key: uuid(), user: this.user, address, page, item, spot, takenAt: new Date().toISOString(), refused: "", ...(await reduced(file)) };
    if (this.durable) await this.write((store) => store.put(photo));
    else this.loose.set(photo.key, photo);
    this.tell();
    this.flush();
  }

  async drop(key) {
    if (this.durable) await this.write((store) => store.delete(key));
    else this.loose.delete(key);
    this.tell();
  }

  flush() {
    clearTimeout(this.timer);
    this.running ??= this.alone(() => this.round()).finally(() => {
      this.running = null;
      this.tell();
    });
    return this.running;
  }

  alone(work) {
    return navigator.locks ? navigator.locks.request(`${DATABASE}:${this.user}`, work) : work();
  }

  async round() {
    this.trouble = "";
    for (let left = await this.waiting(); left.length; left = await this.waiting()) {
      const stopped = await this.send(left[0]);
      if (!stopped) continue;
      this.trouble = stopped;
      this.timer = setTimeout(() => this.flush(), RETRY);
      return;
    }
  }

  async waiting() {
    return (await this.all()).filter((photo) => !photo.refused);
  }

  // What stops the sending: "held" without a network, "login" without a session; nothing when the next may go.
  async send(photo) {
    const body = new FormData();
    body.set("photo", photo.blob, "anh.jpg");
    body.set("key", photo.key);
    body.set("item", photo.item);
    body.set("taken_at", photo.takenAt);
    body.set("spot", photo.spot);
    let answer;
    try {
      const headers = { "X-CSRFToken": csrf(), "X-Writer": this.user };
      answer = await fetch(photo.address, { method: "POST", headers, body, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    } catch {
      return "held";
    }
    const said = await answer.json().catch(() => null);
    if (answer.ok && said) {
      await this.drop(photo.key);
      this.tell({ photo, pk: said.pk });
      return "";
    }
    if (answer.status === 401 || answer.type === "opaqueredirect" || said?.code === "login") return "login";
    if (!said?.code || answer.status >= 500) return "held";
    await this.refuse(photo, said.sentence);
    return "";
  }

  async refuse(photo, sentence) {
    const refused = { ...photo, refused: sentence };
    if (this.durable) await this.write((store) => store.put(refused));
    else this.loose.set(photo.key, refused);
    this.tell();
  }

  /** The person asks to send again what was refused. */
  async again() {
    for (const photo of await this.all()) if (photo.refused) await this.refuse(photo, "");
    return this.flush();
  }
}
