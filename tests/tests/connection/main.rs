//! How every command that speaks HTTP connects: certificates, proxies, redirects. Shown with `extract-os2mo`.

mod certificates;
mod every;
mod origins;

use muster_tests::cli::{Cli, Ran};
use muster_tests::simulator::os2mo::{Options, Organisation, Os2mo};
use std::path::Path;

fn os2mo() -> Os2mo {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/os2mo");
    Os2mo::start(Organisation::recorded(fixtures), Options::default()).unwrap()
}

/// The command reading the OS2mo at `url`, with one try.
fn extract(url: &str) -> Cli {
    Cli::new("extract-os2mo").args(["--url", url, "--retries", "0"])
}

/// That the read was refused with `status` in one line that holds `why`.
fn assert_refused(ran: Ran, status: i32, why: &str) {
    let ran = ran.with_status(status);
    let told: Vec<_> = ran.stderr.lines().filter(|line| !line.contains("warning")).collect();
    assert!(told.len() == 1 && told[0].contains(why), "{}", ran.stderr);
}
