// The map as one stop in the order of tabs: arrow keys go to the province that lies next in that direction.

const map = document.querySelector("[data-map]");
const links = map ? [...map.querySelectorAll("svg a:not([aria-hidden])")] : [];
const told = document.querySelector("[data-map-told]");
const WAYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function middle(link) {
  const box = link.getBBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** The nearest in a direction: what lies aside of it counts twice as far, what lies behind not at all. */
function next(from, [dx, dy]) {
  const [x, y] = middle(from);
  let best = null;
  let least = Infinity;
  for (const link of links) {
    const [a, b] = middle(link);
    const ahead = (a - x) * dx + (b - y) * dy;
    const aside = Math.abs((a - x) * dy) + Math.abs((b - y) * dx);
    if (link !== from && ahead > 0 && ahead + 2 * aside < least) {
      least = ahead + 2 * aside;
      best = link;
    }
  }
  return best;
}

function stopAt(link) {
  links.forEach((one) => one.setAttribute("tabindex", one === link ? "0" : "-1"));
}

function say(link) {
  const words = link && (link.getAttribute("aria-label") || link.querySelector("title")?.textContent);
  told.textContent = words || "";
  told.hidden = !words;
  const row = link && document.querySelector(`[data-unit="${CSS.escape(link.getAttribute("href"))}"]`);
  document.querySelectorAll("[data-unit].is-here").forEach((one) => one.classList.remove("is-here"));
  row?.classList.add("is-here");
}

if (links.length) {
  stopAt(links[0]);
  document.querySelector("[data-map-keys]").hidden = false;
  map.addEventListener("keydown", (event) => {
    const here = event.target.closest("a");
    if (!links.includes(here) || event.ctrlKey || event.metaKey || event.altKey) return;
    const way = WAYS[event.key];
    const there = way ? next(here, way) : { Home: links[0], End: links[links.length - 1] }[event.key];
    if (!way && !there) return;
    event.preventDefault();
    if (there) there.focus();
  });
  map.addEventListener("focusin", (event) => {
    const link = event.target.closest("a");
    if (links.includes(link)) stopAt(link);
    say(link);
  });
  map.addEventListener("focusout", () => say(null));
  map.addEventListener("pointerover", (event) => say(event.target.closest("a")));
  map.addEventListener("pointerleave", () => say(null));
}
