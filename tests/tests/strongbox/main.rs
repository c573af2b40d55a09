//! `strongbox` and the secrets of all commands: every backend, the terminal, the import, and what must never be seen.

mod checking;
mod conjur;
mod existing;
mod importing;
mod keyrings;
mod keys;
mod leaks;
mod logins;
mod opening;
mod running;
mod stage;
mod storing;
mod terminal;
mod using;
mod vault;
mod versions;
