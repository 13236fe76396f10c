// The page of a new dossier: facilities are found while one types, products follow the facility, member rows come and go.
// Without this script the same buttons ask the server.

const WAIT = 250;
const form = document.querySelector("[data-entry]");
const find = form?.querySelector("[data-suggest]");

async function fill(target, parameters) {
  const address = new URL(find.dataset.suggest, location.href);
  address.search = new URLSearchParams({ round: form.elements.round.value, ...parameters });
  const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
  if (answer.ok) target.innerHTML = await answer.text();
}

function follow() {
  const facilities = form.querySelector("#cac-co-so");
  const products = form.querySelector("#cac-san-pham");
  let timer;
  let asked = 0;
  find.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = (asked += 1);
      const picked = form.querySelector("[name=facility]:checked")?.closest(".choice");
      const draft = document.createElement("div");
      await fill(draft, { q: find.value });
      if (mine !== asked) return;
      // What was picked stays picked, also when the new words no longer find it.
      const value = picked?.querySelector("input").value;
      const again = value && draft.querySelector(`[name=facility][value="${CSS.escape(value)}"]`);
      if (again) again.checked = true;
      else if (picked) draft.prepend(picked);
      facilities.replaceChildren(...draft.childNodes);
    }, WAIT);
  });
  facilities.addEventListener("change", (event) => {
    if (event.target.name === "facility") fill(products, { facility: event.target.value });
  });
  form.querySelectorAll("[data-without-script]").forEach((button) => (button.closest("p").hidden = true));
}

function rows(group) {
  const list = group.querySelector("[data-rows]");
  const blank = list.querySelector("[data-row]").cloneNode(true);
  blank.querySelector("input").value = "";
  const number = () =>
    list.querySelectorAll("[data-row]").forEach((row, place) => {
      const input = row.querySelector("input");
      input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+/, place + 1));
    });
  group.querySelectorAll("[data-more]").forEach((button) => (button.hidden = false));
  group.addEventListener("click", (event) => {
    const drop = event.target.closest("[data-drop]");
    if (!drop && !event.target.closest("[data-more]")) return;
    event.preventDefault();
    if (drop) {
      const row = drop.closest("[data-row]");
      if (list.children.length > 1) row.remove();
      else row.querySelector("input").value = "";
    } else {
      list.append(blank.cloneNode(true));
    }
    number();
    (drop ? group.querySelector("[data-more]") : list.lastElementChild.querySelector("input")).focus();
  });
}

if (find) follow();
document.querySelectorAll(".members").forEach(rows);
