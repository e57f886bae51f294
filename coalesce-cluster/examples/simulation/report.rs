//! What a simulation has shown, as tables.

use std::{fmt, ops::Range, time::Duration};

use super::{
    ledger::Key,
    members::Sent,
    run::{Room, Scale},
};

/// What a row shows of a member.
type Count = fn(&Sent) -> u64;

#[derive(Debug)]
pub(super) struct Report {
    pub(super) scale: Scale,
    /// How many members there ever were.
    pub(super) started: usize,
    /// Calls that ended with their member.
    pub(super) died: u64,
    /// From the hottest on.
    pub(super) keys: Vec<Key>,
    pub(super) sent: Vec<Sent>,
    /// The longest that a call has waited for more than a body.
    pub(super) longest: Duration,
    /// Calls that waited for a second more than a body takes.
    pub(super) held_up: u64,
    pub(super) room: Room,
}

/// Of several keys.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) calls: u64,
    pub(super) answered: u64,
    pub(super) apart: u64,
    pub(super) bodies: u64,
    pub(super) least: u64,
    pub(super) killed: u64,
}

impl Report {
    /// Of the keys of these ranks, counted from 0.
    pub(super) fn sum(&self, ranks: Range<usize>) -> Sum {
        let mut sum = Sum::default();
        for key in &self.keys[ranks] {
            sum.calls += key.calls;
            sum.answered += key.answered;
            sum.apart += key.apart;
            sum.bodies += key.bodies;
            sum.least += key.least;
            sum.killed += key.killed;
        }
        sum
    }

    pub(super) fn all(&self) -> Sum {
        self.sum(0..self.keys.len())
    }

    fn bodies(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| keys, by rank | calls | bodies, each member for itself | bodies | the least possible | killed |"
        )?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|")?;
        let keys = self.keys.len();
        let ranks = [0..1, 1..10, 10..100, 100..1000, 1000..keys, 0..keys];
        for mut ranks in ranks.into_iter().filter(|ranks| ranks.start < keys) {
            ranks.end = ranks.end.min(keys);
            let name = match ranks.end {
                1 => "the hottest".to_owned(),
                end if ranks == (0..keys) => format!("all {}", grouped(end as u64)),
                end => format!(
                    "{} to {}",
                    grouped(ranks.start as u64 + 1),
                    grouped(end as u64)
                ),
            };
            let Sum {
                calls,
                apart,
                bodies,
                least,
                killed,
                ..
            } = self.sum(ranks);
            let cells = [calls, apart, bodies, least, killed].map(grouped);
            writeln!(f, "| {name} | {} |", cells.join(" | "))?;
        }
        Ok(())
    }

    fn messages(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| a member | on average | at most |\n|---|--:|--:|")?;
        let rows: [(&str, Count); 7] = [
            ("asks: a body to run, or a flight to wait for", |sent| {
                sent.begins
            }),
            (
                "says that a body has ended, or asks if anybody waits",
                |sent| sent.ends,
            ),
            ("renews a lease", |sent| sent.renewals),
            ("sends a heartbeat", |sent| sent.beats),
            ("in all that it sends", |sent| {
                sent.begins + sent.ends + sent.renewals + sent.beats
            }),
            ("is given a value", |sent| sent.values),
            ("is told something else", |sent| sent.others),
        ];
        for (name, count) in rows {
            let counts = self.sent.iter().map(count);
            let (sum, most) = (counts.clone().sum::<u64>(), counts.max().unwrap_or(0));
            // Of those that there are at a time.
            let mean = sum / self.scale.members as u64;
            writeln!(f, "| {name} | {} | {} |", grouped(mean), grouped(most))?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Scale {
            time,
            members,
            calls_a_second,
            killed_a_minute,
            ..
        } = self.scale;
        writeln!(
            f,
            "## {} members, {} minutes, {} calls a second, {killed_a_minute} members killed a minute\n",
            grouped(members as u64),
            time.as_secs() / 60,
            grouped(calls_a_second as u64),
        )?;
        self.bodies(f)?;
        writeln!(f)?;
        self.messages(f)?;
        let room = self.room;
        let kilobytes = |bytes: usize| format!("{:.1} kB", bytes as f64 / 1000.0 / members as f64);
        writeln!(
            f,
            "\nMemory by member: {} connected, {} at most in the first tenth of the time, {} at most, {} when all is over. \
             The engine remembers {} things at most, and nothing when all is over.",
            kilobytes(room.connected),
            kilobytes(room.early),
            kilobytes(room.most),
            kilobytes(room.left),
            grouped(room.most_entries as u64),
        )?;
        let Sum {
            calls, answered, ..
        } = self.all();
        writeln!(
            f,
            "{} calls; {} answered, each with a right value; {} died with their members. {} members in all.",
            grouped(calls),
            grouped(answered),
            grouped(self.died),
            grouped(self.started as u64)
        )?;
        writeln!(
            f,
            "The longest wait, beyond a body's time: {:.3} s; {} calls waited for a second more or longer.",
            self.longest.as_secs_f64(),
            grouped(self.held_up)
        )
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
