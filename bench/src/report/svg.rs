//! Charts as SVG text, readable on light and on dark pages.

use std::fmt::Write as _;

use crate::{contender::Side, number::short};

pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) side: Side,
    pub(crate) value: f64,
    /// What stands at its end.
    pub(crate) text: String,
    /// Whether it failed a check, so that the value is not worth much.
    pub(crate) faulty: bool,
}

pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) side: Side,
    pub(crate) values: Vec<f64>,
}

const WIDTH: f64 = 760.0;

/// No background: the page's shows through.
const STYLE: &str = "
    text { font: 13px system-ui, sans-serif; fill: #57606a }
    .title { font-size: 16px; font-weight: 600; fill: #1f2328 }
    .ours { fill: #c2410c } .peer { fill: #8c959f } .limit { fill: #d0d7de }
    text.ours { font-weight: 600 } text.peer, text.limit { fill: #57606a }
    rect.faulty { fill-opacity: 0.35 }
    path { fill: none; stroke-width: 1.5 } path.ours { fill: none; stroke: #c2410c; stroke-width: 3 }
    path.peer { fill: none; stroke: #8c959f } path.limit { fill: none; stroke: #57606a; stroke-dasharray: 5 4 }
    path.link { stroke: #8c959f; stroke-width: 0.7 }
    .grid { stroke: #8c959f; stroke-opacity: 0.3 }
    @media (prefers-color-scheme: dark) {
      text, text.peer, text.limit { fill: #9198a1 } .title { fill: #f0f6fc }
      .ours, text.ours { fill: #fb923c } .peer { fill: #6e7681 } .limit { fill: #3d444d }
      path.ours { stroke: #fb923c } path.peer { stroke: #6e7681 } path.limit { stroke: #9198a1 }
    }";

fn class(side: Side) -> &'static str {
    match side {
        Side::Ours => "ours",
        Side::Peer => "peer",
        Side::Limit => "limit",
    }
}

/// Horizontal bars, in the order given.
pub(crate) fn bars(title: &str, unit: &str, all: &[Bar]) -> String {
    const ROW: f64 = 24.0;
    const LEFT: f64 = 280.0;
    let most = all
        .iter()
        .map(|bar| bar.value)
        .fold(f64::MIN_POSITIVE, f64::max);
    let mut body = String::new();
    for (i, bar) in all.iter().enumerate() {
        let y = 56.0 + i as f64 * ROW;
        let width = (bar.value / most * (WIDTH - LEFT - 80.0)).max(1.0);
        let faulty = if bar.faulty { " faulty" } else { "" };
        let (class, text, middle) = (class(bar.side), &bar.text, y + 13.0);
        let (name, before, after) = (escaped(&bar.label()), LEFT - 8.0, LEFT + width + 6.0);
        let _ = writeln!(
            body,
            "  <text class=\"{class}\" x=\"{before}\" y=\"{middle}\" text-anchor=\"end\">{name}</text>\n  \
             <rect class=\"{class}{faulty}\" x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"17\" rx=\"2\"/>\n  \
             <text class=\"{class}\" x=\"{after:.1}\" y=\"{middle}\">{text}</text>"
        );
    }
    let mut unit = unit.to_owned();
    if all.iter().any(|bar| bar.faulty) {
        unit += " (†: failed a check, see the table)";
    }
    let said = all
        .iter()
        .map(|bar| format!("{}: {}", bar.label(), bar.text))
        .collect::<Vec<_>>();
    framed(
        title,
        &unit,
        &said.join("; "),
        64.0 + all.len() as f64 * ROW,
        &body,
    )
}

impl Bar {
    fn label(&self) -> String {
        let mark = if self.faulty { " †" } else { "" };
        format!("{}{mark}", self.name)
    }
}

/// Lines over numbers that grow tenfold, on a scale that does so too.
pub(crate) fn lines(title: &str, unit: &str, axis: &str, at: &[usize], all: &[Line]) -> String {
    const LEFT: f64 = 60.0;
    const RIGHT: f64 = 520.0;
    const TOP: f64 = 60.0;
    const BOTTOM: f64 = 400.0;
    let values = || all.iter().flat_map(|line| &line.values).copied();
    let (least, most) = (
        values().fold(f64::MAX, f64::min),
        values().fold(0.0, f64::max),
    );
    let steps: Vec<f64> = (0..12)
        .flat_map(|power| [1.0, 2.0, 5.0].map(|n| n * 10f64.powi(power)))
        .collect();
    let first = steps
        .partition_point(|step| *step <= least)
        .saturating_sub(1);
    let last = steps
        .partition_point(|step| *step < most)
        .min(steps.len() - 1);
    let steps = &steps[first..=last];
    let (low, high) = (steps[0].log10(), steps[steps.len() - 1].log10());
    let x = |i: usize| LEFT + (RIGHT - LEFT) * i as f64 / (at.len() - 1).max(1) as f64;
    let y = |value: f64| BOTTOM - (BOTTOM - TOP) * (value.log10() - low) / (high - low).max(0.1);

    let mut body = String::new();
    for step in steps {
        let (y, text) = (y(*step), short(*step));
        let _ = writeln!(
            body,
            "  <line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\n  \
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
            LEFT - 8.0,
            y + 4.0,
        );
    }
    for (i, n) in at.iter().enumerate() {
        let (x, y, text) = (x(i), BOTTOM + 20.0, short(*n as f64));
        let _ = writeln!(
            body,
            "  <text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{text}</text>"
        );
    }
    let middle = f64::midpoint(LEFT, RIGHT);
    let _ = writeln!(
        body,
        "  <text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{axis}</text>",
        BOTTOM + 42.0
    );

    // Ours last, above the others.
    let mut order: Vec<_> = all.iter().collect();
    order.sort_by_key(|line| line.side == Side::Ours);
    for line in &order {
        let points = line
            .values
            .iter()
            .enumerate()
            .map(|(i, value)| format!("{:.1} {:.1}", x(i), y(*value)));
        let points = points.collect::<Vec<_>>().join(" L ");
        let _ = writeln!(
            body,
            "  <path class=\"{}\" d=\"M {points}\"/>",
            class(line.side)
        );
    }
    let last = |line: &Line| y(*line.values.last().expect("a line has points"));
    order.sort_by(|a, b| last(a).total_cmp(&last(b)));
    let wanted: Vec<f64> = order.iter().map(|line| last(line)).collect();
    for (line, label) in order.iter().zip(apart(&wanted, 16.0, BOTTOM)) {
        let end = last(line);
        let _ = writeln!(
            body,
            "  <path class=\"link\" d=\"M {RIGHT} {end:.1} L {:.1} {label:.1}\"/>\n  \
             <text class=\"{}\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            RIGHT + 18.0,
            class(line.side),
            RIGHT + 22.0,
            label + 4.0,
            escaped(&line.name),
        );
    }
    let said = all.iter().map(|line| {
        let values = line.values.iter().map(|value| short(*value));
        format!("{}: {}", line.name, values.collect::<Vec<_>>().join(", "))
    });
    framed(
        title,
        unit,
        &said.collect::<Vec<_>>().join("; "),
        BOTTOM + 56.0,
        &body,
    )
}

/// Places near the wanted ones (which ascend), each at least a gap from the next, none below the bottom.
fn apart(wanted: &[f64], gap: f64, bottom: f64) -> Vec<f64> {
    let mut places = Vec::with_capacity(wanted.len());
    for &place in wanted {
        let free = places.last().map_or(place, |last| last + gap);
        places.push(place.max(free));
    }
    let mut free = bottom;
    for place in places.iter_mut().rev() {
        *place = place.min(free);
        free = *place - gap;
    }
    places
}

fn framed(title: &str, unit: &str, said: &str, height: f64, body: &str) -> String {
    let (title, unit, said) = (escaped(title), escaped(unit), escaped(said));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n  \
         <title id=\"title\">{title}</title>\n  \
         <desc id=\"desc\">{unit}. {said}.</desc>\n  \
         <style>{STYLE}\n  </style>\n  \
         <text class=\"title\" x=\"12\" y=\"22\">{title}</text>\n  \
         <text x=\"12\" y=\"41\">{unit}</text>\n{body}</svg>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_apart_and_inside() {
        assert_eq!(apart(&[10.0, 12.0, 90.0], 16.0, 100.0), [10.0, 26.0, 90.0]);
        assert_eq!(apart(&[95.0, 96.0], 16.0, 100.0), [84.0, 100.0]);
    }

    #[test]
    fn names_are_no_markup() {
        let bar = Bar {
            name: "Map<K>".into(),
            side: Side::Peer,
            value: 1.0,
            text: "1".into(),
            faulty: true,
        };
        let svg = bars("a & b", "ns", &[bar]);
        assert!(
            svg.contains(">Map&lt;K&gt; †</text>") && svg.contains("a &amp; b"),
            "{svg}"
        );
    }
}
