//! What every push is asked, and its way from standard input to the exit code.

mod command;
mod removal;

pub use removal::{Removal, WhatOfForeign, WhatOfMissing};

use crate::beside::Beside;
use crate::conduct::Conduct;
use crate::input::Input;
use crate::{Foreign, OnMissing, Options, Resend, Summary, Target, push};
use muster_base::{Error, Exit};
use muster_command::{Context, Stop, standard_output};
use muster_stream::{Form, Writer};
use std::path::{Path, PathBuf};

/// The arguments of every push: flattened into those of a command.
#[derive(clap::Args, Clone, Debug)]
pub struct Arguments {
    /// Records or changes to push; standard input when it is `-` or nothing
    #[arg(value_name = "FILE")]
    input: Option<PathBuf>,

    /// File that remembers what was accepted, so that only changes are sent; without it everything is
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,

    /// Print each request that would be sent, and send none
    #[arg(long)]
    dry_run: bool,

    /// Keep refused, skipped and failed lines, with their reasons, for another push
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) conduct: Conduct,

    #[command(flatten)]
    beside: Beside,

    /// Once ten objects have failed, stop when they are more than this share of those tried, in percent
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

    /// Send objects although nothing of them changed: all, those of a kind, or one by KIND/KEY; repeatable
    #[arg(long, value_name = "WHAT")]
    resend: Vec<Resend>,

    /// Enter into the ledger what the program before this one owned: lines of kinds and keys, or a hash cache
    #[arg(long, value_name = "FILE", requires = "ledger")]
    adopt_from: Option<PathBuf>,

    /// Bind the ledger to this target: it has moved here
    #[arg(long, requires = "ledger")]
    rebind: bool,

    /// What is taken away.
    #[command(flatten)]
    pub removal: Removal,
}

/// Where a file is, or will be.
fn same(path: &Option<PathBuf>) -> Option<PathBuf> {
    let path = path.as_ref()?;
    path.canonicalize().ok().or_else(|| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    })
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

    /// Whether nothing is to be sent.
    pub fn is_dry(&self) -> bool {
        self.dry_run
    }

    /// A rejects file is begun anew before the input is read, and values before are written to a file of their own, so
    /// neither may be a file that is used for something else.
    fn check(&self) -> Result<(), Error> {
        let used = [
            ("the input itself", &self.input),
            ("the ledger", &self.ledger),
            ("the file of --adopt-from", &self.adopt_from),
            ("the file of --keep-before", &self.conduct.keep_before),
        ];
        let (rejects, kept) = (same(&self.rejects), same(&self.conduct.keep_before));
        let is = |place: &Option<PathBuf>, other| place.is_some() && *place == same(other);
        let names = |flag, what| {
            Err(Error::new(Exit::Usage, format!("{flag} names {what}")).hint("name another file"))
        };
        match used.into_iter().find(|(_, path)| is(&rejects, path)) {
            Some((what, _)) => names("--rejects", what),
            None if is(&kept, &self.ledger) => names("--keep-before", "the ledger"),
            None => Ok(()),
        }
    }

    fn options(&self, from: &str) -> Options {
        Options {
            from: from.to_owned(),
            ledger: self.ledger.clone(),
            spool_dir: self.spool_dir.clone(),
            rejects: self.rejects.clone(),
            dry_run: self.dry_run,
            require_complete: self.require_complete,
            assume_complete: self.assume_complete,
            parallel: usize::from(self.conduct.parallel),
            max_failures: self.max_failures,
            only: self.conduct.only.clone(),
            keep_before: self.conduct.keep_before.clone(),
            retain: self.conduct.retain,
            command: match self.input.as_deref() {
                Some(file) if file != Path::new("-") => command::called(),
                _ => format!("… | {}", command::called()),
            },
            rebind: self.rebind,
            adopt_from: self.adopt_from.clone(),
            resend: self.resend.clone(),
            on_missing: self.removal.on_missing.map(OnMissing::from),
            after_runs: self.removal.after_runs,
            after_days: self.removal.after_days,
            accept_scope_change: self.removal.accept_scope_change,
            foreign: self.removal.foreign.map(Foreign::from).unwrap_or_default(),
            max_deletes: self.removal.max_deletes,
            max_foreign: self.removal.max_foreign,
            max_changes: self.removal.max_changes,
            approve: self.removal.approve.as_ref().map(|digest| digest.replace('-', "").to_lowercase()),
        }
    }
}

/// Push the input to `target`: results on standard output, the summary on standard error.
pub async fn deliver(
    target: &mut impl Target,
    arguments: &Arguments,
    context: &Context,
) -> Result<Exit, Error> {
    arguments.check()?;
    arguments.conduct.start(context);
    let input = Input::open(arguments.input.as_deref(), context.stop.clone())?;
    let mut output = Writer::new(standard_output()?, context.name());
    output.form(Form::Changes);
    output.scope(target.identity());
    let options = arguments.options(context.name());
    let stop = async {
        match &context.stop {
            Some(stop) => {
                let by = stop.wait().await;
                tracing::warn!("stopped by {by}: what is in hand is finished");
            }
            None => std::future::pending().await,
        }
    };
    let say = |what: String| context.progress.say(what);
    match push(target, input, &mut output, &options, stop, &say).await {
        Ok(summary) => told(summary, &options, context),
        Err(error) => {
            let stopped = context.stop.as_ref().and_then(Stop::requested);
            let error = match stopped {
                Some(signal) => {
                    Error::new(Exit::Stopped, format!("stopped by {signal} before the first request"))
                }
                None => error,
            };
            // The first failure is the one to tell of; that the end could not be written either shows downstream.
            let _ = output.end(Some(error.to_string()));
            Err(error)
        }
    }
}

fn told(summary: Summary, options: &Options, context: &Context) -> Result<Exit, Error> {
    if let Some(why) = &summary.partial {
        let kept = if options.require_complete { "nothing was done" } else { "nothing is taken away" };
        tracing::warn!("the input is partial: {why}; {kept}");
    }
    match &summary.refusal {
        Some(refusal) if !summary.dry_run => {
            context.summary(refusal);
            if tracing::enabled!(target: "summary", tracing::Level::INFO) {
                // All is said: whoever hears errors alone gets it in one line.
                return Err(Error::new(Exit::Guard, "refused by the guard, nothing was sent"));
            }
        }
        Some(refusal) => context.summary(&format!("{summary}\n\n{refusal}")),
        None => context.summary(&summary.to_string()),
    }
    // Of the reasons to end, the weightiest is the exit code: the ledger remembers it as well.
    let exit = summary.exit();
    if let Some(error) = &summary.error {
        tracing::error!("{error}");
        for cause in error.causes() {
            tracing::info!("because: {cause}");
        }
    }
    Ok(exit)
}
