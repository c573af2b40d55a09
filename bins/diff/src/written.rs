//! The changes on standard output.

use crate::arguments::Args;
use muster_base::Error;
use muster_changes::Difference;
use muster_command::{Context, standard_output};
use muster_stream::Writer;

/// Write all steps and the end.
pub fn write(mut difference: Difference, _args: &Args, context: &Context) -> Result<(), Error> {
    let mut output = Writer::new(standard_output()?, context.name());
    while let Some(step) = difference.next_step()? {
        output.write_bytes(&step.kind, &step.line)?;
    }
    difference.end(&mut output, context.name())
}
