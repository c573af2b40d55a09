//! `map`: records in the target's terms, by a spec.

mod settings;
mod summary;

use clap::Parser;
use muster_base::{Error, Exit};
use muster_command::{Context, standard_output};
use muster_mapping::{Options, Spec, run, shipped};
use muster_settings::{Declaration, Declared, Layers, Shown};
use muster_stream::{Rejects, Writer};
use std::io::{BufReader, Write, stdin};
use std::path::PathBuf;
use std::process::ExitCode;

/// Read records from standard input and write them in the target's terms
#[derive(Parser)]
#[command(name = "map", version, after_help = EXAMPLES)]
struct Args {
    /// Spec to map by: a file (with / or .json), or the name of a shipped one
    #[arg(long, value_name = "FILE-or-NAME", required_unless_present_any = ["list", "show", "show_settings", "generate"])]
    spec: Option<String>,

    /// Give a setting of the spec a value; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = settings::pair)]
    set: Vec<(String, String)>,

    /// Keep rejected records, each with its reason, in this file
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,

    /// Read texts as literals of Python, as the Oomnitza connector's managed runs do: 5E10 is a number
    #[arg(long)]
    compat_literals: bool,

    /// Take an input without `_end` for complete, as hand-made files are
    #[arg(long)]
    assume_complete: bool,

    /// Name the shipped specs
    #[arg(long)]
    list: bool,

    /// Print a shipped spec
    #[arg(long, value_name = "NAME")]
    show: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  extract-os2mo | map --spec os2sync --set top_unit_uuid=a8b26d0c-… | push-os2sync
  map --show os2sync > my-os2sync.json";

impl Declared for Args {
    const DECLARATION: Declaration =
        Declaration { manual: include_str!("manual.roff"), ..Declaration::of("map") };

    fn further_settings(&self, layers: &Layers) -> Result<Vec<Shown>, Error> {
        let Some(name) = &self.spec else { return Ok(Vec::new()) };
        let spec = Spec::find(name)?;
        settings::warn_of_keys(&spec, layers);
        settings::shown(&spec, &self.set, layers)
    }
}

fn map(args: Args, context: &Context) -> Result<Exit, Error> {
    if args.list || args.show.is_some() {
        return print(args.show.as_deref());
    }
    let mut spec = Spec::find(args.spec.as_deref().unwrap_or_default())?;
    if args.compat_literals {
        spec = spec.compat_literals();
    }
    settings::warn_of_keys(&spec, context.layers());
    let engine = spec.compile(settings::values(&spec, &args.set, context.layers())?)?;
    for warning in engine.warnings() {
        tracing::warn!("{warning}");
    }
    let mut output = Writer::new(standard_output()?, context.name());
    let mut rejects =
        args.rejects.as_deref().map(|path| Rejects::create(path, context.name())).transpose()?;
    let options = Options {
        from: context.name().to_owned(),
        assume_complete: args.assume_complete,
        ..Options::default()
    };
    let summary =
        run(&engine, BufReader::with_capacity(1 << 16, stdin()), &mut output, rejects.as_mut(), &options)?;
    if let Some(rejects) = &mut rejects {
        rejects.end()?;
    }
    Ok(summary::tell(&summary, args.rejects.as_deref()))
}

/// The shipped specs' names, or one of them whole.
fn print(name: Option<&str>) -> Result<Exit, Error> {
    let mut output = standard_output()?;
    match name {
        Some(name) => {
            let unknown =
                || Error::new(Exit::Usage, format!("no spec '{name}' is shipped")).hint("see `map --list`");
            let (_, text) = shipped().iter().find(|(shipped, _)| *shipped == name).ok_or_else(unknown)?;
            output.write_all(text.as_bytes())?;
        }
        None => {
            for (name, _) in shipped() {
                writeln!(output, "{name}: {}", Spec::find(name)?.about())?;
            }
        }
    }
    output.flush()?;
    Ok(Exit::Done)
}

fn main() -> ExitCode {
    muster_command::filter(map)
}
