//! `extract-swit` and `push-swit` against the simulated Swit.

mod extract;
mod fixture;
mod people;
mod teams;
