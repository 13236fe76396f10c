// The inspector's checklist: keeps every answer on this device as it is given and says exactly what is saved where.
// Without this module the same page is a plain form with "Lưu phiếu" and "Kết thúc kiểm tra".

import { fill, unsent } from "./outbox.js";
import { PhotoBox } from "./photos.js";
import { Sheet } from "./sheet.js";

const DEBOUNCE = 800;
const LOCATE = { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 };

// One thing the sheet holds: a text, the choice among radio buttons, or the place.
class Field {
  constructor(key, code, inputs, choice) {
    Object.assign(this, { key, code, inputs, choice });
    this.radio = inputs[0].type === "radio";
    // What comes back in the form as it was typed is nowhere on the server.
    if ("typed" in inputs[0].form.dataset) return;
    this.base = this.radio ? (inputs.find((input) => input.defaultChecked)?.value ?? "") : inputs[0].defaultValue;
  }

  get text() {
    return this.radio ? (this.inputs.find((input) => input.checked)?.value ?? "") : this.inputs[0].value.trim();
  }

  set text(wanted) {
    if (this.radio) for (const input of this.inputs) input.checked = input.value === wanted;
    else {
      this.inputs[0].value = wanted;
      // What is kept must be seen: a note is folded while it is empty.
      if (wanted) this.inputs[0].closest("details")?.setAttribute("open", "");
    }
  }

  // What the text is called on the page.
  said(text) {
    if (!this.radio || !text) return text;
    return this.inputs.find((input) => input.value === text)?.closest("label").textContent.trim() ?? text;
  }
}

class Checklist extends Sheet {
  constructor(form, photos) {
    super(form, DEBOUNCE);
    this.photos = photos;
    this.collect();
    // Both versions of a text are shown with their buttons below; the plain form's sentences would say it twice.
    if ("typed" in form.dataset) for (const said of form.querySelectorAll("[data-fault]")) said.remove();
    this.listen();
    this.open();
  }

  collect() {
    const add = (...facts) => this.fields.set(facts[0], new Field(...facts));
    for (const row of this.form.querySelectorAll("[data-item]:not(ul)")) {
      const { item, code } = row.dataset;
      add(`answer${item}`, code, [...row.querySelectorAll("[type=radio]")], row.querySelector("[data-choice=answer]"));
      add(`note${item}`, code, [row.querySelector("textarea")], row.querySelector("[data-choice=note]"));
    }
    for (const row of this.form.querySelectorAll("[data-text]")) {
      add(row.dataset.text, row.dataset.code, [row.querySelector("input, textarea")], row.querySelector("[data-choice]"));
    }
    this.place = this.form.querySelector("[data-spot]");
    add("spot", this.place.dataset.code, [this.place.querySelector("input")], this.place.querySelector("[data-choice]"));
  }

  async open() {
    await super.open();
    this.photos.onchange((sent) => this.drawPhotos(sent));
    this.drawPhotos();
    this.photos.flush();
  }

  listen() {
    super.listen();
    this.form.addEventListener("change", ({ target }) => target.type === "file" && this.shot(target));
    this.form.addEventListener("submit", (event) => event.submitter?.hasAttribute("formaction") || event.preventDefault());
    this.dock.querySelector("[data-finish]").addEventListener("click", (event) => this.finish(event));
    const button = this.place.querySelector("[data-locate]");
    button.hidden = !("geolocation" in navigator);
    button.addEventListener("click", () => this.locate());
  }

  clicked(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if ("again" in button.dataset) Promise.all([this.outbox.retry(this.save), this.photos.again()]);
    else if ("go" in button.dataset) this.disputed()[0].choice.scrollIntoView({ block: "center" });
    else if (button.dataset.choose) this.chosen(button.dataset);
    else if (button.dataset.dropPhoto) this.photos.drop(button.dataset.dropPhoto);
  }

  // The end is on the server: everything must be there first.
  async finish(event) {
    event.preventDefault();
    const { href } = event.currentTarget;
    await Promise.all([this.outbox.flush(), this.photos.flush()]);
    await this.refresh();
    const left = (await this.photos.all()).filter((photo) => photo.address === this.form.dataset.photo);
    if (!unsent(this.record).length && !this.outbox.trouble && !left.length) location.assign(href);
  }

  // Photos and place

  async shot(input) {
    const facts = { address: this.form.dataset.photo, page: location.pathname, item: input.name.replace(/^anh-(chung)?/, ""), spot: this.fields.get("spot").text };
    const files = [...input.files];
    input.value = "";
    for (const file of files) {
      try {
        await this.photos.add(file, facts);
      } catch {
        this.photoLine(this.words.full);
        return;
      }
    }
  }

