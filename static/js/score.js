// The score sheet: steppers, live sums, autosave that tells exactly what is saved where.
// Without this module the same page is a plain form with "Lưu phiếu" and "Nộp phiếu".
//
// Points are whole hundredths everywhere; no float decides a sum. What it shares with the checklist is in sheet.js.

import { csrf, fill, isLive, read, skewOf, unsent, waiting } from "./outbox.js";
import { Sheet } from "./sheet.js";

const DEBOUNCE = 600;

// 850 is "8,5", 4000 is "40".
export function write(hundredths) {
  const rest = String(hundredths % 100).padStart(2, "0").replace(/0+$/, "");
  const whole = (hundredths - (hundredths % 100)) / 100;
  return rest ? `${whole},${rest}` : String(whole);
}

class Field {
  constructor(kind, pk, element, row, code, typed) {
    Object.assign(this, { kind, key: `${kind}${pk}`, pk, inputs: [element], element, row, code });
    this.choice = row.querySelector("[data-choice]");
    // What comes back in the form as it was typed is nowhere on the server.
    this.base = typed ? undefined : element.defaultValue;
  }

  get text() {
    return this.element.value.trim();
  }

  set text(wanted) {
    this.element.value = wanted;
  }

  get invalid() {
    return this.kind === "points" && this.element.getAttribute("aria-invalid") === "true";
  }
}

class ScoreSheet extends Sheet {
  constructor(form) {
    super(form, DEBOUNCE);
    this.step = read(form.dataset.step);
    this.dialog = document.getElementById("hoi-nop");
    this.collect();
    this.boxes = this.all().filter((field) => field.kind === "points");
    this.listen();
    this.open();
  }

  async open() {
    this.draw();
    await this.inherit();
    await super.open();
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
    const typed = "typed" in this.form.dataset;
    const add = (kind, pk, element, row, code) => {
      const field = new Field(kind, pk, element, row, code, typed);
      this.fields.set(field.key, field);
      return field;
    };
    for (const row of this.form.querySelectorAll("[data-row]")) {
      const code = row.querySelector(".score-row__code").textContent.trim();
      add("points", row.dataset.row, row.querySelector("input"), row, code).max = read(row.dataset.max);
    }
    for (const note of this.form.querySelectorAll("[data-note]")) {
      add("note", note.dataset.note, note.querySelector("textarea"), note, note.closest("[data-part]").dataset.code);
    }
    const remark = this.form.querySelector("#nhan-xet");
    add("remark", "", remark, remark.closest(".criterion"), this.words.remark);
  }

  listen() {
    super.listen();
    this.form.addEventListener("keydown", (event) => this.keyed(event));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask();
    });
    this.dialog?.querySelector("[data-close]").addEventListener("click", (event) => {
      event.preventDefault();
      this.dialog.close();
    });
  }

  typed(field, delay) {
    if (field?.kind === "points") this.mark(field, this.fault(field));
    return super.typed(field, delay);
  }

  async refresh() {
    const record = await super.refresh();
    if (record?.refused?.code === "sealed" && isLive() && navigator.onLine) location.reload();
  }

  // What the server found wrong stands beside what this page finds.
  taken() {
    for (const box of this.boxes) {
      const stop = this.kept(box)?.stop;
      this.mark(box, this.fault(box) || (typeof stop === "string" ? stop : ""));
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
    } else if (button.dataset.choose) this.chosen(button.dataset).then((field) => this.goTo(field));
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
    this.typed(box);
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

  nextStop() {
    return this.disputed()[0] ?? this.missing()[0] ?? this.wrong()[0];
  }

  goTo(field) {
    if (!field) return;
    if (field.row.tagName === "DETAILS") field.row.open = true;
    field.element.focus({ preventScroll: true });
    field.row.scrollIntoView({ block: "center" });
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

  offers({ kind, text }, theirs) {
    const said = (typed) => typed || this.words.empty;
    if (kind !== "points") return { more: said(theirs.text), mine: this.words.mineNote, other: this.words.theirsNote };
    return { mine: fill(this.words.keepMine, { points: said(text) }), other: fill(this.words.takeTheirs, { points: said(theirs.text) }) };
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
}

// "còn 2 giờ 28 phút" stays true while the page is open; the server's clock counts, not this device's.
function tick(line, words) {
  const until = Date.parse(line.dataset.until);
  const skew = skewOf(line.dataset.now);
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
  new ScoreSheet(form);
  const words = JSON.parse(form.dataset.words);
  for (const line of document.querySelectorAll("[data-until]")) tick(line, words);
}
