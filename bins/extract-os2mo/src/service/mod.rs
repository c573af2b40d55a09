//! The older REST API (`/service`), for servers without a usable GraphQL: lists of persons and units, then the details of
//! each, one request a detail, since the API joins nothing.
//!
//! A unit's answer holds all units above it, so these are not asked for again. Units and their details are held in memory;
//! a person is written as soon as its own details are there. Dates are days, the end is the last included one.

mod persons;
mod server;
mod units;
mod wire;

use crate::Args;
use crate::organisation::{Kind, Organisation};
use crate::writing::Selection;
use muster_base::Error;
use muster_command::Context;
use muster_stream::Writer;
use server::Server;

/// Read and write the wanted kinds, each as a segment of its own.
pub async fn extract(
    args: &Args,
    kinds: &[Kind],
    selection: &Selection,
    context: &Context,
    output: &mut Writer,
) -> Result<(), Error> {
    let server = Server::connect(args, context).await?;
    let mut organisation = units::read(&server, kinds.contains(&Kind::OrgUnit), selection).await?;
    organisation.check(selection)?;
    for kind in kinds {
        output.scope(args.scope(*kind));
        match kind {
            Kind::OrgUnit => organisation.write_units(selection, output)?,
            Kind::Person => persons::write(&server, &mut organisation, selection, output).await?,
        }
        output.end(None)?;
    }
    tell_of_gaps(&organisation);
    Ok(())
}

fn tell_of_gaps(organisation: &Organisation) {
    organisation.gaps.tell();
    let lost = organisation.unreadable.len();
    if lost > 0 {
        tracing::warn!(
            "{lost} lists of persons and units could not be read; what is made of them counts as unknown"
        );
    }
}
