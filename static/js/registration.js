// Registering: the list of communes follows the province, and the password can be looked at.
// Without this module the commune is typed without suggestions; nothing else changes.

const form = document.querySelector("[data-registration]");
const province = form?.querySelector("#id_territory");
const list = document.getElementById("cac-xa");

province?.addEventListener("change", async () => {
  list.replaceChildren();
  try {
    const answer = await fetch(`${form.dataset.communes}?tinh=${encodeURIComponent(province.value)}`);
    if (answer.ok) list.innerHTML = await answer.text();
  } catch {
    // No network: the commune is typed by hand.
  }
});

const show = form?.querySelector("[data-show-password]");
const password = form?.querySelector("#id_password");
if (show && password) {
  show.hidden = false;
  show.querySelector("input").addEventListener("change", (event) => {
    password.type = event.target.checked ? "text" : "password";
  });
}
