// Says at once what each typed expense is allowed. Nothing is kept: the button keeps.
const PAUSE = 500;
const form = document.querySelector("form[data-estimate]");
let waiting = 0;
let asking = null;

async function ask() {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(form.dataset.estimate, { method: "POST", body: sums(), signal: asking.signal });
    if (answer.ok) show(await answer.text());
  } catch (error) {
    if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
  }
}

// Pictures and papers are not needed to reckon.
function sums() {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return data;
}

function show(text) {
  const found = new DOMParser().parseFromString(text, "text/html");
  form.querySelectorAll("[data-expense]").forEach((expense, number) => {
    const said = found.querySelector(`[data-line="${number}"]`);
    const place = expense.querySelector("[data-said]");
    if (said) place.replaceChildren(...said.childNodes);
  });
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE);
}

form?.addEventListener("input", later);
form?.addEventListener("change", later);
