// The score sheet: steppers, live sums, autosave that tells exactly what is saved where.
// Without this module the same page is a plain form with "Lưu phiếu" and "Nộp phiếu".
//
// Points are whole hundredths everywhere; no float decides a sum. Every text goes to the outbox as it is typed,
// which keeps it on this device and sends it; what the outbox says of the sheet is drawn here.

import { csrf, fill, outbox, read, same, skewOf, unsent, waiting } from "./outbox.js";

const DEBOUNCE = 600;

// 850 is "8,5", 4000 is "40".
export function write(hundredths) {
  const rest = String(hundredths % 100).padStart(2, "0").replace(/0+$/, "");
  const whole = (hundredths - (hundredths % 100)) / 100;
  return rest ? `${whole},${rest}` : String(whole);
}

class Field {
  constructor(kind, pk, element) {
    this.kind = kind;
    this.pk = pk;
    this.key = `${kind}${pk}`;
    this.element = element;
    this.base = element.defaultValue;
  }

  get text() {
    return this.element.value.trim();
  }

  same(other) {
    return same(this.key, this.text, other);
  }

  get invalid() {
    return this.kind === "points" && this.element.getAttribute("aria-invalid") === "true";
  }
}

class Sheet {
  constructor(form) {
    this.form = form;
    this.words = JSON.parse(form.dataset.words);
    this.step = read(form.dataset.step);
    this.save = new URL(form.dataset.save, location.href).pathname;
    this.outbox = outbox();
    this.record = null;
    this.typing = 0;
    this.opening = true;
    this.dock = form.querySelector("[data-dock]");
    this.dialog = document.getElementById("hoi-nop");
    this.fields = new Map();
    this.collect();
    this.boxes = [...this.fields.values()].filter((field) => field.kind === "points");
    this.listen();
    this.open();
  }

  // What the form holds meets what this device keeps; only then the outbox may send.
  async open() {
    const typed = "typed" in this.form.dataset;
    const page = {
      live: isLive(),
      revision: Number(this.form.querySelector("input[data-revision]").value),
      savedAt: this.form.dataset.savedAt,
      texts: Object.fromEntries([...this.fields.values()].map((field) => [field.key, field.base])),
    };
    const facts = { page: location.pathname, title: this.form.dataset.title };
    this.savedAt = page.savedAt;
    this.draw();
    await this.inherit();
    const before = await this.outbox.opened({ save: this.save, ...facts }, typed ? { ...page, live: false } : page);
    for (const field of this.fields.values()) {
      if (typed) field.base = undefined;
      const early = field.element.value !== field.element.defaultValue;
      if ((typed || early) && !(field.key in before.texts)) this.typed(field, 0);
    }
    this.outbox.onchange(() => this.refresh());
    this.opening = false;
    this.take(before);
    this.draw();
    this.outbox.again();
  }

  // Before there was an outbox this page kept texts in localStorage. What still lies there moves over, once.
  async inherit() {
    const key = `phieu:${this.save.split("/")[2]}:${this.outbox.user}`;
    try {
      const old = JSON.parse(localStorage.getItem(key) ?? "null");
      if (!old || this.save.includes("/tai-cho/")) return;
      const known = (await this.outbox.record(this.save))?.texts ?? {};
      const found = Object.entries(old).filter(([name, kept]) => this.fields.has(name) && !(name in known) && typeof kept?.text === "string");
      await this.outbox.type(this.save, Object.fromEntries(found.map(([name, kept]) => [name, this.inherited(this.fields.get(name), kept)])));
      if (this.outbox.durable) localStorage.removeItem(key);
    } catch {
      // No store, or nothing in it that can be read.
    }
  }

  inherited({ kind, max, code }, { text, base = "" }) {
    return { text, base, stop: kind === "points" && this.fault({ text, max }) !== "", code };
  }

  collect() {
    const add = (field) => this.fields.set(field.key, field);
    for (const row of this.form.querySelectorAll("[data-row]")) {
      const field = new Field("points", row.dataset.row, row.querySelector("input"));
      field.row = row;
      field.max = read(row.dataset.max);
      field.code = row.querySelector(".score-row__code").textContent.trim();
      add(field);
    }
    for (const note of this.form.querySelectorAll("[data-note]")) {
      const field = new Field("note", note.dataset.note, note.querySelector("textarea"));
      field.row = note;
      field.code = note.closest("[data-part]").dataset.code;
      add(field);
    }
    const remark = this.form.querySelector("#nhan-xet");
    const field = new Field("remark", "", remark);
    field.row = remark.closest(".criterion");
    field.code = this.words.remark;
    add(field);
  }

