const runs = [...document.querySelectorAll(".first")];
let current = -1;

function inspect(span) {
  const doc = span.closest(".trace");
  doc.windows ??= JSON.parse(doc.querySelector("script").textContent);
  document.querySelectorAll(".at").forEach(e => e.classList.remove("at"));
  span.classList.add("at");
  const box = doc.querySelector(".inspector");
  box.replaceChildren();
  make("h3", JSON.stringify(span.textContent) + (span.title ? " · " + span.title : ""), box);
  for (const line of doc.windows[span.dataset.w]) make("p", line, box);
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
