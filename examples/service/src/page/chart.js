"use strict";
// Charts: paths over the last minute, the newest sample at the right edge. `samples` is what `page.js` knows.

const MINUTE = 120; // samples

const NS = "http://www.w3.org/2000/svg";
function element(name, attributes, text) {
  const made = document.createElementNS(NS, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (text) made.textContent = text;
  return made;
}

/** The next round number that is not smaller, and whose half is round. */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.2, 1.6, 2, 3, 4, 6, 8, 10].find(step => step * power >= value) * power;
}

const highest = layers => Math.max(0, ...samples.flatMap(sample => layers.map(layer => layer.to(sample) ?? 0)));

/** `layers`: `{ fill, line, from, to }`, the latter giving heights of a sample, or null; `most`: the highest. */
function chart(svg, unit, layers, most = highest(layers)) {
  const width = svg.clientWidth, height = svg.clientHeight, foot = 18, head = 18;
  const top = ceiling(Math.max(10, most));
  const last = samples.length ? samples[samples.length - 1].number : 0;
  const x = number => (width - (last - number) * width / (MINUTE - 1)).toFixed(1);
  const y = value => (height - foot - value / top * (height - foot - head)).toFixed(1);
  const parts = [];
  for (let first = 0, next; first < samples.length; first = next) {
    for (next = first + 1; next < samples.length && samples[next].coalescing === samples[first].coalescing;) next++;
    if (samples[first].coalescing) continue;
    const left = x(samples[first].number - 1), right = x(samples[Math.min(next, samples.length) - 1].number);
    parts.push(element("rect", { class: "band", x: left, width: Math.max(0, right - left), y: 0, height: height - foot }));
    if (right - left > 96) parts.push(element("text", { x: (+left + +right) / 2, y: 12, "text-anchor": "middle" }, "coalescing off"));
  }
  for (const layer of layers) {
    // A gap, where nobody waited, splits the path.
    const runs = [[]];
    for (const sample of samples) {
      if (layer.to(sample) == null) { if (runs[runs.length - 1].length) runs.push([]); } else runs[runs.length - 1].push(sample);
    }
    for (const run of runs.filter(run => run.length > 1)) {
      const line = (list, of) => list.map(sample => x(sample.number) + "," + y(of(sample))).join("L");
      if (layer.fill) parts.push(element("path", { class: layer.fill, d: "M" + line(run, layer.to) + "L" + line([...run].reverse(), layer.from) + "Z" }));
      if (layer.line) parts.push(element("path", { class: layer.line, d: "M" + line(run, layer.to) }));
    }
  }
  for (const value of [0, top / 2, top]) parts.push(element("line", { class: "grid", x1: 0, x2: width, y1: y(value), y2: y(value) }));
  parts.push(element("text", { x: 2, y: y(top) - 4 }, unit(top)));
  parts.push(element("text", { x: 2, y: y(top / 2) - 4 }, unit(top / 2)));
  parts.push(element("text", { x: 0, y: height - 4 }, "a minute ago"));
  parts.push(element("text", { x: width, y: height - 4, "text-anchor": "end" }, "now"));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren(...parts);
}

/** What ran, and on top of it what shared, with a line between that needs no colours. */
const stack = of => {
  const calls = sample => Math.max(of(sample).calls, of(sample).executions) / sample.seconds;
  const ran = sample => of(sample).executions / sample.seconds;
  return [{ fill: "a-ran", from: () => 0, to: ran }, { fill: "a-shared", from: ran, to: calls }, { line: "l-ran", to: ran }];
};
