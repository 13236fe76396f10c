// Beside a wide list a choice is applied as it is made; on phones the sheet waits for its button.

const wide = window.matchMedia("(min-width: 1101px)");

document.getElementById("loc")?.addEventListener("change", (event) => {
  if (wide.matches) event.currentTarget.requestSubmit();
});

document.querySelectorAll("[data-send-on-change]").forEach((form) => {
  form.addEventListener("change", () => form.requestSubmit());
});
