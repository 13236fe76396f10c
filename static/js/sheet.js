// What a judge's score sheet and an inspector's checklist have in common. Every text goes to the outbox as it is
// typed, which keeps it on this device and sends it; what the outbox says of the sheet is drawn here: the line that
// tells what is saved where, and both versions of a text that another device has changed.
//
// A page's own sheet collects its fields and words their choice (`offers`). A field has a key, a code, the text it
// holds, the `base` it was typed over, the elements it `inputs` and the place of its `choice`.

import { fill, isLive, outbox, same, unsent, waiting } from "./outbox.js";

export class Sheet {
  constructor(form, delay) {
    this.form = form;
    this.delay = delay;
    this.words = JSON.parse(form.dataset.words);
    this.save = new URL(form.dataset.save, location.href).pathname;
    this.outbox = outbox();
    this.record = null;
    this.typing = 0;
    this.opening = true;
    this.dock = form.querySelector("[data-dock]");
    this.fields = new Map();
  }

  // What the form holds meets what this device keeps; only then the outbox may send.
  async open() {
    const facts = { save: this.save, page: location.pathname, title: this.form.dataset.title };
    this.savedAt = this.form.dataset.savedAt;
    const before = await this.outbox.opened(facts, {
      live: isLive() && !("typed" in this.form.dataset),
      revision: Number(this.form.querySelector("[data-revision]").value),
      savedAt: this.savedAt,
      texts: Object.fromEntries(this.all().map((field) => [field.key, field.base])),
    });
    for (const field of this.all()) {
      if (!same(field.key, field.text, field.base) && !(field.key in before.texts)) this.typed(field, 0);
    }
    this.outbox.onchange(() => this.refresh());
    this.opening = false;
    this.take(before);
    this.draw();
    this.outbox.again();
  }

  listen() {
    this.form.addEventListener("input", (event) => this.typed(this.fieldOf(event.target)));
    this.form.addEventListener("change", (event) => this.typed(this.fieldOf(event.target), 0));
    this.form.addEventListener("click", (event) => this.clicked(event));
    addEventListener("beforeunload", (event) => {
      if (!this.outbox.durable && unsent(this.record).length) event.preventDefault();
    });
    // The dock makes room while the keyboard of a phone is up.
    window.visualViewport?.addEventListener("resize", ({ target }) => {
      const up = window.innerHeight - target.height > 140 && this.form.contains(document.activeElement);
      this.dock.classList.toggle("dock--hidden", up);
    });
  }

  all() {
    return [...this.fields.values()];
  }

  fieldOf(element) {
    return this.all().find((field) => field.inputs.includes(element));
  }

  kept(field) {
    return this.record?.texts[field.key];
  }

  disputed() {
    return this.all().filter((field) => this.kept(field)?.theirs);
  }

  wrong() {
    return this.all().filter((field) => field.invalid);
  }

  // Kept on this device at once, sent a little later.
  async typed(field, delay = this.delay) {
    if (!field) return;
    this.draw();
    this.typing += 1;
    const text = { text: field.text, base: field.base, stop: field.invalid, code: field.code, said: field.said?.(field.text) };
    const record = await this.outbox.type(this.save, { [field.key]: text });
    this.typing -= 1;
    this.take(record);
    this.draw();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.outbox.flush(), delay);
  }

  async refresh() {
    const record = await this.outbox.record(this.save);
    this.take(record);
    this.draw();
    return record;
  }

  // What the outbox says of the sheet: typed in another tab, confirmed or contradicted by the server.
  take(record) {
    if (!record || this.typing) return;
    this.record = record;
    if (record.savedAt) this.savedAt = record.savedAt;
    for (const field of this.all()) {
      field.base = record.known[field.key] ?? field.base;
      const wanted = this.kept(field)?.text ?? field.base;
      if (wanted !== undefined && !same(field.key, field.text, wanted)) field.text = wanted;
    }
    this.taken?.();
  }

  async chosen({ choose, side }) {
    const field = this.fields.get(choose);
    const { theirs, text } = this.kept(field);
    const record = await this.outbox.choose(this.save, field.key, side === "theirs" ? theirs.text : text);
    field.base = theirs.text;
    this.take(record);
    this.draw();
    this.outbox.flush();
    return field;
  }

  // Drawing

  drawChoices() {
    for (const field of this.all()) {
      const theirs = this.kept(field)?.theirs;
      if (field.choice.hidden === !theirs) continue;
      field.choice.hidden = !theirs;
      field.choice.replaceChildren(...(theirs ? this.choice(field, theirs) : []));
      if (theirs) field.choice.closest("details")?.setAttribute("open", "");
    }
  }

  choice(field, theirs) {
    const told = document.createElement("p");
    told.textContent = fill(this.words.stale, { codes: field.code, time: theirs.time });
    const button = (side, textContent) => {
      const made = document.createElement("button");
      Object.assign(made, { type: "button", className: "btn btn--small btn--outline", textContent });
      Object.assign(made.dataset, { choose: field.key, side });
      return made;
    };
    const { mine, other, more } = this.offers(field, theirs);
    if (more) told.textContent += ` ${more}`;
    return [told, button("mine", mine), button("theirs", other)];
  }

  loggedOut(count) {
    return count && this.outbox.trouble?.kind === "login";
  }

  unsaved() {
    return this.words.unsaved;
  }

  // How the line looks, what it says, and what its button does.
  state() {
    const disputed = this.disputed();
    const [count, { refused }] = [waiting(this.record), this.record ?? {}];
    if (refused) return ["failed", `${refused.sentence} ${this.words.stays}`, this.words.again];
    if (disputed.length) {
      const facts = { codes: disputed.map((field) => field.code).join(", "), time: this.kept(disputed[0]).theirs.time };
      return ["conflict", fill(this.words.stale, facts), this.words.choose];
    }
    const { trouble, durable, cut } = this.outbox;
    if (this.loggedOut(count)) return ["failed", this.words.login, this.words.toLogin];
    if (count && trouble?.kind === "failed") return ["failed", fill(this.words.failed, { count }), this.words.again];
    if (count && cut) return durable ? ["held", this.words.held, ""] : ["failed", this.words.unheld, this.words.again];
    if (count || this.typing || this.opening) return ["saving", this.words.saving, ""];
    if (!this.savedAt) return ["none", this.unsaved(), ""];
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
}
