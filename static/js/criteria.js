// The editor of a criteria set: what stands below each row is added up while one types, and leaving unsaved asks first.
// Without this script the sums are right after each save or move.

const form = document.querySelector("[data-criteria]");
const FIXED = { 1: 4000, 2: 4000, 3: 1000, 4: 1000 };

// Hundredths of a point, so that 0,1 + 0,2 is 0,3. NaN for what is no number, null for an empty box.
function hundredths(text) {
  const plain = text.trim().replaceAll(" ", "").replace(",", ".");
  if (plain === "") return null;
  return /^\d{1,3}(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : NaN;
}

function spelled(value) {
  return String(value / 100).replace(".", ",");
}

function read() {
  const path = [];
  return [...form.querySelectorAll("[data-row]")].map((element) => {
    const level = Number(element.querySelector("[name=level]").value);
    path.length = level - 1;
    const row = {
      element,
      code: element.querySelector("[name=code]").value.trim(),
      level,
      own: hundredths(element.querySelector("[name=points]").value),
      parent: path.at(-1) ?? null,
      below: null,
    };
    path.push(row);
    return row;
  });
}

function addUp() {
  const rows = read();
  for (const row of rows) {
    if (row.parent && row.own !== null) row.parent.below = (row.parent.below ?? 0) + row.own;
  }
  let even = true;
  for (const row of rows) {
    const wrong = Number.isNaN(row.own) || (row.below !== null && row.below !== row.own);
    const output = row.element.querySelector("[data-sum]");
    output.textContent = row.below === null || Number.isNaN(row.below) ? "" : `mục con: ${spelled(row.below)}`;
    output.classList.toggle("is-off", wrong);
    even &&= !wrong;
  }
  const heads = rows.filter((row) => row.level === 1);
  even &&= heads.length === 4 && heads.every((row) => FIXED[row.code] === row.own);
  const total = form.querySelector("[data-total] span");
  total.textContent = even ? "Điểm khớp, tổng 100." : "Điểm chưa khớp, xem các mục đánh dấu. Lưu nháp được, chưa trình được.";
  form.querySelector("[data-total]").classList.toggle("is-off", !even);
}

function guard() {
  let changed = false;
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", () => (changed = false));
  addEventListener("beforeunload", (event) => changed && event.preventDefault());
}

if (form) {
  form.addEventListener("input", addUp);
  addUp();
  guard();
}