  locate() {
    const words = this.place.querySelector("[data-spot-words]");
    words.textContent = this.words.locating;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const field = this.fields.get("spot");
        field.text = [coords.latitude.toFixed(6), coords.longitude.toFixed(6), Math.round(coords.accuracy)].join(",");
        this.typed(field, 0);
      },
      () => {
        words.textContent = this.words.notLocated;
      },
      LOCATE,
    );
  }

  // Drawing

  draw() {
    const answers = this.all().filter((field) => field.radio);
    this.dock.querySelector("[data-answered]").textContent = String(answers.filter((field) => field.text).length);
    const spot = this.fields.get("spot").text;
    if (spot) this.place.querySelector("[data-spot-words]").textContent = fill(this.words.located, { metres: spot.split(",")[2] });
    this.drawChoices();
    this.drawState();
    this.dock.querySelector("[data-finish]").textContent = this.outbox.cut ? this.words.needNet : this.words.finish;
    this.dock.querySelector("[data-finish]").toggleAttribute("data-cut", this.outbox.cut);
  }

  offers(field, theirs) {
    const words = (sentence, text) => fill(sentence, { text: field.said(text) || this.words.empty });
    return { mine: words(this.words.keepMine, field.text), other: words(this.words.takeTheirs, theirs.text) };
  }

  // A photo goes to the server without any text.
  unsaved() {
    const count = this.form.querySelectorAll("[data-shots-list] > li:not([data-held])").length;
    return count ? fill(this.words.onlyPhotos, { count }) : super.unsaved();
  }

  // The photos of every sheet wait for the same login.
  loggedOut() {
    return this.outbox.trouble?.kind === "login" || this.photos.trouble === "login";
  }

  // `sent` is a photo the server has just taken: it changes place from this device's to the server's.
  async drawPhotos(sent) {
    if (sent && sent.photo.address === this.form.dataset.photo) this.shelf(sent.photo)?.append(this.arrived(sent));
    const mine = (await this.photos.all()).filter((photo) => photo.address === this.form.dataset.photo);
    const drawn = new Map([...this.form.querySelectorAll("[data-held]")].map((item) => [item.dataset.held, item]));
    for (const photo of mine) {
      const known = drawn.get(photo.key);
      drawn.delete(photo.key);
      if (known?.dataset.refused === photo.refused) continue;
      const made = this.held(photo);
      if (known) known.replaceWith(made);
      else this.shelf(photo)?.append(made);
      made.closest("details")?.setAttribute("open", "");
    }
    for (const item of drawn.values()) item.remove();
    const going = mine.filter((photo) => !photo.refused).length;
    this.photoLine(going ? fill(this.photos.trouble || !navigator.onLine ? this.words.photos : this.words.sendingPhotos, { count: going }) : "");
    this.drawState();
  }

  photoLine(words) {
    const line = this.dock.querySelector("[data-photo-line]");
    line.hidden = !words;
    if (line.textContent !== words) line.textContent = words;
  }

  shelf(photo) {
    return this.form.querySelector(`[data-shots-list][data-item="${photo.item}"]`);
  }

  name(list) {
    const { number } = list.closest("[data-shots]").dataset;
    return number ? fill(this.words.photo, { number }) : this.words.overall;
  }

  image(photo, src) {
    const picture = document.createElement("img");
    Object.assign(picture, { src, width: 96, height: 96, alt: this.name(this.shelf(photo)) });
    return picture;
  }

  held(photo) {
    const item = document.createElement("li");
    Object.assign(item.dataset, { held: photo.key, refused: photo.refused });
    if (photo.small) item.append(this.image(photo, photo.small));
    const state = document.createElement("span");
    Object.assign(state, { className: photo.refused ? "shots__refused" : "shots__waiting", textContent: photo.refused || this.words.waiting });
    const drop = document.createElement("button");
    Object.assign(drop, { type: "button", className: "shots__drop", textContent: "×" });
    drop.setAttribute("aria-label", this.words.drop);
    drop.dataset.dropPhoto = photo.key;
    item.append(state, drop);
    return item;
  }

  arrived({ photo, pk }) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const address = new URL(`../tep/${pk}/`, new URL(photo.address, location.href)).pathname;
    link.href = address;
    link.append(this.image(photo, photo.small || `${address}?rong=320`));
    item.append(link);
    return item;
  }
}

// Away from the sheet: photos that a closed sheet left behind are sent, and said to be waiting.
function sendLeftBehind(photos) {
  const line = document.querySelector("[data-photo-line]");
  const words = document.querySelector("template[data-outbox]").dataset;
  const draw = async () => {
    if (!line) return;
    const count = (await photos.all()).length;
    const device = matchMedia("(pointer: coarse)").matches ? words.phone : words.computer;
    line.hidden = !count;
    line.textContent = count ? fill(words.photos, { count, device }) : "";
  };
  photos.onchange(draw);
  draw();
  photos.flush();
}

const user = document.body.dataset.draftUser;
if (user) {
  const photos = new PhotoBox(user);
  const form = document.querySelector("[data-checklist]");
  if (form) new Checklist(form, photos);
  else sendLeftBehind(photos);
}
