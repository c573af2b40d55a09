//! Arguments and settings of a command, from all layers.

use crate::{generate, log, standard_output};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Args, Command, FromArgMatches};
use muster_base::{Error, Exit};
use muster_settings::{Declaration, Declared, File, Kept, Layers, value::HOUSE, without_variables};
use std::io::Write;
use std::path::PathBuf;

// The arguments that every command has; a doc comment here would become the summary of every command.
#[derive(Args)]
#[command(next_help_heading = HOUSE)]
pub(crate) struct House {
    /// Settings file, INI or JSON [default: $MUSTER_CONFIG, ./config.ini, ~/.config/muster/config.ini, /etc/muster/config.ini]
    #[arg(long, value_name = "FILE", help_heading = HOUSE)]
    config: Option<PathBuf>,

    /// File of variables, NAME=value a line, which stand behind those of the environment [default: ./.env]
    #[arg(long, value_name = "FILE", help_heading = HOUSE)]
    env_file: Option<PathBuf>,

    /// Section of the settings file, when it is not the usual one
    #[arg(long, value_name = "NAME", help_heading = HOUSE)]
    section: Option<String>,

    /// Print every setting with its value and origin, and end
    #[arg(long, help_heading = HOUSE)]
    show_settings: bool,

    /// Print a section for the settings file, every setting explained, and end
    #[arg(long, help_heading = HOUSE)]
    example_config: bool,

    /// Say more: -v what is done, -vv every request
    #[arg(short, long, action = clap::ArgAction::Count, help_heading = HOUSE)]
    verbose: u8,

    /// Say nothing but errors
    #[arg(short, long, conflicts_with = "verbose", help_heading = HOUSE)]
    quiet: bool,

    /// Form of what is said on standard error
    #[arg(long, value_name = "FORM", default_value = "text", help_heading = HOUSE)]
    log_format: log::Form,

    /// Print the manual page or a shell's completions, and end
    #[arg(long, value_name = "WHAT", hide = true, help_heading = HOUSE)]
    generate: Option<generate::What>,
}

/// What came of the arguments.
pub(crate) enum Parsed<A> {
    /// The command is to run.
    Run(Box<A>, Box<Layers>),
    /// All that was asked for is done.
    Done(Exit),
}

/// What a command does instead of its work when its arguments ask for it, given them and the command's name and version.
pub type Beside = fn(&ArgMatches, &str) -> Option<Result<Exit, Error>>;

/// The command as clap knows it, our own arguments and the environment included.
pub(crate) fn command<A: Declared>() -> Command {
    let command = House::augment_args(Layers::with_variables(&A::DECLARATION, A::command()));
    let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let settings = generate::where_settings_stand(&command, &A::DECLARATION);
    command.after_help(format!("{examples}\n\n{settings}"))
}

/// The arguments of this process. The log speaks from the moment that its own flags are known.
pub(crate) fn parse<A: Declared>(beside: Option<Beside>, kept: Option<Kept>) -> Result<Parsed<A>, Error> {
    let command = command::<A>();
    let name = command.get_name().to_owned();
    // What is required may stand in the file, which is not yet known; so may what a variable refers to.
    let relaxed = without_variables(command.clone()).mut_args(|arg| arg.required(false));
    let flags = match relaxed.try_get_matches() {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => {
            return error.print().map(|()| Parsed::Done(Exit::Done)).map_err(Error::from);
        }
        Err(error) => {
            log::start(&name, log::Level::Normal, log::Form::Text);
            return Err(usage(&error, &name, &A::DECLARATION));
        }
    };
    let house = House::from_arg_matches(&flags).map_err(|error| usage(&error, &name, &A::DECLARATION))?;
    log::start(&name, log::Level::of(house.verbose, house.quiet), house.log_format);
    if let Some(what) = house.generate {
        return what.print(command, &A::DECLARATION).map(|()| Parsed::Done(Exit::Done));
    }
    if house.example_config {
        // Without the variables of this environment.
        return write(&A::DECLARATION.example(&A::command())).map(|()| Parsed::Done(Exit::Done));
    }
    let file = File::load(house.config.as_deref(), A::DECLARATION.old_file)?
        .with_variables(house.env_file.as_deref())?;
    let mut layers = Layers::new(A::DECLARATION, house.section.as_deref(), file);
    if !A::DECLARATION.section_is_shared {
        layers.check_section()?;
    }
    layers.check_keys(&command);
    let command = layers.with_given(command, &flags, kept)?;
    let command = if house.show_settings { command.mut_args(|arg| arg.required(false)) } else { command };
    let explained = |error: clap::Error| {
        layers.explained(&error).unwrap_or_else(|| usage(&error, &name, &A::DECLARATION))
    };
    if let Some(beside) = beside.filter(|_| !house.show_settings) {
        let relaxed = command.clone().mut_args(|arg| arg.required(false));
        let matches = relaxed.try_get_matches().map_err(explained)?;
        let name = format!("{name} {}", command.get_version().unwrap_or_default());
        if let Some(done) = beside(&matches, &name) {
            return done.map(Parsed::Done);
        }
    }
    let matches = command.clone().try_get_matches().map_err(explained)?;
    if house.show_settings {
        return show::<A>(&layers, &command, &matches).map(|()| Parsed::Done(Exit::Done));
    }
    if !A::DECLARATION.section_is_shared {
        layers.check_enabled()?;
    }
    let arguments = A::from_arg_matches(&matches).map_err(|error| usage(&error, &name, &A::DECLARATION))?;
    Ok(Parsed::Run(Box::new(arguments), Box::new(layers)))
}

/// Print every setting. What is missing is no error here: it shows as empty.
fn show<A: Declared>(layers: &Layers, command: &Command, matches: &ArgMatches) -> Result<(), Error> {
    let mut shown = layers.shown(command, matches);
    if let Ok(arguments) = A::from_arg_matches(matches) {
        shown.extend(arguments.further_settings(layers)?);
    }
    write(&shown.iter().map(ToString::to_string).collect::<String>())
}

fn write(text: &str) -> Result<(), Error> {
    let mut output = standard_output()?;
    output.write_all(text.as_bytes())?;
    Ok(output.flush()?)
}

/// An error of clap in our form: one line that names what is missing or wrong, and the way to the help.
fn usage(error: &clap::Error, name: &str, declaration: &Declaration) -> Error {
    if let (ErrorKind::MissingRequiredArgument, Some(ContextValue::Strings(missing))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    {
        return missing_setting(missing, name, declaration);
    }
    let text = error.render().to_string();
    let lines: Vec<&str> = text
        .lines()
        .take_while(|line| !line.starts_with("Usage:"))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let what = lines.join(" ").replace(" tip:", "; tip:");
    let what = what.trim_start_matches("error: ").replace(" For more information, try '--help'.", "");
    Error::new(Exit::Usage, what).hint(format!("see `{name} --help`"))
}

fn missing_setting(missing: &[String], name: &str, declaration: &Declaration) -> Error {
    let what = match missing {
        [one] => format!("{one} is missing"),
        several => format!("{} are missing", several.join(", ")),
    };
    let error = Error::new(Exit::Config, what);
    let Some(key) = missing.first().and_then(|flag| flag.strip_prefix("--")) else {
        return Error::new(Exit::Usage, error.what()).hint(format!("see `{name} --help`"));
    };
    let key = key.split([' ', '=']).next().unwrap_or(key).replace('-', "_");
    let variable = declaration.variable(&key);
    error.hint(format!(
        "give it, set {variable}, or write '{key} = …' into [{}] of the settings file",
        declaration.section
    ))
}
