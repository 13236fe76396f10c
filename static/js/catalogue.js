// Beside a wide list a choice is applied as it is made; on phones the sheet waits for its button.

const wide = window.matchMedia("(min-width: 1101px)");
const filters = document.getElementById("loc");

function hideButton() {
  const go = filters.querySelector("[data-filter-go]");
  if (go) go.parentElement.hidden = wide.matches;
}

if (filters) {
  hideButton();
  wide.addEventListener("change", hideButton);
  filters.addEventListener("change", () => wide.matches && filters.requestSubmit());
}

document.querySelectorAll("[data-send-on-change]").forEach((form) => {
  form.addEventListener("change", () => form.requestSubmit());
});
