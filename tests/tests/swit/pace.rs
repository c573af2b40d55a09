//! How fast `push-swit` writes when nobody says how fast.

use crate::fixture::{person, state};
use muster_tests::cli::Cli;
use muster_tests::simulator::Limited;
use muster_tests::simulator::swit::{ACCESS_TOKEN, Swit};
use serde_json::Value;
use std::time::Duration;

/// Writes a second that Swit's own example sends.
const TAKEN: u32 = 5;

fn push(swit: &Swit, people: &[Value]) -> Cli {
    Cli::new("push-swit")
        .args(["--base-url", &swit.url(), "--scim-url", &swit.scim_url()])
        .env("SWIT_ACCESS_TOKEN", ACCESS_TOKEN)
        .stdin(state(people))
}

#[test]
fn a_server_that_takes_five_a_second_refuses_next_to_nothing() {
    let people: Vec<Value> = (0..30).map(|number| person(&format!("P{number}"))).collect();
    for windows in [false, true] {
        let swit = Swit::start(Default::default());
        swit.limit().set(Limited { windows, ..Limited::new(TAKEN, Duration::from_secs(1)) });
        push(&swit, &people).run().with_status(0);
        let (taken, refused) = swit.limit().counts();
        assert_eq!(swit.organisation().users.len(), 31);
        assert!(refused * 20 <= taken + refused, "{refused} of {} were refused", taken + refused);
    }
}

#[test]
fn the_pace_can_be_set_and_is_shown() {
    let shown = |arguments: &[&str], config: &str| {
        let cli = Cli::new("push-swit").args(["--show-settings"]).args(arguments).file("config.ini", config);
        let text = cli.run().with_status(0).stdout;
        text.lines()
            .find(|line| line.starts_with("rate = "))
            .unwrap()
            .split_whitespace()
            .nth(2)
            .unwrap()
            .to_owned()
    };
    assert_eq!(shown(&[], ""), "5/s");
    assert_eq!(shown(&[], "[swit]\nrate = 100/m\n"), "100/m");
    assert_eq!(shown(&["--rate", "20"], "[swit]\nrate = 100/m\n"), "20");
    let help = Cli::new("push-swit").args(["--help"]).run().with_status(0).stdout;
    assert!(help.contains("[default: 5/s]"), "{help}");
}
