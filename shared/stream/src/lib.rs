//! The stream between muster's commands: NDJSON of records, changes, errors and ends, read, written and counted.
//!
//! The rules of this interface stand in `muster-stream(5)`. [`Lines`] cuts bytes into lines, [`Line::parse`] tells what
//! a line is, [`Tally`] judges segments by their counts, [`Reader`] does all three, [`Writer`] is the other side.

mod blocks;
mod end;
mod json;
mod line;
mod lines;
mod reader;
mod record;
mod rejects;
mod scan;
mod span;
mod tally;
mod tidy;
mod wanted;
mod writer;

pub use blocks::{Block, Blocks};
pub use end::{End, Form};
pub use json::{Map, Value};
pub use line::{Bad, Change, Line, Op, Unreadable};
pub use lines::{Lines, RawLine};
pub use reader::{Item, Reader};
pub use record::{Record, to_value};
pub use rejects::{Rejects, private_file};
pub use scan::Scan;
pub use span::{Span, Token};
pub use tally::{Segment, Tally, Whole};
pub use wanted::Wanted;
pub use writer::{Writer, unwritable};

/// The longest line that is read, in bytes without its end.
pub const MAX_LINE: usize = 64 << 20;
