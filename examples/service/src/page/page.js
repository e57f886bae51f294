"use strict";
// Asks the service twice a second, and shows what it says.

const POLL = 500, TELL = 5000; // ms

// ---- what is known

let live, samples = [];

function sum(list, of) { return list.reduce((total, item) => total + of(item), 0); }
const whole = sample => ({ calls: sum(sample.functions, each => each.calls), executions: sum(sample.functions, each => each.executions) });

/** Rates of the last two seconds. */
function current() {
  const recent = samples.slice(-4), seconds = sum(recent, sample => sample.seconds) || 1;
  const came = sum(recent, sample => whole(sample).calls) / seconds, ran = sum(recent, sample => sample.queries) / seconds;
  return { came, ran, each: ran ? came / ran : 0 };
}

function headline({ came }) {
  if (!came) return live.connections ? "The load is starting." : "Nobody asks. Start the load.";
  return live.coalescing ? "Coalescing is on: callers who ask for the same share one query."
    : "Coalescing is off: every caller runs a query of its own.";
}

function press(id, pressed) { $(id).setAttribute("aria-pressed", pressed); }

function draw() {
  const now = current();
  press("start", live.connections > 0); press("stop", live.connections === 0);
  press("on", live.coalescing); press("off", !live.coalescing);
  write($("headline"), headline(now));
  write($("came"), rate(now.came)); write($("ran"), rate(now.ran)); write($("each"), now.each ? rate(now.each) : "–");

  const waits = [live.latency.off?.p50, live.latency.off?.p99, live.latency.on?.p50, live.latency.on?.p99];
  const longest = Math.max(1, ...waits.map(wait => wait ?? 0));
  $("waits").querySelectorAll(".track").forEach((track, place) => {
    // The rest is the number's.
    track.firstChild.style.width = `calc((100% - 5rem) * ${(waits[place] ?? 0) / longest})`;
    write(track.lastChild, waits[place] == null ? "not measured yet" : time(waits[place]));
    track.lastChild.className = waits[place] == null ? "quiet" : "";
  });

  chart($("calls"), count, stack(whole));
  chart($("times"), time, [
    { fill: "a-wait", from: () => 0, to: sample => sample.latency?.p99 },
    { line: "l-wait", to: sample => sample.latency?.p50 },
  ]);
  const stacks = live.functions.map((_, place) => stack(sample => sample.functions[place]));
  const most = Math.max(...stacks.map(highest)); // one scale for all
  live.functions.forEach((of, place) => {
    const card = $("functions").children[place] ?? $("functions").appendChild(cardOf(of.name));
    chart(card.querySelector("svg"), count, stacks[place], most);
    const recent = samples.slice(-4), calls = sum(recent, sample => sample.functions[place].calls), ran = sum(recent, sample => sample.functions[place].executions);
    const seconds = sum(recent, sample => sample.seconds) || 1;
    write(card.querySelector("p"), calls ? `${rate(calls / seconds)} a second, ${rate(ran / seconds)} ran` : "nobody asks");
    const [flights, waiting] = card.querySelectorAll("dd");
    write(flights, count(of.in_flight)); write(waiting, count(of.waiting));
    each(card.querySelector("ul"), of.flights, flight, (item, { key, age, waiting, forgotten }) => {
      write(item.firstChild, `${of.name}(${key})`);
      write(item.lastChild, (age == null ? "" : `for ${time(age)}, `) + `${count(waiting)} waiting` + (forgotten ? ", forgotten" : ""));
    });
  });
  drawRegistry(live.registry, live.cluster.length > 0);
  drawCluster(live.cluster);
  drawLayer(live.layer);
  table();
}

function cardOf(name) {
  const card = $("function").content.cloneNode(true).firstElementChild;
  card.querySelector("h3").textContent = name;
  card.querySelector("svg").setAttribute("aria-label", `Callers of ${name} a second in the last minute; the table below has the numbers`);
  return card;
}

const ROWS = [
  ["calls", of => count(of.calls)],
  ["executions", of => count(of.executions)],
  ["followers", of => count(of.followed)],
  ["keys in flight", of => count(of.in_flight)],
  ["waiting now", of => count(of.waiting)],
  ["took over", of => count(of.takeovers)],
  ["errors", of => count(of.errors)],
  ["panics", of => count(of.panics)],
  ["half within, on", of => time(of.latency.on?.p50)],
  ["99 % within, on", of => time(of.latency.on?.p99)],
  ["half within, off", of => time(of.latency.off?.p50)],
  ["99 % within, off", of => time(of.latency.off?.p99)],
];

function table() {
  const [head, body] = [$("numbers").tHead, $("numbers").tBodies[0]];
  if (!body.rows.length) {
    const heading = (row, scope, text) => { const cell = row.appendChild(document.createElement("th")); cell.scope = scope; cell.textContent = text; };
    const names = head.insertRow();
    heading(names, "col", "function");
    for (const of of live.functions) heading(names, "col", of.name);
    for (const [name] of ROWS) {
      const row = body.insertRow();
      heading(row, "row", name);
      for (const _ of live.functions) row.insertCell();
    }
  }
  ROWS.forEach(([, text], row) => live.functions.forEach((of, column) => write(body.rows[row].cells[column + 1], text(of))));
}

/** For those who don't see the charts: a sentence once in a while, if there is something to say. */
function tell() {
  if (!live) return;
  const { came, ran } = current();
  const wait = live.latency[live.coalescing ? "on" : "off"];
  write($("told"), came ? `Coalescing ${live.coalescing ? "on" : "off"}. ${rate(came)} callers a second came, ${rate(ran)} queries a second ran. Half waited ${time(wait?.p50)} at most.`
    : headline({ came }));
}

// ---- the service

async function poll() {
  try {
    const from = samples.length ? samples[samples.length - 1].number + 1 : 0;
    const answer = await fetch("/live?from=" + from);
    if (!answer.ok) throw new Error(answer.status);
    live = await answer.json();
    // A service that was started anew counts from 0 again.
    const known = live.next < from ? [] : samples.filter(sample => sample.number >= live.oldest);
    samples = [...known, ...live.samples];
    $("trouble").hidden = true;
    draw();
  } catch (error) {
    if (!(error instanceof TypeError || live)) throw error;
    $("trouble").hidden = false;
  }
}

async function post(path, body = {}) {
  try {
    await fetch("/" + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  } catch { $("trouble").hidden = false; }
  await poll();
}

const callers = () => Number($("callers").value);
$("start").onclick = () => post("controls/load", { connections: callers() });
$("stop").onclick = () => post("controls/load", { connections: 0 });
$("callers").onchange = () => { if (live?.connections) post("controls/load", { connections: callers() }); };
$("on").onclick = () => post("controls/switch", { coalescing: true });
$("off").onclick = () => post("controls/switch", { coalescing: false });
$("forget").onclick = () => post("controls/forget");
$("reset").onclick = () => post("controls/reset");
for (const reader of ["anybody", "signed-in", "draft"]) $(reader).onclick = () => post("controls/report", { reader });
// Any price but the one that it has.
$("write").onclick = () => post("products/7/price", { cents: 500 + Math.floor(performance.now()) % 9500 });

(async () => { for (;;) { await poll(); await new Promise(done => setTimeout(done, POLL)); } })();
setInterval(tell, TELL);
addEventListener("resize", () => { if (live) draw(); });
