// The score sheet: steppers, live sums, autosave that tells exactly what is saved where.
// Without this module the same page is a plain form with "Lưu phiếu" and "Nộp phiếu".
//
// Points are whole hundredths everywhere; no float decides a sum. A field is "pending" while its text
// differs from what the server is known to hold (`base`). Pending texts are kept in localStorage until
// the server has answered, so a closed page or a dead network loses nothing.

const DEBOUNCE = 600;
const PATIENCE = 15000;
const RETRY = [4000, 8000, 15000, 30000];

// "8,5" is 850, an empty box is null, anything else NaN.
export function read(text) {
  const typed = text.replace(/\s/g, "").replace("−", "-");
  if (!typed) return null;
  const match = /^(-?)([0-9]{0,12})(?:[.,]([0-9]{0,2}))?$/.exec(typed);
  if (!match || !(match[2] || match[3])) return NaN;
  const size = Number(match[2] || 0) * 100 + Number((match[3] || "").padEnd(2, "0"));
  return match[1] ? -size : size;
}

// 850 is "8,5", 4000 is "40".
export function write(hundredths) {
  const rest = String(hundredths % 100).padStart(2, "0").replace(/0+$/, "");
  const whole = (hundredths - (hundredths % 100)) / 100;
  return rest ? `${whole},${rest}` : String(whole);
}

function fill(sentence, facts) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? facts[name] : whole));
}

function storage() {
  try {
    const probe = "phieu-thu";
    localStorage.setItem(probe, "1");
    localStorage.removeItem(probe);
    return localStorage;
  } catch {
    return null;
  }
}

class Field {
  constructor(kind, pk, element) {
    this.kind = kind;
    this.pk = pk;
    this.key = `${kind}${pk}`;
    this.element = element;
    this.base = element.defaultValue;
    this.theirs = null;
  }

  get text() {
    return this.element.value.trim();
  }

  same(one, other) {
    if (one === undefined || other === undefined) return false;
    if (this.kind !== "points") return one.trim() === other.trim();
    const [a, b] = [read(one), read(other)];
    return a === b || (Number.isNaN(a) && Number.isNaN(b) && one === other);
  }

  get pending() {
    return !this.same(this.text, this.base);
  }

  get sendable() {
    return this.pending && this.theirs === null && !this.invalid;
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
    this.revision = Number(form.querySelector("input[data-revision]").value);
    this.savedAt = form.dataset.savedAt;
    this.store = storage();
    this.storeKey = `phieu:${form.dataset.key}`;
    this.kept = false;
    this.sending = null;
    this.trouble = null;
    this.attempts = 0;
    this.dock = form.querySelector("[data-dock]");
    this.dialog = document.getElementById("hoi-nop");
    this.fields = new Map();
    this.collect();
    this.boxes = [...this.fields.values()].filter((field) => field.kind === "points");
    this.listen();
    this.restore();
    for (const box of this.boxes) if (!box.invalid || this.fault(box)) this.judge(box);
    this.draw();
    if (this.waiting().length) this.send();
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
    if ("typed" in this.form.dataset) for (const one of this.fields.values()) one.base = undefined;
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
    addEventListener("online", () => this.again());
    addEventListener("offline", () => this.draw());
    document.addEventListener("visibilitychange", () => document.hidden && this.send());
    addEventListener("beforeunload", (event) => {
      if (this.unsent().length || this.sending) event.preventDefault();
    });
    this.watchKeyboard();
  }

  fieldOf(element) {
    return [...this.fields.values()].find((field) => field.element === element);
  }

  // What stands in the page and not on the server.
  unsent() {
    return [...this.fields.values()].filter((field) => field.pending);
  }

  waiting() {
    return [...this.fields.values()].filter((field) => field.sendable);
  }

  disputed() {
    return [...this.fields.values()].filter((field) => field.theirs !== null);
  }

  typed(field, delay) {
    if (!field) return;
    if (field.kind === "points") this.judge(field);
    this.keep();
    this.draw();
    clearTimeout(this.timer);
    if (this.waiting().length) this.timer = setTimeout(() => this.send(), delay);
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
    else if ("again" in button.dataset) this.again(true);
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

  // Keeping on this device

  keep() {
    if (!this.store) return;
    const texts = Object.fromEntries(this.unsent().map((field) => [field.key, { text: field.text, base: field.base ?? "" }]));
    try {
      if (Object.keys(texts).length) this.store.setItem(this.storeKey, JSON.stringify(texts));
      else this.store.removeItem(this.storeKey);
      this.kept = true;
    } catch {
      this.kept = false;
    }
  }

  restore() {
    let texts = {};
    try {
      texts = JSON.parse(this.store?.getItem(this.storeKey) ?? "{}") ?? {};
    } catch {
      this.store?.removeItem(this.storeKey);
    }
    for (const [key, kept] of Object.entries(texts)) {
      const field = this.fields.get(key);
      if (!field || typeof kept?.text !== "string" || field.same(kept.text, field.base)) continue;
      field.element.value = kept.text;
      if (!field.same(kept.base, field.base)) field.theirs = { text: field.base ?? "", time: this.savedAt };
    }
    this.keep();
  }

  // Sending: one request at a time, everything that waits in one go

  again(now = false) {
    this.trouble = null;
    this.attempts = 0;
    this.draw();
    if (now || this.waiting().length) this.send();
  }

  send() {
    clearTimeout(this.timer);
    if (this.sending) return this.sending;
    const batch = this.waiting();
    if (!batch.length) return Promise.resolve();
    this.sending = this.post(batch).finally(() => {
      this.sending = null;
      this.keep();
      this.draw();
      if (!this.trouble && this.waiting().length) this.timer = setTimeout(() => this.send(), 0);
    });
    this.draw();
    return this.sending;
  }

  async post(batch) {
    const sent = batch.map((field) => [field, field.text]);
    let answer;
    try {
      answer = await fetch(this.form.dataset.save, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "X-CSRFToken": this.form.querySelector("[name=csrfmiddlewaretoken]").value,
        },
        body: JSON.stringify(this.body(sent)),
        keepalive: true,
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      this.fail({ kind: "held" });
      return;
    }
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) this.acknowledged(sent, said);
    else if (said.code === "stale") this.merge(said);
    else if (said.code === "sealed") location.reload();
    else this.fail({ kind: "failed", sentence: said.sentence, final: answer.status < 500 });
  }

