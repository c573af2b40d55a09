//! The OS2sync simulator keeps to the contract of OS2sync, line by line of the fact sheet.

mod client;
mod control;
mod hierarchy;
mod lists;
mod queue;
mod transport;
mod units;
mod users;
mod validation;
