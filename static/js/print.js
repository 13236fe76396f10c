// Buttons marked data-print open the print dialog. They are written hidden, since without a script they could do nothing.

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
