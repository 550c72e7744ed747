// Tokens: unpacked where a trace is opened, and what stands behind the one that is looked at.
const number = (x, digits) => (x === null || x === undefined ? "" : x.toFixed(digits));
const count = x => (Number.isInteger(x) ? x.toLocaleString("en").replaceAll(",", "\u202f") : number(x, 1));
const SOURCES = document.body.dataset.sources.split(" ").map(s => s.split(":"));
const chance = p => (p === null || p === undefined ? "–" : p >= 0.005 ? p.toFixed(2) : p.toExponential(0));
const WHY = {
  unseen: "not in the corpus", constant: "counts or probabilities are all equal", no_words: "no word can be salient",
  no_candidates: "came without its alternatives", pending: "not worked out",
};
const SVG = "http://www.w3.org/2000/svg";
const traces = new WeakMap();

async function unpack(text) {
  const packed = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(plain).text());
}

// A trace's tokens in place of its text; a promise, once.
function load(trace) {
  if (!traces.has(trace)) traces.set(trace, build(trace));
  return traces.get(trace);
}

async function build(trace) {
  // Pairs have no tokens of their own.
  if (!trace.querySelector("script")) return null;
  const data = await unpack(trace.querySelector("script").textContent);
  const lines = trace.querySelectorAll(".say");
  data.steps.forEach(([from, to], k) => {
    const say = lines[k];
    say.replaceChildren();
    for (let i = from; i < Math.min(to, data.tokens.length); i++) {
      const t = data.tokens[i], word = t.text.trimStart() || t.text;
      if (i > from && word.length < t.text.length) say.append(t.text.slice(0, t.text.length - word.length));
      const span = make("span", word, say);
      span.className = `t ${t.class ?? ""}${t.wrong ? " wrong" : ""}`;
      span.dataset.i = i;
      span.tabIndex = -1;
    }
  });
  const box = make("aside", null, trace.querySelector(".body"));
  box.className = "inspector";
  box.setAttribute("aria-live", "polite");
  make("p", "Point at a token, or step through them with the arrow keys, to see what stands behind it. Click keeps it.", box).className = "dim";
  const first = trace.querySelector(".t");
  if (first) first.tabIndex = 0;
  return data;
}

function bar(share, source) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "bar");
  svg.setAttribute("viewBox", "0 0 100 4");
  svg.setAttribute("preserveAspectRatio", "none");
  for (const [name, width] of [["track", 100], ["fill", 100 * Math.max(0, share)]]) {
    const rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("class", name === "fill" ? `fill of-${source}` : name);
    rect.setAttribute("width", width);
    rect.setAttribute("height", 4);
    svg.append(rect);
  }
  return svg;
}

async function inspect(span) {
  const trace = span.closest(".trace");
  const data = await load(trace), t = data.tokens[span.dataset.i];
  trace.querySelectorAll(".at").forEach(e => e.classList.remove("at"));
  span.classList.add("at");
  const box = trace.querySelector(".inspector");
  box.replaceChildren();
  make("h3", JSON.stringify(t.raw ?? t.text), box);
  make("p", `p ${chance(t.p)} · rank ${t.rank || "–"} · entropy ${number(t.entropy, 2) || "–"} bit`, box);
  if (t.skipped) make("p", `not scored: ${t.skipped.replaceAll("_", " ")}`, box).className = "dim";
  if (t.wrong) make("p", "✗ a verifier calls this token wrong", box).className = "error";
  if (t.cause) make("p", `cause: ${t.cause[0]} ${number(t.cause[1], 2)}`, box);
  for (const [name, mark] of SOURCES) {
    const found = t.sources?.[name];
    if (!found) continue;
    const [score, why, basis] = found;
    const line = make("div", null, box);
    line.className = "source";
    const label = make("span", null, line);
    make("kbd", mark, label);
    label.append(" ", name);
    if (score === null) {
      make("span", WHY[why] ?? why ?? "undefined", line).className = "dim";
      make("span", "–", line);
    } else {
      line.append(bar(score, name));
      make("span", number(score, 2), line);
    }
    if (basis) make("p", basis, box).className = "dim";
  }
  for (const [name, values] of Object.entries(t.measures ?? {})) {
    make("p", `${name}: ${SOURCES.map(([s], k) => `${s} ${number(values[k], 2) || "–"}`).join(", ")}`, box);
  }
  if (t.retrieved) make("p", t.retrieved, box);
  if (t.candidates) candidates(t, box);
  for (const d of t.documents ?? []) {
    if (!box.querySelector(".document")) make("h4", "Documents that hold the run", box);
    const p = make("p", null, box);
    p.className = "document";
    make("span", d.id, p).className = "dim";
    make("br", null, p);
    p.append(d.text[0]);
    make("mark", d.text[1], p);
    p.append(d.text[2]);
  }
}

// Probabilities of the candidates, and their counts by the sources that have any.
function candidates(t, box) {
  const known = SOURCES.map(([name], k) => [name, k + 2]).filter(([, k]) => t.candidates.some(c => c[k] !== null));
  const table = make("table", null, box);
  const head = make("tr", null, make("thead", null, table));
  for (const h of ["candidate", "p", ...known.map(([name]) => name)]) make("th", h, head).scope = "col";
  const body = make("tbody", null, table);
  for (const [k, c] of t.candidates.entries()) {
    const row = make("tr", null, body);
    if (k + 1 === t.rank) row.className = "chosen";
    make("td", JSON.stringify(c[0]), row);
    make("td", chance(c[1]), row);
    for (const [, k] of known) make("td", c[k] === null ? "–" : count(c[k]), row);
  }
}
