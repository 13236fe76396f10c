// The applicant's steps: saving while typing, sending photos as soon as they are taken.
// Without this module each step is a plain form with "Lưu và tiếp", each photo has its "Gửi ảnh".
//
// What the server has not answered for is kept in localStorage under form and person, so that a dead
// network, a closed page or a session that ended loses nothing. The version tag of the page goes with
// every save: what was saved from another phone meanwhile is never overwritten unseen.

const IDLE = 1500;
const PATIENCE = 15000;
const RETRY = [4000, 10000, 30000];
const SKIP = new Set(["csrfmiddlewaretoken", "revision"]);

function storage() {
  try {
    localStorage.setItem("thu", "1");
    localStorage.removeItem("thu");
    return localStorage;
  } catch {
    return null;
  }
}

const kept = storage();

async function send(url, options) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    return await fetch(url, { ...options, signal: stop.signal });
  } finally {
    clearTimeout(timer);
  }
}

// A login page where an answer was expected: the session is over.
function isLoggedOut(answer) {
  return answer.status === 401 || (answer.redirected && new URL(answer.url).pathname.startsWith("/dang-nhap/"));
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.key = `ho-so:${form.dataset.autosave}`;
    this.line = form.querySelector("[data-save-line]");
    this.words = this.line.querySelector("[data-words]");
    this.acts = this.line.querySelector("[data-acts]");
    this.tries = 0;
    this.saved = this.text();
    form.classList.add("is-live");
    form.addEventListener("input", () => this.touched(IDLE));
    form.addEventListener("change", () => this.touched(0));
    form.addEventListener("submit", () => {
      this.leaving = true;
    });
    addEventListener("online", () => this.save());
    addEventListener("pagehide", () => this.keep());
    this.restore();
  }

  text() {
    const entries = [...new FormData(this.form)].filter(([name]) => !SKIP.has(name));
    return JSON.stringify(entries);
  }

  get revision() {
    return this.form.elements.revision;
  }

  get isDirty() {
    return this.text() !== this.saved;
  }

  say(state, words, ...acts) {
    this.line.dataset.state = state;
    this.words.textContent = words;
    this.acts.replaceChildren(
      ...acts.map(([label, act]) => {
        const part = document.createElement(typeof act === "string" ? "a" : "button");
        part.textContent = label;
        if (typeof act === "string") part.href = act;
        else {
          part.type = "button";
          part.addEventListener("click", act);
        }
        return part;
      }),
    );
  }

  touched(wait) {
    clearTimeout(this.timer);
    if (!this.isDirty) return;
    this.keep();
    if (this.line.dataset.state !== "conflict") {
      this.say("unsaved", this.line.dataset.unsaved);
      this.timer = setTimeout(() => this.save(), wait);
    }
  }

  keep() {
    if (!kept || this.leaving) return;
    if (this.isDirty) kept.setItem(this.key, JSON.stringify({ text: this.text(), revision: this.revision.value }));
    else kept.removeItem(this.key);
  }

  forget() {
    kept?.removeItem(this.key);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.busy || !this.isDirty || this.line.dataset.state === "conflict") return;
    this.busy = true;
    const sending = this.text();
    this.say("saving", this.line.dataset.saving);
    try {
      const answer = await send(this.form.action || location.href, {
        method: "POST",
        body: new FormData(this.form),
        headers: { "X-Autosave": "1", Accept: "application/json" },
      });
      await this.answered(answer, sending);
    } catch {
      this.later(this.line.dataset.offline);
    } finally {
      this.busy = false;
    }
    if (this.line.dataset.state === "saved" && this.isDirty) this.touched(IDLE);
  }

  async answered(answer, sent) {
    if (isLoggedOut(answer) || answer.status === 403) {
      this.keep();
      const there = `/dang-nhap/?next=${encodeURIComponent(location.pathname)}`;
      this.say("held", this.line.dataset.loggedOut, [this.line.dataset.login, there]);
      return;
    }
    if (!answer.headers.get("Content-Type")?.includes("json")) {
      this.later(this.line.dataset.failed);
      return;
    }
    const said = await answer.json();
    if (answer.ok) {
      this.saved = sent;
      this.tries = 0;
      this.revision.value = said.revision;
      document.querySelectorAll("input[name=revision]").forEach((input) => {
        input.value = said.revision;
      });
      this.say("saved", said.words);
      this.keep();
    } else if (said.code === "moved_on") {
      this.keep();
      this.conflict([said.sentence, ...said.details.slice(0, 2)].join(" "), said.revision);
    } else {
      this.keep();
      this.say("failed", said.sentence);
    }
  }

  later(words) {
    this.keep();
    const wait = RETRY[Math.min(this.tries, RETRY.length - 1)];
    this.tries += 1;
    this.say("held", words, [this.line.dataset.again, () => this.save()]);
    this.timer = setTimeout(() => this.save(), wait);
  }

  conflict(words, revision) {
    this.say(
      "conflict",
      words,
      [
        this.line.dataset.mine,
        () => {
          this.revision.value = revision;
          this.line.dataset.state = "unsaved";
          this.save();
        },
      ],
      [
        this.line.dataset.theirs,
        () => {
          this.leaving = true;
          this.forget();
          location.reload();
        },
      ],
    );
  }

  // Typed here and never answered for: put back; where the page has moved on since, the person chooses.
  restore() {
    const found = kept?.getItem(this.key);
    if (!found) return;
    const draft = JSON.parse(found);
    if (draft.text === this.saved) {
      this.forget();
      return;
    }
    const here = this.revision.value;
    this.fill(JSON.parse(draft.text));
    if (draft.revision === here) {
      this.say("unsaved", this.line.dataset.restored);
      this.timer = setTimeout(() => this.save(), IDLE);
    } else {
      this.conflict(this.line.dataset.other, here);
    }
  }

  fill(entries) {
    const values = new Map(entries);
    for (const field of this.form.elements) {
      if (!field.name || SKIP.has(field.name) || field.type === "file") continue;
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.get(field.name) === field.value;
      else if (values.has(field.name)) field.value = values.get(field.name);
    }
  }
}

