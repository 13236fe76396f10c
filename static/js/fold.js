// On a phone the facts beside a page begin folded, so that what is to do comes first. Without this script they are open.

if (matchMedia("(max-width: 760px)").matches) {
  document.querySelectorAll("details[data-fold]").forEach((part) => {
    if (!part.querySelector(".field--error, .error-summary")) part.open = false;
  });
}
