// The page: filters, addresses, keys.
const rows = [...document.querySelectorAll(".trace")];
const form = document.querySelector(".filters");
const texts = new Map();
const filters = () => Object.fromEntries([...form.querySelectorAll("[data-filter]")].map(e => [e.dataset.filter, e.value]));
// The script's own data is no text of the trace.
const textOf = row => {
  if (!texts.has(row)) texts.set(row, [...row.querySelectorAll("summary, .id, .answer, .place, .question, .chain")].map(e => e.textContent).join("\n").toLowerCase());
  return texts.get(row);
};
const FLAG = {
  flagged: d => d.flags !== "0", unflagged: d => d.flags === "0", wrong: d => d.wrong !== "0",
  missed: d => d.wrong !== "0" && d.flags === "0",
};

function filter() {
  const f = filters(), text = f.text.toLowerCase();
  let shown = 0;
  for (const row of rows) {
    const d = row.dataset;
    const is = ["task", "split", "verdict"].every(k => !f[k] || d[k] === f[k]) && (!f.flag || FLAG[f.flag](d));
    row.hidden = !(is && (!text || textOf(row).includes(text)));
    shown += !row.hidden;
  }
  form.querySelector("output").textContent = shown === rows.length ? `${rows.length} traces` : `${shown} of ${rows.length} traces`;
}

let wait;
form.addEventListener("input", e => {
  if (e.target.dataset.do === "letters") return document.body.classList.toggle("letters", e.target.checked);
  clearTimeout(wait);
  wait = setTimeout(filter, e.target.dataset.filter === "text" ? 150 : 0);
});
form.addEventListener("reset", () => { document.body.classList.remove("letters"); setTimeout(filter); });
form.addEventListener("submit", e => e.preventDefault());

// `#id` opens a trace, `#id,step` one of its steps.
async function go() {
  const name = decodeURIComponent(location.hash.slice(1));
  const step = name.match(/,\d+$/)?.[0] ?? "";
  const there = name && (document.getElementById(name) ?? document.getElementById(name.slice(0, name.length - step.length)));
  const trace = there && there.closest(".trace");
  if (!trace) return;
  // Its row, and with it the step, is in a part.
  if (trace.matches(".listed")) return location.replace(trace.href + step);
  if (trace.hidden) { form.reset(); filter(); }
  trace.open = true;
  if (trace.matches("details")) await load(trace);
  there.scrollIntoView({ block: there === trace ? "start" : "center" });
}
addEventListener("hashchange", go);

document.addEventListener("toggle", e => { if (e.target.matches("details.trace") && e.target.open) load(e.target); }, true);

// Pointing shows, a click keeps, and focus shows too.
let kept = null;
const token = e => e.target.closest?.(".t");
document.addEventListener("mouseover", e => { const t = token(e); if (t && !kept) inspect(t); });
document.addEventListener("focusin", e => { const t = token(e); if (t) { kept = t; inspect(t); } });
document.addEventListener("click", e => {
  const t = token(e);
  if (t) focusToken(t);
  else if (!e.target.closest(".inspector")) kept = null;
  const what = e.target.dataset?.do;
  if (what === "look") look();
  if (what === "keys") keys();
});

function focusToken(t) {
  t.closest(".trace").querySelectorAll('.t[tabindex="0"]').forEach(o => { o.tabIndex = -1; });
  t.tabIndex = 0;
  t.focus();
}

function look() {
  const dark = document.documentElement.dataset.look === "dark" || (!document.documentElement.dataset.look && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.look = dark ? "light" : "dark";
}

const visible = () => rows.filter(r => !r.hidden);
// The trace that holds the focus, or the first on the screen.
function current(all) {
  const at = all.indexOf(document.activeElement?.closest(".trace"));
  return at >= 0 ? at : all.findIndex(r => r.getBoundingClientRect().bottom > 80) - 1;
}

function step(by, is = () => true) {
  const all = visible();
  for (let i = current(all) + by; i >= 0 && i < all.length; i += by) {
    if (!is(all[i].dataset)) continue;
    (all[i].querySelector("summary") ?? all[i]).focus();
    all[i].scrollIntoView({ block: "nearest" });
    return;
  }
}

const openAll = open => visible().forEach(r => { r.open = open; });
const KEYS = [
  ["/", "find text", () => form.querySelector("input").focus()],
  ["j", "next trace", () => step(1)],
  ["k", "trace before", () => step(-1)],
  ["f", "next trace with a flagged step", () => step(1, FLAG.flagged)],
  ["w", "next trace with a wrong answer", () => step(1, d => d.verdict === "wrong")],
  ["O", "open all that are shown, for printing", () => openAll(true)],
  ["C", "close all", () => openAll(false)],
  ["t", "light or dark", look],
  ["?", "these keys", keys],
];

function keys() {
  const box = make("dialog", null, document.body);
  make("h3", "Keys", box);
  const list = make("dl", null, box);
  for (const [key, says] of [...KEYS, ["Enter", "open or close a trace"], ["← →", "token before, next token"], ["Esc", "back to the trace"]]) {
    make("kbd", key, make("dt", null, list));
    make("dd", says, list);
  }
  make("button", "close", box).addEventListener("click", () => box.close());
  box.addEventListener("close", () => box.remove());
  box.showModal();
}

document.addEventListener("keydown", e => {
  const t = e.target.closest?.(".t");
  if (t && ["ArrowLeft", "ArrowRight"].includes(e.key)) {
    const all = [...t.closest(".trace").querySelectorAll(".t")];
    const next = all[all.indexOf(t) + (e.key === "ArrowRight" ? 1 : -1)];
    if (next) focusToken(next);
    e.preventDefault();
  } else if (e.key === "Escape") {
    if (t) { kept = null; t.closest(".trace").querySelector("summary").focus(); } else document.activeElement?.blur();
  } else if (!e.ctrlKey && !e.metaKey && !e.altKey && !e.target.closest?.("input, select, dialog")) {
    const key = KEYS.find(([k]) => k === e.key);
    if (key) { e.preventDefault(); key[2](); }
  }
});

form.hidden = false;
document.querySelectorAll(".tools").forEach(e => { e.hidden = false; });
document.querySelectorAll("details.trace[open]").forEach(load);
filter();
go();
