//! The three ways a command runs: as a source, as a filter, as a target.

use crate::arguments::{self, Beside, Parsed};
use crate::{Context, Progress, Stop, log, memory, standard_output};
use muster_base::{Error, Exit};
use muster_settings::{Declared, Kept, Layers};
use muster_stream::Writer;
use std::panic::PanicHookInfo;
use std::process::ExitCode;
use std::sync::Mutex;

/// Run a source: `work` writes records; the end line, complete or not, is written here.
///
/// A failed read still writes its `_end`, with `complete:false` and the reason; so does one that a signal stops.
pub fn extract<A: Declared>(
    work: impl AsyncFnOnce(A, &Context, &mut Writer) -> Result<(), Error>,
) -> ExitCode {
    run(Some(Layers::kept_value), |arguments: A, context| {
        let mut output = Writer::new(standard_output()?, context.name());
        let outcome = block_on(context, async |context| {
            let stop = context.stop.clone();
            tokio::select! {
                outcome = work(arguments, context, &mut output) => outcome,
                signal = asked(stop) => Err(Error::new(Exit::Stopped, format!("stopped by {signal}"))),
            }
        });
        let exit = match &outcome {
            Ok(()) if output.errors_so_far() > 0 => Exit::Look,
            _ => Exit::Done,
        };
        match outcome {
            Ok(()) if output.in_segment() => output.end(None)?,
            Ok(()) => (),
            Err(error) if error.is_quiet() => return Err(error),
            Err(error) => {
                // The first failure is the one to tell of; that the end could not be written either shows downstream.
                let _ = output.end(Some(error.to_string()));
                return Err(error);
            }
        }
        Ok(exit)
    })
}

/// Run a filter: `work` reads a stream and writes one, without a network. Its settings come from no strongbox.
pub fn filter<A: Declared>(work: impl FnOnce(A, &Context) -> Result<Exit, Error>) -> ExitCode {
    run(None, |arguments: A, context| work(arguments, context))
}

/// Run a target: `work` reads a stream and changes a remote system. It watches `context.stop` itself, to finish the
/// request in hand.
pub fn push<A: Declared>(work: impl AsyncFnOnce(A, &Context) -> Result<Exit, Error>) -> ExitCode {
    run(Some(Layers::kept_value), |arguments: A, context| {
        block_on(context, async |context| work(arguments, context).await)
    })
}

/// The same; where the arguments ask for something `beside` a run, that is done instead, and nothing that a run requires
/// has to be there.
pub fn push_or<A: Declared>(
    beside: Beside,
    work: impl AsyncFnOnce(A, &Context) -> Result<Exit, Error>,
) -> ExitCode {
    run_or(Some(beside), Some(Layers::kept_value), |arguments: A, context| {
        block_on(context, async |context| work(arguments, context).await)
    })
}

async fn asked(stop: Option<Stop>) -> &'static str {
    match stop {
        Some(stop) => stop.wait().await,
        None => std::future::pending().await,
    }
}

fn block_on<T>(
    context: &mut Context,
    work: impl AsyncFnOnce(&Context) -> Result<T, Error>,
) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let outcome = runtime.block_on(async {
        context.stop = Some(Stop::listen()?);
        work(context).await
    });
    runtime.shutdown_background();
    outcome
}

fn run<A: Declared>(
    kept: Option<Kept>,
    work: impl FnOnce(A, &mut Context) -> Result<Exit, Error>,
) -> ExitCode {
    run_or(None, kept, work)
}

fn run_or<A: Declared>(
    beside: Option<Beside>,
    kept: Option<Kept>,
    work: impl FnOnce(A, &mut Context) -> Result<Exit, Error>,
) -> ExitCode {
    memory::keep_private();
    let command = arguments::command::<A>();
    let name = command.get_name().to_owned();
    let version = command.get_version().unwrap_or_default().to_owned();
    let who = (name.clone(), version.clone());
    std::panic::set_hook(Box::new(move |panic| tell_of_panic(&who.0, &who.1, panic)));
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        match arguments::parse::<A>(beside, kept)? {
            Parsed::Done(exit) => Ok(exit),
            Parsed::Run(arguments, layers) => {
                let progress = Progress::start(&name);
                let mut context = Context {
                    name: format!("{name} {version}"),
                    layers: *layers,
                    progress,
                    stop: None,
                    told: Mutex::default(),
                };
                let outcome = work(*arguments, &mut context);
                progress.end();
                outcome
            }
        }
    }));
    match outcome {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(error)) => told(&error).into(),
        Err(_) => Exit::Bug.into(),
    }
}

/// Tell of `error` and give its exit code.
fn told(error: &Error) -> Exit {
    if error.is_quiet() {
        return Exit::Done;
    }
    tracing::error!("{error}");
    for cause in error.causes() {
        tracing::info!("because: {cause}");
    }
    error.exit()
}

/// Say that a panic is our bug, before the log started, too. Only words that stand in the code as they are belong to the
/// line: what was put together may hold data.
fn tell_of_panic(name: &str, version: &str, panic: &PanicHookInfo) {
    log::start(name, log::Level::Normal, log::Form::Text);
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let words = panic.payload().downcast_ref::<&'static str>().map(|words| format!(": {words}"));
    tracing::error!(
        "this is a bug of muster {version} ({place}){}; report it with this line and the command that was run",
        words.unwrap_or_default()
    );
}
