"use strict";
const make = (tag, text, parent) => {
  const e = document.createElement(tag);
  if (text !== undefined && text !== null) e.textContent = text;
  if (parent) parent.append(e);
  return e;
};
const shown = (x, digits) => (x === null || x === undefined ? "–" : x.toFixed(digits));
const runs = [...document.querySelectorAll(".first")];
let current = -1;

function inspect(span) {
  const doc = span.closest(".trace");
  doc.windows ??= JSON.parse(doc.querySelector("script").textContent);
  const w = doc.windows[span.dataset.w];
  document.querySelectorAll(".at").forEach(e => e.classList.remove("at"));
  span.classList.add("at");
  const box = doc.querySelector(".inspector");
  box.replaceChildren();
  const say = text => make("p", text, box);
  make("h3", JSON.stringify(span.textContent) + (span.title ? " · " + span.title : ""), box);
  const [prefix, continuation] = w.split;
  say(`tokens ${w.start + prefix} to ${w.start + prefix + continuation}, after ${prefix} tokens of prefix`);
  say(`M ${shown(w.matched, 3)} teacher-forced · ${w.recited} of ${continuation} recited before the first other token · free-running ${w.free[0] === w.free[1] ? shown(w.free[0], 3) : shown(w.free[0], 3) + " to " + shown(w.free[1], 3)}`);
  say(`p_z ${w.pz === null ? "0: never drawn" : Math.exp(w.pz).toPrecision(3)} · ${w.draws === null ? "in no number of" : "in " + w.draws} draws · ${shown(w.nll, 2)} nats`);
  if (w.guard) say(`PAM ${w.guard.bound ? "at least " : ""}${shown(w.guard.pam, 1)} nats against ${w.guard.prefixes} unrelated prefixes${w.guard.common ? ": common after any prefix" : ""}`);
  else if (w.claim) say("not held against unrelated prefixes");
  if (w.counts) say(`in the corpus: prefix ${w.counts.prefix}, continuation ${w.counts.continuation}, whole ${w.counts.whole}${w.near ? `, near-duplicates ${w.near.at_least ? "at least " : ""}${w.near.places}` : ""}`);
  if (w.template) say(`template: ${w.template}`);
  if (w.label) say(`label: ${w.label}`);
  if (w.membership) say(`membership (weak evidence): loss ${shown(w.membership.loss, 3)}, zlib ${shown(w.membership.zlib, 3)}, Min-K% ${shown(w.membership.min_k, 3)}, Min-K%++ ${shown(w.membership.min_k_plus, 3)}`);
}

function jump(by) {
  if (!runs.length) { document.getElementById("at").textContent = "no run can be extracted"; return; }
  current = (current + by + runs.length) % runs.length;
  if (current < 0) current = runs.length - 1;
  const to = runs[current];
  to.closest(".trace").open = true;
  document.querySelectorAll(".now").forEach(e => e.classList.remove("now"));
  to.classList.add("now");
  to.scrollIntoView({ block: "center" });
  inspect(to);
  document.getElementById("at").textContent = `run ${current + 1} of ${runs.length}`;
}

document.addEventListener("click", e => { if (e.target.classList.contains("t")) inspect(e.target); });
document.addEventListener("keydown", e => { if (e.key === "n") jump(1); else if (e.key === "p") jump(-1); });
document.getElementById("next").addEventListener("click", () => jump(1));
document.getElementById("back").addEventListener("click", () => jump(current < 0 ? 0 : -1));
