// The gallery works as a strip of pictures, each a link to its large one, and a row of links to them. This module keeps
// the current thumbnail and the "1 / 3" count true while pictures are swiped, and opens the large picture on the page
// itself: Esc closes, arrows change the picture, + and - and a click enlarge it, and the focus returns where it was.

const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const SWIPE = 48;

function setUp(gallery) {
  const track = gallery.querySelector("[data-gallery-track]");
  const links = [...gallery.querySelectorAll("[data-gallery-thumbs] a")];
  const count = gallery.querySelector("[data-gallery-count]");
  const pictures = [...track.children];
  let current = 0;

  const mark = (index) => {
    current = index;
    links.forEach((link, i) => (i === index ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
    if (count) count.textContent = `${index + 1} / ${pictures.length}`;
  };
  const goTo = (index, smoothly = true) => {
    const behavior = smoothly && !calm() ? "smooth" : "instant";
    track.scrollTo({ left: pictures[index].offsetLeft - track.offsetLeft, behavior });
    mark(index);
  };

  links.forEach((link, index) =>
    link.addEventListener("click", (event) => {
      event.preventDefault();
      goTo(index);
    }),
  );
  const watcher = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => mark(pictures.indexOf(entry.target))),
    { root: track, threshold: 0.6 },
  );
  pictures.forEach((picture) => watcher.observe(picture));

  const opens = [...gallery.querySelectorAll("[data-gallery-open]")];
  const show = viewer(gallery.querySelector("[data-viewer]"), opens, (index) => goTo(index, false));
  opens.forEach((link, index) =>
    link.addEventListener("click", (event) => {
      if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(index, link);
    }),
  );
}

function viewer(dialog, opens, follow) {
  const part = (name) => dialog.querySelector(`[data-viewer-${name}]`);
  const [stage, picture, words, zoom] = ["stage", "picture", "words", "zoom"].map(part);
  const zoomed = () => stage.classList.contains("is-large");
  let current = 0;
  let from = null;

  const enlarge = (large, x = 0.5, y = 0.5) => {
    stage.classList.toggle("is-large", large);
    zoom.setAttribute("aria-pressed", String(large));
    if (!large) return;
    stage.scrollLeft = picture.offsetWidth * x - stage.clientWidth / 2;
    stage.scrollTop = picture.offsetHeight * y - stage.clientHeight / 2;
  };
  const turnTo = (index) => {
    current = (index + opens.length) % opens.length;
    const link = opens[current];
    enlarge(false);
    picture.width = Number(link.dataset.width) || 1600;
    picture.height = Number(link.dataset.height) || 1067;
    // What the page shows already stands in until the large one has come.
    const small = link.querySelector("img");
    picture.src = small.currentSrc || link.href;
    picture.alt = small.alt;
    const large = new Image();
    large.addEventListener("load", () => {
      if (dialog.open && opens[current] === link) picture.src = link.href;
    });
    large.src = link.href;
    const place = opens.length > 1 ? `${current + 1} / ${opens.length}. ` : "";
    words.replaceChildren(place, link.nextElementSibling.content.cloneNode(true));
  };

  part("close").addEventListener("click", () => dialog.close());
  part("back")?.addEventListener("click", () => turnTo(current - 1));
  part("next")?.addEventListener("click", () => turnTo(current + 1));
  zoom.addEventListener("click", () => enlarge(!zoomed()));
  dialog.addEventListener("close", () => {
    picture.removeAttribute("src");
    follow(current);
    from?.focus({ preventScroll: true });
  });
  dialog.addEventListener("keydown", (event) => {
    const act = {
      ArrowLeft: () => turnTo(current - 1),
      ArrowRight: () => turnTo(current + 1),
      Home: () => turnTo(0),
      End: () => turnTo(opens.length - 1),
      "+": () => enlarge(true),
      "=": () => enlarge(true),
      "-": () => enlarge(false),
    }[event.key];
    // Enlarged, the arrows move the picture as they move any page.
    if (!act || (zoomed() && /^(Arrow|Home|End)/.test(event.key))) return;
    event.preventDefault();
    act();
  });
  listen(stage, { zoomed, enlarge, picture, step: (by) => turnTo(current + by), close: () => dialog.close() });

  return (index, link) => {
    from = link;
    turnTo(index);
    dialog.showModal();
    stage.focus();
  };
}

// A tap or click enlarges at that place, a swipe turns to the next picture, dragging moves an enlarged one.
function listen(stage, { zoomed, enlarge, picture, step, close }) {
  let start = null;
  stage.addEventListener("pointerdown", (event) => {
    start = { x: event.clientX, y: event.clientY, left: stage.scrollLeft, top: stage.scrollTop, mouse: event.pointerType === "mouse" };
  });
  stage.addEventListener("pointermove", (event) => {
    if (!start?.mouse || !zoomed() || event.buttons !== 1) return;
    stage.scrollLeft = start.left - (event.clientX - start.x);
    stage.scrollTop = start.top - (event.clientY - start.y);
  });
  stage.addEventListener("pointerup", (event) => {
    if (!start) return;
    const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
    start = null;
    if (Math.hypot(dx, dy) < 6) return event.target === picture ? toggle(event) : close();
    if (!zoomed() && Math.abs(dx) > SWIPE && Math.abs(dx) > 2 * Math.abs(dy)) step(dx < 0 ? 1 : -1);
  });
  stage.addEventListener("pointercancel", () => (start = null));
  picture.addEventListener("dragstart", (event) => event.preventDefault());

  function toggle(event) {
    const box = picture.getBoundingClientRect();
    enlarge(!zoomed(), (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  }
}

document.querySelectorAll("[data-gallery]").forEach(setUp);
