// The gallery works as a strip of pictures and a row of links to them. This module keeps
// the current thumbnail marked and the "1 / 3" count true while pictures are swiped.

function setUp(gallery) {
  const track = gallery.querySelector("[data-gallery-track]");
  const links = [...gallery.querySelectorAll("[data-gallery-thumbs] a")];
  const count = gallery.querySelector("[data-gallery-count]");
  const pictures = [...track.children];

  const mark = (index) => {
    links.forEach((link, i) => (i === index ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
    if (count) count.textContent = `${index + 1} / ${pictures.length}`;
  };

  links.forEach((link, index) =>
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      track.scrollTo({ left: pictures[index].offsetLeft - track.offsetLeft, behavior: calm ? "instant" : "smooth" });
      mark(index);
    }),
  );

  const watcher = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => mark(pictures.indexOf(entry.target))),
    { root: track, threshold: 0.6 },
  );
  pictures.forEach((picture) => watcher.observe(picture));
}

document.querySelectorAll("[data-gallery]").forEach(setUp);
