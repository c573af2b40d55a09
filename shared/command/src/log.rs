//! What a command says on standard error: one line an event, each with the command's name, CPR numbers masked.

use crate::progress;
use muster_base::text;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, MakeWriter};
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;

/// The target of what is always said, unless the command is told to be quiet: summaries.
pub(crate) const SUMMARY: &str = "summary";

/// How much is said.
#[derive(Clone, Copy)]
pub(crate) enum Level {
    Quiet,
    Normal,
    More,
    Requests,
}

impl Level {
    pub(crate) fn of(verbose: u8, quiet: bool) -> Self {
        match verbose {
            _ if quiet => Self::Quiet,
            0 => Self::Normal,
            1 => Self::More,
            _ => Self::Requests,
        }
    }

    fn targets(self) -> Targets {
        match self {
            Self::Quiet => Targets::new().with_default(LevelFilter::ERROR),
            Self::Normal => {
                Targets::new().with_default(LevelFilter::WARN).with_target(SUMMARY, LevelFilter::INFO)
            }
            Self::More => Targets::new()
                .with_default(LevelFilter::WARN)
                .with_target(SUMMARY, LevelFilter::INFO)
                .with_targets(ours(LevelFilter::INFO)),
            Self::Requests => Targets::new()
                .with_default(LevelFilter::INFO)
                .with_target(SUMMARY, LevelFilter::INFO)
                .with_targets(ours(LevelFilter::DEBUG)),
        }
    }
}

/// The targets of our own code: other crates' chatter is not for administrators.
fn ours(level: LevelFilter) -> impl Iterator<Item = (&'static str, LevelFilter)> {
    ["muster_", "extract_", "push_", "map", "diff", "strongbox"]
        .into_iter()
        .map(move |target| (target, level))
}

/// The form of what is said: lines for people, or one JSON object a line.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Form {
    // No doc comments here: with them, the help of every command would take four lines an option.
    Text,
    Json,
}

/// Start the log of the command `name`. Once; later calls change nothing.
pub(crate) fn start(name: &str, level: Level, form: Form) {
    let targets = level.targets();
    let started = match form {
        Form::Text => {
            let layer = tracing_subscriber::fmt::layer()
                .event_format(Lines { name: name.to_owned() })
                .with_writer(Masked);
            tracing_subscriber::registry().with(layer.with_filter(targets)).try_init()
        }
        Form::Json => {
            let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(Masked);
            tracing_subscriber::registry().with(layer.with_filter(targets)).try_init()
        }
    };
    // A second start would say the same things twice.
    drop(started);
}

/// Events as `name: message`, warnings as `name: warning: message`.
struct Lines {
    name: String,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let (before, after) = match *event.metadata().level() {
            tracing::Level::WARN if colours() => ("\u{1b}[33mwarning:\u{1b}[0m ", ""),
            tracing::Level::WARN => ("warning: ", ""),
            tracing::Level::ERROR if colours() => ("\u{1b}[31m", "\u{1b}[0m"),
            _ => ("", ""),
        };
        write!(writer, "{}: {before}", self.name)?;
        context.field_format().format_fields(writer.by_ref(), event)?;
        writeln!(writer, "{after}")
    }
}

fn colours() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Standard error, with everything of the form of a CPR number masked.
struct Masked;

impl<'a> MakeWriter<'a> for Masked {
    type Writer = Masked;

    fn make_writer(&'a self) -> Self {
        Masked
    }
}

impl Write for Masked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = text::mask(&String::from_utf8_lossy(bytes));
        progress::beside(|| io::stderr().write_all(line.as_bytes()))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