class Upload {
  constructor(form) {
    this.form = form;
    this.state = form.querySelector("[data-upload-state]");
    this.button = form.querySelector(".upload__send");
    form.classList.add("is-live");
    form.addEventListener("change", (event) => {
      if (event.target.type === "file" && event.target.files.length) this.send(event.target);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const input = [...form.querySelectorAll("input[type=file]")].find((one) => one.files.length);
      if (input) this.send(input);
    });
  }

  async send(input) {
    if (this.busy) return;
    this.busy = true;
    this.form.classList.remove("is-held");
    this.state.textContent = this.form.dataset.sending;
    const body = new FormData(this.form);
    // The other input of the pair is empty and would hide the chosen file.
    for (const other of this.form.querySelectorAll("input[type=file]")) if (other !== input) body.delete(other.name);
    try {
      const answer = await fetch(location.pathname, { method: "POST", body });
      if (isLoggedOut(answer)) this.hold(this.form.dataset.loggedOut);
      else await show(answer, this.form.closest("[id]")?.id);
    } catch {
      this.hold(this.form.dataset.offline);
    } finally {
      this.busy = false;
    }
  }

  hold(words) {
    this.state.textContent = words;
    this.form.classList.add("is-held");
  }
}

// The answer is the same page with what is there now; it takes the place of this one without a jump.
async function show(answer, id) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = page.querySelector("main");
  document.querySelector("main").replaceWith(main);
  document.title = page.title;
  start(main);
  const place = id && document.getElementById(id);
  place?.scrollIntoView({ block: "nearest" });
  place?.querySelector("h2")?.setAttribute("tabindex", "-1");
  place?.querySelector("h2")?.focus({ preventScroll: true });
}

function start(root) {
  root.querySelectorAll("[data-autosave]").forEach((form) => new Autosave(form));
  root.querySelectorAll("[data-upload]").forEach((form) => new Upload(form));
}

// Whoever logs out leaves nothing on the device.
document.querySelectorAll("form[data-logout]").forEach((form) => {
  form.addEventListener("submit", () => {
    Object.keys(kept ?? {}).filter((key) => key.startsWith("ho-so:")).forEach((key) => kept.removeItem(key));
  });
});

start(document);