  listen() {
    this.form.addEventListener("input", (event) => this.typed(this.fieldOf(event.target), DEBOUNCE));
    this.form.addEventListener("change", (event) => this.typed(this.fieldOf(event.target), 0));
    this.form.addEventListener("click", (event) => this.clicked(event));
    this.form.addEventListener("keydown", (event) => this.keyed(event));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask();
    });
    this.dialog?.querySelector("[data-close]").addEventListener("click", (event) => {
      event.preventDefault();
      this.dialog.close();
    });
    addEventListener("beforeunload", (event) => {
      if (!this.outbox.durable && unsent(this.record).length) event.preventDefault();
    });
    this.watchKeyboard();
  }

  fieldOf(element) {
    return [...this.fields.values()].find((field) => field.element === element);
  }

  disputed() {
    return [...this.fields.values()].filter((field) => this.kept(field)?.theirs);
  }

  kept(field) {
    return this.record?.texts[field.key];
  }

  // Kept on this device at once, sent a little later.
  async typed(field, delay) {
    if (!field) return;
    if (field.kind === "points") this.judge(field);
    this.draw();
    this.typing += 1;
    const text = { text: field.text, base: field.base, stop: field.invalid, code: field.code };
    const record = await this.outbox.type(this.save, { [field.key]: text });
    this.typing -= 1;
    this.take(record);
    this.draw();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.outbox.flush(), delay);
  }

  async refresh() {
    const record = await this.outbox.record(this.save);
    if (record?.refused?.code === "sealed" && isLive() && navigator.onLine) location.reload();
    this.take(record);
    this.draw();
  }

  // What the outbox says of the sheet: typed in another tab, confirmed or contradicted by the server.
  take(record) {
    if (!record || this.typing) return;
    this.record = record;
    if (record.savedAt) this.savedAt = record.savedAt;
    for (const field of this.fields.values()) {
      field.base = record.known[field.key] ?? field.base;
      const kept = this.kept(field);
      const wanted = kept ? kept.text : field.base;
      if (wanted !== undefined && !field.same(wanted)) field.element.value = wanted;
      if (field.kind === "points") this.mark(field, this.fault(field) || (typeof kept?.stop === "string" ? kept.stop : ""));
    }
  }

  // Points against maximum and step, in the words the server would use.
  fault(box) {
    const points = read(box.text);
    const top = write(box.max);
    if (points === null) return "";
    if (Number.isNaN(points)) return fill(this.words.notNumber, { top, example: write(Math.min(this.step, box.max)) });
    if (points < 0) return fill(this.words.negative, { top });
    if (points > box.max) return fill(this.words.over, { top });
    if (points === box.max || points % this.step === 0) return "";
    const below = points - (points % this.step);
    return fill(this.words.offStep, {
      step: write(this.step),
      below: write(below),
      above: write(Math.min(below + this.step, box.max)),
    });
  }

  judge(box) {
    this.mark(box, this.fault(box));
  }

  mark(box, sentence) {
    if (sentence) box.element.setAttribute("aria-invalid", "true");
    else box.element.removeAttribute("aria-invalid");
    box.row.querySelector(".score-row__fault").textContent = sentence;
  }

  clicked(event) {
    const button = event.target.closest("button, a");
    if (!button) return;
    if (button.dataset.by) this.stepped(this.fieldOf(button.parentElement.querySelector("input")), Number(button.dataset.by));
    else if ("again" in button.dataset) this.outbox.retry(this.save);
    else if ("go" in button.dataset) {
      event.preventDefault();
      this.goTo(this.nextStop());
    } else if (button.dataset.choose) this.chosen(button);
  }

  // On an empty or wrong box the buttons only put the caret in it: nobody scores by accident.
  stepped(box, by) {
    const points = read(box.text);
    if (points === null || box.invalid) {
      box.element.focus();
      return;
    }
    const rest = points % this.step;
    const up = Math.min(box.max, points - rest + this.step);
    const down = Math.max(0, rest ? points - rest : points - this.step);
    box.element.value = write(by > 0 ? up : down);
    this.typed(box, DEBOUNCE);
  }

  keyed(event) {
    const box = this.boxes.find((one) => one.element === event.target);
    if (!box || event.isComposing) return;
    const way = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const next = this.boxes[this.boxes.indexOf(box) + way];
    if (next) {
      next.element.focus();
      next.element.select();
    } else if (event.key === "Enter") {
      event.target.blur();
    }
  }

  missing() {
    return this.boxes.filter((box) => read(box.text) === null);
  }

  wrong() {
    return this.boxes.filter((box) => box.invalid);
  }

  nextStop() {
    return this.disputed()[0] ?? this.missing()[0] ?? this.wrong()[0];
  }

  goTo(field) {
    if (!field) return;
    if (field.row.tagName === "DETAILS") field.row.open = true;
    field.element.focus({ preventScroll: true });
    field.row.scrollIntoView({ block: "center" });
  }

  async chosen(button) {
    const field = this.fields.get(button.dataset.choose);
    const { theirs, text } = this.kept(field);
    const record = await this.outbox.choose(this.save, field.key, button.dataset.side === "theirs" ? theirs.text : text);
    field.base = theirs.text;
    this.take(record);
    this.draw();
    this.goTo(field);
    this.outbox.flush();
  }

  // Drawing

  draw() {
    this.drawSums();
    this.drawChoices();
    this.drawState();
    this.drawDock();
  }

  sum(element) {
    const wanted = new Set(element.dataset.inputs.split(" "));
    const boxes = this.boxes.filter((box) => wanted.has(box.pk));
    const given = boxes.filter((box) => !box.invalid && read(box.text) !== null);
    return { total: given.reduce((sum, box) => sum + read(box.text), 0), missing: boxes.length - given.length };
  }

  drawSums() {
    for (const element of this.form.querySelectorAll("[data-inputs]")) {
      const { total, missing } = this.sum(element);
      element.querySelector("[data-sum]").textContent = write(total);
      const state = element.querySelector("[data-missing]");
      if (!state) continue;
      state.textContent = missing ? fill(this.words.missing, { count: missing }) : this.words.full;
      state.classList.toggle("strip__state--missing", missing > 0);
    }
  }

  drawChoices() {
    for (const field of this.fields.values()) {
      const place = field.row.querySelector("[data-choice]");
      const theirs = this.kept(field)?.theirs;
      if (place.hidden === !theirs) continue;
      place.hidden = !theirs;
      place.replaceChildren(...(theirs ? this.choice(field, theirs) : []));
    }
  }

  choice(field, theirs) {
    const isPoints = field.kind === "points";
    const said = (text) => text || this.words.empty;
    const told = document.createElement("p");
    told.textContent = fill(this.words.stale, { codes: field.code, time: theirs.time });
    if (!isPoints) told.textContent += ` ${said(theirs.text)}`;
    const button = (side, words) => {
      const made = document.createElement("button");
      Object.assign(made, { type: "button", className: "btn btn--small btn--outline", textContent: words });
      made.dataset.choose = field.key;
      made.dataset.side = side;
      return made;
    };
    return [
      told,
      button("mine", isPoints ? fill(this.words.keepMine, { points: said(field.text) }) : this.words.mineNote),
      button("theirs", isPoints ? fill(this.words.takeTheirs, { points: said(theirs.text) }) : this.words.theirsNote),
    ];
  }

  state() {
    const disputed = this.disputed();
    const [count, { refused }] = [waiting(this.record), this.record ?? {}];
    if (refused) return ["failed", `${refused.sentence} ${this.words.stays}`, this.words.again];
    if (disputed.length) {
      const facts = { codes: disputed.map((field) => field.code).join(", "), time: this.kept(disputed[0]).theirs.time };
      return ["conflict", fill(this.words.stale, facts), this.words.choose];
    }
    const { trouble, durable, cut } = this.outbox;
    if (count && trouble?.kind === "login") return ["failed", this.words.login, this.words.toLogin];
    if (count && trouble?.kind === "failed") return ["failed", fill(this.words.failed, { count }), this.words.again];
    if (count && cut) return durable ? ["held", this.words.held, ""] : ["failed", this.words.unheld, this.words.again];
    if (count || this.typing || this.opening) return ["saving", this.words.saving, ""];
    if (!this.savedAt) return ["none", this.words.unsaved, ""];
    const wrong = this.wrong().length;
    if (wrong) return ["none", fill(this.words.savedExcept, { time: this.savedAt, count: wrong }), ""];
    return ["saved", fill(this.words.saved, { time: this.savedAt }), ""];
  }

  drawState() {
    const [kind, words, act] = this.state();
    const line = this.dock.querySelector("[data-state]");
    line.className = `save-state save-state--${kind}`;
    const place = line.querySelector("[data-state-words]");
    if (place.textContent !== words) place.textContent = words;
    const away = act === this.words.toLogin;
    const [button, link] = [line.querySelector("button"), line.querySelector("a")];
    button.hidden = !act || away;
    link.hidden = !away;
    button.textContent = act;
    button.toggleAttribute("data-go", kind === "conflict");
    button.toggleAttribute("data-again", kind !== "conflict");
  }

  drawDock() {
    const all = { dataset: { inputs: this.boxes.map((box) => box.pk).join(" ") } };
    const missing = this.missing().length;
    const wrong = this.wrong().length;
    for (const place of document.querySelectorAll("[data-total]")) place.textContent = write(this.sum(all).total);
    this.dock.querySelector("[data-left]").textContent = missing
      ? fill(this.words.left, { count: missing + wrong })
      : wrong
        ? fill(this.words.fix, { count: wrong })
        : fill(this.words.allScored, { count: this.boxes.length });
    const go = this.dock.querySelector("a[data-go]");
    go.hidden = !(missing || wrong);
    go.querySelector("span").textContent = missing ? this.words.toMissing : this.words.toFix;
    if (missing || wrong) go.hash = `diem-${(this.missing()[0] ?? this.wrong()[0]).pk}`;
    const submit = this.dock.querySelector("[data-submit]");
    const { cut } = this.outbox;
    submit.hidden = !go.hidden || !this.boxes.length;
    submit.disabled = cut;
    submit.textContent = cut ? this.words.needNet : this.words.submit;
  }

  // Handing in

  // What is typed while a request is under way goes out in the next one: asked to hand in, wait for all of them.
  async settle() {
    do {
      await this.outbox.flush();
      this.take(await this.outbox.record(this.save));
    } while ((this.typing || waiting(this.record)) && !this.outbox.trouble && !this.record.refused);
  }

  async ask() {
    await this.settle();
    if (unsent(this.record).length || this.outbox.trouble || this.missing().length) {
      this.draw();
      this.goTo(this.nextStop());
      return;
    }
    this.dialog.querySelector("[data-revision]").value = this.record.revision;
    this.dialog.querySelector("[name=csrfmiddlewaretoken]").value = csrf();
    this.dialog.showModal();
  }

  // The dock makes room while the keyboard of a phone is up.
  watchKeyboard() {
    const view = window.visualViewport;
    view?.addEventListener("resize", () => {
      const up = window.innerHeight - view.height > 140 && this.form.contains(document.activeElement);
      this.dock.classList.toggle("dock--hidden", up);
    });
  }
}

// Whether the server drew this page now, or the device kept it from an earlier visit.
function isLive() {
  return document.querySelector("[name=judge-keep]")?.dataset.from !== "device";
}

// "còn 2 giờ 28 phút" stays true while the page is open; the server's clock counts, not this device's.
function tick(line, words) {
  const until = Date.parse(line.dataset.until);
  const skew = skewOf(line.dataset.now, isLive());
  const draw = () => {
    const minutes = Math.floor((until - Date.now() - skew) / 60000);
    line.classList.toggle("deadline--over", minutes < 0);
    const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
    const left = fill(days ? words.days : hours ? words.hours : words.minutes, { days, hours, minutes: rest });
    line.querySelector("span").textContent = fill(minutes < 0 ? words.past : words.deadline, { when: line.dataset.when, left });
  };
  if (!isLive()) draw();
  setInterval(draw, 20000);
}

const form = document.querySelector("[data-score]");
if (form) {
  new Sheet(form);
  const words = JSON.parse(form.dataset.words);
  for (const line of document.querySelectorAll("[data-until]")) tick(line, words);
}
