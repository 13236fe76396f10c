// On phones the facets open as a sheet over the list. Without this module the same link
// leads to a page of its own with the same form.

const narrow = window.matchMedia("(max-width: 1100px)");

function makeDialog(form) {
  const dialog = document.createElement("dialog");
  dialog.className = "filter-sheet";
  dialog.setAttribute("aria-labelledby", form.querySelector("[data-filter-title]").id);
  const place = document.createComment("facets");
  form.before(place);
  document.body.append(dialog);

  dialog.addEventListener("close", () => place.after(form));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-filter-close]")) dialog.close();
  });
  narrow.addEventListener("change", () => dialog.open && dialog.close());
  return dialog;
}

function open(dialog, form) {
  dialog.append(form);
  dialog.showModal();
}

// The button tells how many products the choice would show, and every option its new count.
async function refresh(form, signal) {
  const address = new URL(form.action);
  address.search = new URLSearchParams(new FormData(form)).toString();
  const answer = await fetch(address, { signal, headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(form.id);
  if (!fresh) return;
  copyText(form.querySelector("[data-filter-go]"), fresh.querySelector("[data-filter-go]"));
  for (const input of fresh.querySelectorAll("input[name][value]")) {
    const mine = form.querySelector(`input[name="${CSS.escape(input.name)}"][value="${CSS.escape(input.value)}"]`);
    const row = mine?.closest(".facet__option");
    const freshRow = input.closest(".facet__option");
    if (!row || !freshRow) continue;
    copyText(row.querySelector(".facet__count"), freshRow.querySelector(".facet__count"));
    row.classList.toggle("facet__option--none", freshRow.classList.contains("facet__option--none"));
  }
}

function copyText(to, from) {
  if (to && from) to.textContent = from.textContent;
}

function setUp(link) {
  const form = document.getElementById(link.dataset.filterOpen);
  if (!form || !window.HTMLDialogElement) return;
  let dialog;
  let running;

  link.addEventListener("click", (event) => {
    if (!narrow.matches) return;
    event.preventDefault();
    dialog ??= makeDialog(form);
    open(dialog, form);
  });
  form.addEventListener("change", () => {
    if (!dialog?.open) return;
    running?.abort();
    running = new AbortController();
    refresh(form, running.signal).catch((error) => {
      if (error.name !== "AbortError") throw error;
    });
  });
}

document.querySelectorAll("[data-filter-open]").forEach(setUp);
