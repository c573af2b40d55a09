//! `--check` and `--schema`: specs looked at without any record.

use muster_base::{Error, Exit};
use muster_command::standard_output;
use muster_mapping::{Weight, schema};
use std::io::Write;

/// Print what there is to look at in `specs`, one line each. None of it is silence and 0, an error 65, a mere warning 1.
pub fn check(specs: &[&str]) -> Result<Exit, Error> {
    let mut output = standard_output()?;
    let mut exit = Exit::Done;
    for spec in specs {
        for finding in muster_mapping::check(spec)? {
            writeln!(output, "{finding}")?;
            exit = match finding.weight {
                Weight::Error => Exit::Data,
                Weight::Warning if exit == Exit::Done => Exit::Look,
                Weight::Warning => exit,
            };
        }
    }
    output.flush()?;
    Ok(exit)
}

/// Print the JSON Schema of specs.
pub fn print_schema() -> Result<Exit, Error> {
    let mut output = standard_output()?;
    output.write_all(schema().as_bytes())?;
    output.flush()?;
    Ok(Exit::Done)
}
