// The council's list while it is being filled in: how much of the quota it uses, and where it leaves the ranking.
// The server asks and checks the same; this only says it at once.

const form = document.querySelector("[data-verdicts]");

function ranksOf(row) {
  return row.dataset.ranks
    .split(",")
    .filter(Boolean)
    .map((one) => {
      const [group, rank] = one.split(":");
      return { group, rank: Number(rank), code: row.dataset.code };
    });
}

function skippedIn(rows) {
  return rows
    .filter((row) => row.choice === "decline" && !row.element.hasAttribute("data-failed"))
    .flatMap((row) => ranksOf(row.element));
}

function worstIn(row) {
  const worst = new Map();
  for (const { group, rank } of ranksOf(row)) {
    worst.set(group, Math.max(rank, worst.get(group) ?? 0));
  }
  return worst;
}

function better(row, skipped) {
  const worst = worstIn(row.element);
  return skipped.filter((one) => one.rank < (worst.get(one.group) ?? 0)).sort((a, b) => a.rank - b.rank);
}

function tellDeparture(row, skipped) {
  const line = row.element.querySelector("[data-departs]");
  const above = row.choice === "recognise" ? better(row, skipped) : [];
  line.hidden = above.length === 0;
  if (above.length) {
    const codes = [...new Set(above.map((one) => `${one.code} (hạng ${one.rank})`))].join("; ");
    line.querySelector("span").textContent =
      `Hồ sơ xếp trên không được đề nghị: ${codes}. Hãy ghi lý do đề nghị hồ sơ này.`;
  }
}

function tellQuota(rows) {
  const line = document.querySelector("[data-quota]");
  const here = rows.filter((row) => row.choice === "recognise").length;
  const proposed = here + Number(line.dataset.others);
  const count = document.querySelector("[data-count]");
  if (!line.dataset.quota) {
    count.textContent = `Đang đề nghị ${proposed}.`;
    return;
  }
  const left = Number(line.dataset.quota) - proposed;
  count.textContent =
    left >= 0
      ? `Đang đề nghị ${proposed} trên tối đa ${line.dataset.quota}, còn ${left}.`
      : `Đang đề nghị ${proposed} trên tối đa ${line.dataset.quota}, quá ${-left}.`;
}

function tell() {
  const rows = [...form.querySelectorAll("[data-row]")].map((element) => ({
    element,
    choice: element.querySelector("[data-choice]").value,
  }));
  const skipped = skippedIn(rows);
  for (const row of rows) tellDeparture(row, skipped);
  tellQuota(rows);
}

if (form?.querySelector("[data-choice]")) {
  form.addEventListener("change", tell);
  tell();
}
