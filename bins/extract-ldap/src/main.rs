//! `extract-ldap`: users, groups and devices of an LDAP directory as records.
//!
//! OpenLDAP, Active Directory, Samba, 389 Directory Server, FreeIPA and others that speak LDAPv3 (RFC 4511). Searches are
//! read in pages (RFC 2696) as they arrive, see `reading.rs`; limits of the server make a read partial, see `failure.rs`.

mod account;
mod address;
mod arguments;
mod aside;
mod ber;
mod connection;
mod directory;
mod entry;
mod extraction;
mod failure;
mod form;
mod kerberos;
mod members;
mod message;
mod name;
mod nested;
mod opening;
mod population;
mod reading;
mod record;
mod request;
mod schema;
mod shape;
mod since;
mod tls;

use crate::arguments::Args;
use crate::directory::Directory;
use crate::extraction::Extraction;
use muster_base::Error;
use muster_command::Context;
use muster_stream::Writer;
use std::process::ExitCode;

async fn extract(args: Args, context: &Context, output: &mut Writer) -> Result<(), Error> {
    let populations = population::wanted(&args, &context.layers().section)?;
    if let Some(file) = &args.since {
        return since::extract(&args, file, &populations, context, output).await;
    }
    if let Some(population) = populations.first() {
        output.scope(population.scope_text());
    }
    let directory = Directory::new(&args, context)?;
    let mut extraction = Extraction::new(&args, &directory, context)?;
    for population in &populations {
        output.scope(population.scope_text());
        extraction.read(population, output).await?;
        output.end(None)?;
    }
    extraction.close().await;
    Ok(())
}

fn main() -> ExitCode {
    muster_command::extract(extract)
}
