//! `extract-swit` and `push-swit` against the simulated Swit.

mod broken_read;
mod directory;
mod example;
mod extract;
mod fixture;
mod guard;
mod killed;
mod login;
mod pace;
mod people;
mod section;
mod since;
mod teams;
mod town;
