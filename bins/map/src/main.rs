//! `map`: records in the target's terms, by a spec.

mod check;
mod explain;
mod import;
mod profile;
mod settings;
mod summary;

use clap::Parser;
use muster_base::{Error, Exit};
use muster_command::{Context, standard_output};
use muster_mapping::{Form, Options, Spec, run, shipped};
use muster_settings::{Declaration, Declared, Layers, OldFile, Shown};
use muster_stream::{Rejects, Writer};
use std::io::{BufReader, Write, stdin};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Read records from standard input and write them in the target's terms
#[derive(Parser)]
#[command(name = "map", version, after_help = EXAMPLES)]
struct Args {
    /// Spec to map by: a file (with / or .json), or the name of a shipped one
    #[arg(long, value_name = "FILE-or-NAME", required_unless_present_any = ["list", "show", "schema", "check", "import", "show_settings", "example_config", "generate"])]
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

    /// Longest line that is taken, in MiB; a longer one is rejected
    #[arg(long, value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024))]
    max_line: u16,

    /// Print how each record comes about instead of the records: text for people, or json
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "text", value_parser = explain::form)]
    explain: Option<Form>,

    /// Explain only this source record, with --explain; may be repeated
    #[arg(long, value_name = "KIND/KEY", value_parser = explain::name)]
    key: Vec<(String, String)>,

    /// Say at the end what each part of the spec took and how often it was null, missing, unknown or rejected
    #[arg(long, conflicts_with = "explain")]
    profile: bool,

    /// Look for mistakes in specs, all at once, with line and column; without SPEC in that of --spec
    #[arg(long, value_name = "SPEC", num_args = 0..)]
    check: Option<Vec<String>>,

    /// Print the JSON Schema of specs, for editors
    #[arg(long)]
    schema: bool,

    /// Name the shipped specs
    #[arg(long)]
    list: bool,

    /// Print a shipped spec
    #[arg(long, value_name = "NAME")]
    show: Option<String>,

    /// Print the spec that does what section --section of this config.ini of the Oomnitza connector does
    #[arg(long, value_name = "FILE")]
    import: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  extract-os2mo | map --spec os2sync --set top_unit_uuid=a8b26d0c-… | push-os2sync
  map --show os2sync > my-os2sync.json; map --check my-os2sync.json
  map --import config.ini --section ldap > ldap.json
  extract-os2mo | map --spec ./my-os2sync.json --explain --key person/7c1e… | less";

impl Declared for Args {
    const DECLARATION: Declaration = Declaration {
        section_is_shared: true,
        old_file: Some(OldFile::OF_EXPORTER),
        manual: include_str!("manual.roff"),
        ..Declaration::of("map")
    };

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
    if args.schema {
        return check::print_schema();
    }
    if let Some(file) = &args.import {
        return print_imported(file, context.layers());
    }
    if let Some(specs) = &args.check {
        return check::check(&specs.iter().chain(&args.spec).map(String::as_str).collect::<Vec<_>>());
    }
    context.layers().check_section()?;
    let mut spec = Spec::find(args.spec.as_deref().unwrap_or_default())?;
    if args.compat_literals {
        spec = spec.compat_literals();
    }
    settings::warn_of_keys(&spec, context.layers());
    let engine = spec.compile(settings::values(&spec, &args.set, context.layers())?)?;
    for warning in engine.warnings() {
        tracing::warn!("{warning}");
    }
    if let Some(form) = args.explain {
        return explain::print(&spec, &engine, form, &args.key);
    }
    if !args.key.is_empty() {
        return Err(Error::new(Exit::Usage, "--key goes with --explain").hint("add `--explain`"));
    }
    let engine = if args.profile { engine.profiled(&spec) } else { engine };
    let mut output = Writer::new(standard_output()?, context.name());
    let mut rejects =
        args.rejects.as_deref().map(|path| Rejects::create(path, context.name())).transpose()?;
    let options = Options {
        from: context.name().to_owned(),
        assume_complete: args.assume_complete,
        // Threads that wait for each other would be in the times.
        workers: args.profile.then_some(NonZero::<usize>::MIN),
        max_line: usize::from(args.max_line) << 20,
    };
    let summary =
        run(&engine, BufReader::with_capacity(1 << 16, stdin()), &mut output, rejects.as_mut(), &options)?;
    if let Some(rejects) = &mut rejects {
        rejects.end()?;
    }
    profile::tell(&engine.profile());
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

/// The spec that a section of an Oomnitza configuration comes to.
fn print_imported(file: &Path, layers: &Layers) -> Result<Exit, Error> {
    let imported = import::import(file, layers)?;
    let mut output = standard_output()?;
    output.write_all(imported.text.as_bytes())?;
    output.flush()?;
    Ok(imported.exit)
}

fn main() -> ExitCode {
    muster_command::filter(map)
}
