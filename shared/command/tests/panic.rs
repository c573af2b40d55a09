//! A panic before the log has started: one line, without the data that it was about, and 70.
//!
//! This program runs itself: with an argument it is a command whose parser panics.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a panic is what is tested"
)]

use clap::Parser;
use muster_base::Exit;
use muster_settings::{Declaration, Declared};
use std::process::{Command, ExitCode};

/// Panic
#[derive(Parser)]
#[command(name = "panicking", version)]
struct Args {
    /// What it is about
    #[arg(long, value_parser = panicking)]
    about: Option<String>,
}

impl Declared for Args {
    const DECLARATION: Declaration = Declaration::of("panicking");
}

fn panicking(text: &str) -> Result<String, String> {
    match text {
        "words" => panic!("the words of the code"),
        data => panic!("the record of {data}"),
    }
}

fn told(about: &str) -> String {
    let program = std::env::current_exe().unwrap();
    let ran = Command::new(program).args(["--about", about]).env("NO_COLOR", "1").output().unwrap();
    assert_eq!((ran.status.code(), ran.stdout.as_slice()), (Some(70), &b""[..]));
    let told = String::from_utf8(ran.stderr).unwrap();
    assert!(told.starts_with("panicking: this is a bug of muster ") && told.lines().count() == 1, "{told}");
    assert!(told.contains("panic.rs:") && told.contains("; report it with this line"), "{told}");
    told
}

fn main() -> ExitCode {
    // The test runner's own arguments come from nobody here but us.
    if std::env::args().any(|argument| argument == "--about") {
        return muster_command::filter(|_: Args, _| Ok(Exit::Done));
    }
    assert!(!told("Ane Larsen").contains("Ane"));
    assert!(told("words").contains(": the words of the code;"));
    println!("a panic before the log has started ... ok");
    ExitCode::SUCCESS
}
