//! Commands that know where the simulated Swit is.

use muster_tests::cli::Cli;
use muster_tests::simulator::swit::{ACCESS_TOKEN, Swit};

/// The command `name` with the addresses of `swit` and an administrator's token; it waits for nothing.
pub fn command(name: &str, swit: &Swit) -> Cli {
    Cli::new(name)
        .args(["--base-url", &swit.url(), "--scim-url", &swit.scim_url(), "--retry-wait", "0"])
        .env("SWIT_ACCESS_TOKEN", ACCESS_TOKEN)
}
