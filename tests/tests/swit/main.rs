//! `extract-swit` and `push-swit` against the simulated Swit.

mod directory;
mod extract;
mod fixture;
mod guard;
mod killed;
mod login;
mod people;
mod teams;
