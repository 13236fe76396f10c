// The saved list: which buttons say "saved", how many the header counts, and saving without leaving the page.
// The server keeps the list in a cookie that this module only reads. Without it every button is a form that
// leads to the list's own page.

const COOKIE = "da-luu";

const told = document.createElement("p");
told.className = "sr";
told.setAttribute("role", "status");
document.body.append(told);

function savedKeys() {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${COOKIE}=`));
  return new Set((found ? found.slice(COOKIE.length + 1) : "").split(".").filter(Boolean));
}

function paint() {
  const keys = savedKeys();
  document.querySelectorAll("[data-save]").forEach((form) => paintButton(form, keys.has(form.dataset.save)));
  document.querySelectorAll("[data-saved-count]").forEach((count) => {
    count.textContent = keys.size;
    count.hidden = keys.size === 0;
  });
}

function paintButton(form, isSaved) {
  const words = form.querySelector("[data-save-words]");
  words.dataset.unsaved ??= words.textContent;
  words.textContent = isSaved ? words.dataset.saveWords : words.dataset.unsaved;
  form.elements.act.value = isSaved ? "remove" : "add";
  form.classList.toggle("save--on", isSaved);
}

function refuse(form, sentence) {
  const line = form.querySelector(".save__refusal") ?? document.createElement("p");
  line.className = "save__refusal";
  line.textContent = sentence;
  form.append(line);
}

async function send(form) {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/json" },
  });
  const { sentence } = await answer.json();
  form.querySelector(".save__refusal")?.remove();
  if (!answer.ok) refuse(form, sentence);
  told.textContent = sentence;
  paint();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-save]")) return;
  event.preventDefault();
  // Where the answer is no answer (no network, a proxy's page), the browser says so by sending the form itself.
  send(form).catch(() => form.submit());
});
document.addEventListener("list-shown", paint);
window.addEventListener("pageshow", paint);
