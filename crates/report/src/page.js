const number = (x, digits) => (x === null || x === undefined ? "" : x.toFixed(digits));
const count = x => (Number.isInteger(x) ? x : number(x, 1));
const SOURCES = document.body.dataset.sources.split(" ");
const chance = p => (p === null ? "–" : p >= 0.005 ? p.toFixed(2) : p.toExponential(0));

function inspect(span) {
  const trace = span.closest(".trace");
  trace.tokens ??= JSON.parse(trace.querySelector("script").textContent);
  const t = trace.tokens[span.dataset.i];
  trace.querySelectorAll(".at").forEach(e => e.classList.remove("at"));
  span.classList.add("at");
  const box = trace.querySelector(".inspector");
  box.replaceChildren();
  make("h3", JSON.stringify(t.text), box);
  make("p", `p ${chance(t.p)} · rank ${t.rank || "–"} · entropy ${number(t.entropy, 2) || "–"} bit${t.skipped ? " · not scored: " + t.skipped : ""}`, box);
  if (t.cause) make("p", `cause: ${t.cause[0]} ${number(t.cause[1], 2)}`, box);
  for (const name of SOURCES) {
    const s = t.sources[name];
    if (s) make("p", `${name} ${s.score === null ? "undefined: " + s.why : number(s.score, 2)}  ${s.basis}`, box);
  }
  for (const [name, m] of Object.entries(t.measures))
    make("p", `${name}: ${SOURCES.map(s => `${s} ${number(m[s], 2) || "–"}`).join(", ")}`, box);
  const table = make("table", null, box);
  const head = make("tr", null, table);
  for (const h of ["candidate", "p", ...SOURCES]) make("th", h, head);
  for (const [text, p, ...counts] of t.candidates) {
    const row = make("tr", null, table);
    for (const cell of [JSON.stringify(text), chance(p), ...counts.map(count)]) make("td", cell, row);
  }
}

function filter() {
  const find = document.getElementById("find").value.toLowerCase();
  const wrong = document.getElementById("wrong").checked, flagged = document.getElementById("flagged").checked;
  for (const t of document.querySelectorAll(".trace")) {
    const said = (t.querySelector("summary") ?? t).textContent + (t.querySelector(".question")?.textContent ?? "");
    t.hidden = (wrong && t.dataset.wrong !== "true") || (flagged && t.dataset.flags === "0") || !said.toLowerCase().includes(find);
  }
}

document.addEventListener("click", e => { if (e.target.classList.contains("t")) inspect(e.target); });
for (const id of ["find", "wrong", "flagged"]) document.getElementById(id).addEventListener("input", filter);
