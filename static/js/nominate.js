// Counts what is ticked as it is ticked; arrows move from product to product.

const form = document.querySelector("[data-nominate]");

if (form) {
  const ticks = [...form.querySelectorAll("[data-pick]")];
  const count = form.querySelector("[data-count]");
  const chosen = form.querySelector("[data-chosen]");
  const left = form.querySelector("[data-left]");

  const isDecided = (tick) => {
    const why = tick.closest(".nominee")?.querySelector("[data-why]");
    return tick.checked || Boolean(why?.value);
  };

  const recount = () => {
    const number = ticks.filter((tick) => tick.checked).length;
    if (chosen) chosen.textContent = String(number);
    if (left) left.textContent = String(ticks.filter((tick) => !isDecided(tick)).length);
    const maximum = count?.dataset.maximum;
    count?.classList.toggle("nomi-dock__count--over", Boolean(maximum) && number > Number(maximum));
  };

  form.addEventListener("change", recount);
  form.addEventListener("keydown", (event) => {
    const place = ticks.indexOf(event.target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (place < 0 || !step || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = ticks[place + step];
    if (next) {
      event.preventDefault();
      next.focus();
      next.closest(".nominee")?.scrollIntoView({ block: "nearest" });
    }
  });
  recount();
}
