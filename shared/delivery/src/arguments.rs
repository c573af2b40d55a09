//! What every push is asked, and its way from standard input to the exit code.

use crate::{Foreign, Options, Target, push};
use muster_base::{Error, Exit};
use muster_command::{Context, standard_output};
use muster_stream::Writer;
use std::fs::File;
use std::io::{BufRead, BufReader, stdin};
use std::path::{Path, PathBuf};

/// The arguments of every push: flattened into those of a command.
#[derive(clap::Args, Clone, Debug)]
pub struct Arguments {
    /// Records or changes to push; standard input when it is `-` or nothing
    #[arg(value_name = "FILE")]
    input: Option<PathBuf>,

    /// File that remembers what was accepted, so that only changes are sent; without it everything is
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,

    /// Print each request that would be sent, and send none
    #[arg(long)]
    dry_run: bool,

    /// Keep refused, skipped and failed lines, with their reasons, for another push
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,

    /// Objects side by side
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub parallel: u16,

    /// Stop when more than this share of the objects tried has failed, in percent; the first ten failures are free
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0, value_parser = percent)]
    max_failures: f64,

    /// Do nothing when the input is partial
    #[arg(long)]
    require_complete: bool,

    /// Take an input without `_end` for complete, as hand-made files are
    #[arg(long)]
    assume_complete: bool,

    /// Directory for the input while it is read [default: where the ledger is, else the system's]
    #[arg(long, value_name = "DIR")]
    spool_dir: Option<PathBuf>,
}

fn percent(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
        _ => Err("it is no number between 0 and 100".to_owned()),
    }
}

impl Arguments {
    /// Send nothing, whatever the flag says.
    pub fn dry(self) -> Self {
        Self { dry_run: true, ..self }
    }

    fn options(&self, from: &str, foreign: Foreign) -> Options {
        Options {
            from: from.to_owned(),
            ledger: self.ledger.clone(),
            spool_dir: self.spool_dir.clone(),
            rejects: self.rejects.clone(),
            dry_run: self.dry_run,
            require_complete: self.require_complete,
            assume_complete: self.assume_complete,
            parallel: usize::from(self.parallel),
            max_failures: self.max_failures,
            foreign,
        }
    }
}

/// Push the input to `target`: results on standard output, the summary on standard error.
pub async fn deliver(
    target: &mut impl Target,
    arguments: &Arguments,
    foreign: Foreign,
    context: &Context,
) -> Result<Exit, Error> {
    let input = input(arguments.input.as_deref())?;
    let mut output = Writer::new(standard_output()?, context.name());
    output.scope(target.identity());
    let options = arguments.options(context.name(), foreign);
    let stop = async {
        match &context.stop {
            Some(stop) => drop(stop.wait().await),
            None => std::future::pending().await,
        }
    };
    let summary = push(target, input, &mut output, &options, stop).await?;
    if let Some(why) = &summary.partial {
        let kept = if options.require_complete { "nothing was done" } else { "nothing is taken away" };
        tracing::warn!("the input is partial: {why}; {kept}");
    }
    context.summary(&summary.to_string());
    let exit = summary.exit();
    summary.error.map_or(Ok(exit), Err)
}

fn input(path: Option<&Path>) -> Result<Box<dyn BufRead>, Error> {
    let Some(path) = path.filter(|path| *path != Path::new("-")) else {
        return Ok(Box::new(stdin().lock()));
    };
    let file = File::open(path)
        .map_err(|error| Error::new(Exit::Io, format!("cannot read '{}': {error}", path.display())))?;
    Ok(Box::new(BufReader::new(file)))
}
