"use strict";
// Words, and what is counted by name: the registry, the cluster, the HTTP layer.

const $ = id => document.getElementById(id);

const count = number => Math.round(number).toLocaleString("en");
const rate = number => number >= 10 ? count(number) : String(Math.round(number * 10) / 10);
const time = ms => ms == null ? "–" : ms >= 995 ? (ms / 1000).toFixed(2) + " s" : ms >= 10 ? Math.round(ms) + " ms" : ms.toFixed(1) + " ms";
const counted = (number, one, many) => `${count(number)} ${number === 1 ? one : many}`;

/** Text that does not change is left alone, so that a selection survives. */
function write(node, text) { if (node.textContent !== String(text)) node.textContent = text; }

/** One child of `parent` for each item, made by `make` and filled by `fill`. */
function each(parent, items, make, fill) {
  while (parent.children.length > items.length) parent.lastElementChild.remove();
  items.forEach((item, place) => fill(parent.children[place] ?? parent.appendChild(make(item)), item));
}

const copy = id => document.getElementById(id).content.cloneNode(true).firstElementChild;

/** `figures`: pairs of a name and a number. */
function list(dl, figures) {
  const make = () => {
    const pair = document.createElement("div");
    pair.append(document.createElement("dt"), document.createElement("dd"));
    return pair;
  };
  each(dl, figures, make, (pair, [name, number]) => { write(pair.firstChild, name); write(pair.lastChild, count(number)); });
}

// ---- the registry

function drawRegistry({ name, groups, writes }, inCluster) {
  write($("registry-name"), name);
  each($("registry"), groups, () => copy("figures"), (row, of) => {
    write(row.querySelector("h3"), of.name);
    list(row.querySelector("dl"), [
      ["calls", of.calls], ["led", of.led], ["followed", of.followed], ["alone", of.alone],
      ...(inCluster ? [["elsewhere", of.elsewhere]] : []),
      ["in flight", of.in_flight], ["waiting", of.waiting],
    ]);
  });
  write($("written"), writes.forgot
    ? `${counted(writes.forgot, "write", "writes")} had the product forgotten, ${count(writes.in_flight)} of them while it was in flight: who waited got the old price, later callers ask anew.`
    : "No write yet. After one the product’s flight is forgotten: no later caller gets the old price.");
}

// ---- the cluster

const START = "cargo run --release -p service -- --members 3";

function drawCluster(members) {
  const told = $("cluster-told");
  if (!members.length) {
    if (!told.firstElementChild) {
      const command = document.createElement("code");
      command.textContent = START;
      told.replaceChildren("This process is in no cluster; ", command, " starts three that run each query once for all of them.");
    }
  } else {
    const known = members.map(member => member.known).filter(member => member);
    const sum = of => known.reduce((total, member) => total + of(member), 0);
    const alone = members.length === 1 ? " A member knows only itself: the others are on pages of their own." : " The charts are this one’s.";
    write(told, `Of ${counted(sum(of => of.calls), "call", "calls")} to ${counted(known.length, "member", "members")} ${count(sum(of => of.bodies))} ran a query.${alone}`);
  }
  each($("members"), members, () => copy("member"), drawMember);
}

function drawMember(node, { address, known }) {
  const here = address === location.host;
  const heading = node.querySelector("h3");
  if (here) write(heading, `${address}, this one`);
  else if (heading.textContent !== address) {
    const link = document.createElement("a");
    link.href = "http://" + address;
    link.textContent = address;
    heading.replaceChildren(link);
  }
  write(node.querySelector("p"), known ? known.health : "does not answer; the others go on without it");
  list(node.querySelector("dl"), known ? [
    ["calls", known.calls], ["ran a query", known.bodies], ["elsewhere", known.elsewhere],
    ["in flight", known.in_flight], ["unshared", known.unshared], ["Redis away", known.local],
  ] : []);
  each(node.querySelector("ul"), known ? known.flights : [], flight, (item, { call, runs_here, waiting }) => {
    write(item.firstChild, call);
    write(item.lastChild, (runs_here ? "runs here" : "elsewhere") + `, ${count(waiting)} wait`);
    item.classList.toggle("runs", runs_here);
  });
}

function flight() {
  const item = document.createElement("li"), rest = document.createElement("span");
  rest.className = "quiet";
  item.append(document.createElement("code"), rest);
  return item;
}

// ---- the HTTP layer

/** What the library calls the reasons; others are shown by their names. */
const REASONS = { credentials: "left alone", forbidden: "private", remembered: "known private" };

function drawLayer({ route, asked, shared, ran, in_flight, reasons }) {
  write($("layer-route"), route);
  const why = { credentials: 0, forbidden: 0, remembered: 0, ...reasons };
  list($("layer"), [
    ["asked", asked], ["shared", shared], ["ran the handler", ran], ["in flight", in_flight],
    ...Object.entries(why).map(([reason, number]) => [REASONS[reason] ?? reason, number]),
  ]);
}
