//! Standard output as a buffered file: data only, never line by line; and what is known of the terminal behind it.

use muster_base::Error;
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write, stdout};
use std::os::fd::AsFd;

/// Columns where nobody says how many there are.
const COLUMNS: usize = 100;

/// Standard output, buffered. A reader that goes away shows as a closed pipe.
pub fn standard_output() -> Result<Box<dyn Write + Send>, Error> {
    let file = File::from(stdout().as_fd().try_clone_to_owned()?);
    Ok(Box::new(BufWriter::with_capacity(1 << 16, file)))
}

/// What standard output shows text on.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Columns: of the terminal, else of `$COLUMNS`, else 100.
    pub columns: usize,
    /// Whether it is a terminal, and nobody asked for no colours (`NO_COLOR`, `TERM=dumb`).
    pub colours: bool,
}

impl Screen {
    /// That of this process.
    pub fn of_output() -> Self {
        let variable = |name| std::env::var(name).ok();
        let size = terminal_size::terminal_size_of(stdout()).map(|(width, _)| usize::from(width.0));
        let said = || variable("COLUMNS").and_then(|columns| columns.parse().ok());
        let plain = std::env::var_os("NO_COLOR").is_some() || variable("TERM").as_deref() == Some("dumb");
        Self { columns: size.or_else(said).unwrap_or(COLUMNS), colours: stdout().is_terminal() && !plain }
    }
}
