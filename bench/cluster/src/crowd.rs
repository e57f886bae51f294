//! Processes that all call one key, as fast as they are answered: how many bodies run, and how many calls are answered.

use std::{fmt::Write as _, time::Duration};

use crate::{
    load::processes,
    member::{Role, Way},
    number::short,
    server::Server,
};

const CALLERS: u64 = 10;
const BODY: Duration = Duration::from_millis(20);

pub(crate) fn table(server: &Server, quick: bool) -> String {
    let (counts, time): (&[usize], _) = if quick {
        (&[2, 4], Duration::from_millis(500))
    } else {
        (&[2, 4, 8, 16], Duration::from_secs(4))
    };
    let mut text = format!(
        "## Processes that call one key, with {CALLERS} callers each and a body of {} ms\n\n\
         | processes | | calls answered a second | bodies a second | calls for each body |\n\
         |--:|---|--:|--:|--:|\n",
        BODY.as_millis()
    );
    let mut local = 0;
    for count in counts {
        for way in [Way::Cluster, Way::ByHand, Way::Apart] {
            let role = Role {
                way,
                url: server.url(),
                callers: CALLERS,
                keys: 1,
                body: BODY,
                time,
            };
            let done = processes(&role, *count);
            assert_eq!(done.wrong, 0, "values of another key");
            local += done.local;
            let name = match way {
                Way::Cluster => "`coalesced`, through the Redis",
                Way::ByHand => "by hand, through the Redis",
                Way::Apart | Way::Ping => "`coalesced`, each process for itself",
            };
            let second = |number: u64| short(number as f64 / time.as_secs_f64());
            let _ = writeln!(
                text,
                "| {count} | {name} | {} | {} | {} |",
                second(done.calls),
                second(done.bodies),
                short(done.calls as f64 / done.bodies as f64),
            );
        }
    }
    let most = 1.0 / BODY.as_secs_f64();
    let _ = writeln!(
        text,
        "\nBodies of one key can run {} times a second, one after the other.",
        short(most)
    );
    if local > 0 {
        let _ = writeln!(
            text,
            "\n{local} calls were not sent, since the server took 250 ms to answer."
        );
    }
    text
}
