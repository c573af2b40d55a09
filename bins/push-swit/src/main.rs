//! `push-swit`: people and teams into Swit.
//!
//! Core API v1 and SCIM 2.0; see `shared/swit` for the calls.

mod arguments;
mod call;
mod clean;
mod holding;
mod login;
mod members;
mod names;
mod notify;
mod outlook;
mod people;
mod sending;
mod target;
mod teams;
mod wanted;
mod world;

use crate::arguments::Args;
use muster_base::{Error, Exit};
use muster_command::Context;
use muster_delivery::deliver;
use muster_swit::{Api, Kept};
use std::process::ExitCode;

async fn push(args: Args, context: &Context) -> Result<Exit, Error> {
    if args.login {
        return log_in(&args, context).await;
    }
    let outcome = bring(&args, context).await;
    // A dry run sends nothing, this neither.
    if args.notify != Some(false) && !args.delivery.is_dry() {
        let is_asked = args.notify == Some(true);
        let client = args.access.client(1, context)?;
        let address = context.find_secret("webhook_url");
        notify::notify(&client, address, is_asked, &told(&outcome, context)).await;
    }
    outcome
}

async fn bring(args: &Args, context: &Context) -> Result<Exit, Error> {
    let client = args.delivery.client(&args.access.connection, context)?;
    let api = args.access.api(client, context)?;
    deliver(&mut target::Swit::new(api, args.options()), &args.delivery, context).await
}

/// What a run says about itself, as a message.
fn told(outcome: &Result<Exit, Error>, context: &Context) -> String {
    let mut lines = context.told();
    match outcome {
        Ok(Exit::Done) => (),
        Ok(exit) => lines.push(format!("ended with {}", *exit as u8)),
        Err(error) => lines.push(format!("failed: {error}")),
    }
    format!("push-swit: {}", lines.join("\n"))
}

/// Have an administrator agree, store the tokens, and see that they work.
async fn log_in(args: &Args, context: &Context) -> Result<Exit, Error> {
    let login = login::Login {
        page: Api::authorize_page(&args.access.base_url)?,
        redirect: args.redirect_url.clone(),
        scope: args.oauth_scope.clone(),
    };
    let client = args.access.client(1, context)?;
    login.run(&args.access.grants(context)?, &Kept(context), &client, context).await?;
    args.access.api(args.access.client(1, context)?, context)?.check().await?;
    context.summary("logged in: the tokens are stored");
    Ok(Exit::Done)
}

fn main() -> ExitCode {
    muster_delivery::main(push)
}