  body(sent) {
    const values = {};
    let remark;
    for (const [field, text] of sent) {
      if (field.kind === "remark") remark = text;
      else (values[field.pk] ??= {})[field.kind] = text;
    }
    return { revision: this.revision, values, remark };
  }

  acknowledged(sent, said) {
    this.trouble = null;
    this.attempts = 0;
    this.revision = said.revision;
    this.savedAt = said.saved_at;
    for (const [field, text] of sent) {
      const fault = said.faults[field.pk];
      if (!fault) field.base = text;
      else if (field.kind === "points" && field.text === text) this.mark(field, fault);
    }
  }

  // Another page saved meanwhile: take what only it touched, send again what only this one touched, ask for the rest.
  merge(said) {
    this.revision = said.revision;
    this.savedAt = said.saved_at;
    for (const field of this.fields.values()) {
      const held = said.values[field.pk];
      const theirs = field.kind === "remark" ? said.remark : (held?.[field.kind] ?? "");
      const [untouched, moved] = [!field.pending, !field.same(theirs, field.base)];
      if (untouched) field.element.value = theirs;
      else if (moved && !field.same(theirs, field.text)) field.theirs = { text: theirs, time: held?.saved_at ?? said.saved_at };
      if (field.theirs === null) field.base = theirs;
      if (field.kind === "points" && untouched) this.judge(field);
    }
  }

  chosen(button) {
    const field = this.fields.get(button.dataset.choose);
    if (button.dataset.side === "theirs") field.element.value = field.theirs.text;
    field.base = field.theirs.text;
    field.theirs = null;
    this.typed(field, 0);
    this.goTo(field);
  }

  fail(trouble) {
    this.trouble = trouble;
    if (trouble.final) return;
    const delay = RETRY[Math.min(this.attempts, RETRY.length - 1)];
    this.attempts += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), delay);
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
      if (place.hidden === (field.theirs === null)) continue;
      place.hidden = field.theirs === null;
      place.replaceChildren(...(field.theirs ? this.choice(field) : []));
    }
  }

  choice(field) {
    const isPoints = field.kind === "points";
    const said = (text) => text || this.words.empty;
    const told = document.createElement("p");
    told.textContent = fill(this.words.stale, { codes: field.code, time: field.theirs.time });
    if (!isPoints) told.textContent += ` ${said(field.theirs.text)}`;
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
      button("theirs", isPoints ? fill(this.words.takeTheirs, { points: said(field.theirs.text) }) : this.words.theirsNote),
    ];
  }

  state() {
    const disputed = this.disputed();
    const waiting = this.waiting().length;
    if (disputed.length) {
      const facts = { codes: disputed.map((field) => field.code).join(", "), time: disputed[0].theirs.time };
      return ["conflict", fill(this.words.stale, facts), this.words.choose];
    }
    if (this.trouble?.kind === "failed") {
      return ["failed", this.trouble.sentence ?? fill(this.words.failed, { count: waiting }), this.words.again];
    }
    if (waiting && (this.trouble || !navigator.onLine)) {
      return this.kept ? ["held", this.words.held, ""] : ["failed", this.words.unheld, this.words.again];
    }
    if (waiting || this.sending) return ["saving", this.words.saving, ""];
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
    const button = line.querySelector("button");
    button.hidden = !act;
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
    const cut = !navigator.onLine || this.trouble?.kind === "held";
    submit.hidden = !go.hidden || !this.boxes.length;
    submit.disabled = cut;
    submit.textContent = cut ? this.words.needNet : this.words.submit;
  }

  // Handing in

  // What is typed while a request is under way goes out in the next one: asked to hand in, wait for all of them.
  async settle() {
    do await this.send();
    while (this.waiting().length && !this.trouble);
  }

  async ask() {
    await this.settle();
    if (this.unsent().length || this.trouble || this.missing().length) {
      this.draw();
      this.goTo(this.nextStop());
      return;
    }
    this.dialog.querySelector("[data-revision]").value = this.revision;
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

// "còn 2 giờ 28 phút" stays true while the page is open; the server's clock counts, not this device's.
function tick(line, words) {
  const until = Date.parse(line.dataset.until);
  const skew = Date.parse(line.dataset.now) - Date.now();
  const draw = () => {
    const minutes = Math.floor((until - Date.now() - skew) / 60000);
    line.classList.toggle("deadline--over", minutes < 0);
    const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
    const left = fill(days ? words.days : hours ? words.hours : words.minutes, { days, hours, minutes: rest });
    line.querySelector("span").textContent = fill(minutes < 0 ? words.past : words.deadline, { when: line.dataset.when, left });
  };
  setInterval(draw, 20000);
}

const form = document.querySelector("[data-score]");
if (form) {
  new Sheet(form);
  const words = JSON.parse(form.dataset.words);
  for (const line of document.querySelectorAll("[data-until]")) tick(line, words);
}
for (const done of document.querySelectorAll("[data-forget]")) storage()?.removeItem(`phieu:${done.dataset.forget}`);
