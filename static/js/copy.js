// A button that copies a short text. Without this module the text stands in a box that can be selected.

for (const box of document.querySelectorAll("[data-copy]")) {
  const button = box.querySelector("[data-copy-button]");
  const text = box.querySelector("textarea");
  const words = button.querySelector("span");
  const said = words.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    text.focus();
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
    } catch {
      document.execCommand("copy"); // old telephones, and pages without https
    }
    words.textContent = button.dataset.done;
    setTimeout(() => {
      words.textContent = said;
    }, 4000);
  });
}
