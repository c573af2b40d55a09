//! The manual page and the completions, made from the arguments.

use clap::{Command, ValueEnum};
use clap_complete::Shell;
use clap_mangen::{Man, roff};
use muster_base::Error;
use muster_settings::{Declaration, value::ONCE};
use std::io::Write;

/// What can be printed.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum What {
    Man,
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

impl What {
    /// Print it on standard output.
    pub(crate) fn print(self, mut command: Command, declaration: &Declaration) -> Result<(), Error> {
        let name = command.get_name().to_owned();
        let shell = match self {
            Self::Man => return manual(command, declaration),
            Self::Bash => Shell::Bash,
            Self::Elvish => Shell::Elvish,
            Self::Fish => Shell::Fish,
            Self::Powershell => Shell::PowerShell,
            Self::Zsh => Shell::Zsh,
        };
        clap_complete::generate(shell, &mut command, name, &mut std::io::stdout());
        Ok(())
    }
}

const EXIT_STATUS: &str = "\
.SH EXIT STATUS
0 done; 1 done, and there is something to look at; 3 refused by the guard; 4 the input was partial; 5 stopped by the breaker,
a time limit or a signal; 64 wrong arguments; 65 bad data; 69 the remote cannot be reached; 70 a bug; 74 a file or stream
could not be read or written; 75 busy, try again; 76 the remote broke its protocol; 77 credentials refused; 78 settings
missing or contradictory.
.SH SEE ALSO
.BR muster (7),
.BR strongbox (1),
.BR muster-stream (5),
.BR muster-spec (5)
";

/// Where every option can be set, in one sentence.
pub(crate) fn where_settings_stand(command: &Command, declaration: &Declaration) -> String {
    let (section, variable) = (declaration.section, declaration.variable("OPTION"));
    let excepted = excepted(command);
    format!(
        "Options with a value{excepted} can also stand in [{section}] of the settings file, or in {variable}."
    )
}

/// What follows "options with a value" where some are about one run only.
fn excepted(command: &Command) -> &'static str {
    match command.get_arguments().any(|arg| arg.get_help_heading() == Some(ONCE)) {
        true => ", those of one run excepted,",
        false => "",
    }
}

fn manual(command: Command, declaration: &Declaration) -> Result<(), Error> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let examples = help.split("\n\n").next().unwrap_or_default();
    let command = command.after_help("");
    let man = Man::new(command.clone()).source("muster").manual("muster");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    page.extend(settings(&command, declaration).into_bytes());
    page.extend_from_slice(declaration.manual.as_bytes());
    page.extend(verbatim("EXAMPLES", examples.trim_start_matches("Examples:\n")).into_bytes());
    page.extend_from_slice(EXIT_STATUS.as_bytes());
    std::io::stdout().write_all(&page)?;
    Ok(())
}

/// What the settings file and the environment hold: keys, secrets, names in the old programs' files.
fn settings(command: &Command, declaration: &Declaration) -> String {
    let (section, excepted) = (declaration.section, excepted(command));
    let mut text = format!(
        ".SH SETTINGS\nEvery option with a value{excepted} can stand in section \\fB[{section}]\\fR of the settings file, with \\fB_\\fR for \
         \\fB\\-\\fR, and in the environment as \\fB{}\\fR.\n",
        declaration.variable("OPTION")
    );
    for secret in declaration.secrets {
        let variable = declaration.variable(secret.key);
        text += &format!(
            ".TP\n\\fB{}\\fR (secret; \\fB{variable}\\fR)\n{}. Stored with \
             \\fBstrongbox \\-\\-connector {section} \\-\\-key {}\\fR, or in the file as a reference\n",
            secret.key, secret.about, secret.key
        );
    }
    let old = declaration.names.iter().map(|(key, names)| (*key, *names));
    let old = old.chain(declaration.secrets.iter().map(|secret| (secret.key, secret.names)));
    for (key, names) in old.filter(|(_, names)| !names.is_empty()) {
        text += &format!(".TP\n\\fB{key}\\fR\nalso read as {}\n", names.join(", "));
    }
    for (name, instead) in declaration.retired {
        text += &format!(".TP\n\\fB{name}\\fR\nwithout effect: {instead}\n");
    }
    text
}

fn verbatim(title: &str, text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let escaped = roff::Roff::new().text([roff::roman(text.trim_end())]).to_roff();
    format!(".SH {title}\n.nf\n{escaped}\n.fi\n")
}
