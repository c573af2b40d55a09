//! The arguments, and the options of a comparison that they make.

use muster_changes::{Limit, Options, Protect, Rules, pointer};
use muster_settings::{Declaration, Declared};
use std::path::PathBuf;

/// Write what has to be done so that the records of CURRENT become those of DESIRED
#[derive(clap::Parser)]
#[command(name = "diff", version, after_help = EXAMPLES)]
pub struct Args {
    /// Records as they shall be; `-` is standard input
    #[arg(value_name = "DESIRED")]
    pub desired: PathBuf,

    /// Records as they are; `-` is standard input
    #[arg(value_name = "CURRENT")]
    pub current: PathBuf,

    /// Compare members that only the current record has, too
    #[arg(long)]
    pub whole: bool,

    /// Compare a list without its order; a name or JSON pointer; may be repeated
    #[arg(long, value_name = "PATH", value_parser = path)]
    pub unordered: Vec<String>,

    /// Leave a member out of the comparison; a name or JSON pointer; may be repeated
    #[arg(long, value_name = "PATH", value_parser = path)]
    pub ignore: Vec<String>,

    /// Compare this member alone; a name or JSON pointer; may be repeated
    #[arg(long, value_name = "PATH", value_parser = path)]
    pub only: Vec<String>,

    /// Block changes of current records for which this expression holds; may be repeated
    #[arg(long, value_name = "EXPR")]
    pub protect: Vec<String>,

    /// Refuse, with 3, more deletes of one kind than N, or than P% of its current records
    #[arg(long, value_name = "N|P%")]
    pub max_deletes: Option<Limit>,

    /// Mark a create and a delete as a likely rename when they agree in this member
    #[arg(long = "match", value_name = "FIELD", value_parser = path)]
    pub match_by: Option<String>,

    /// Let a desired record without counterpart take over the one current record that agrees in this member
    #[arg(long = "adopt", value_name = "FIELD", value_parser = path)]
    pub adopt_by: Option<String>,

    /// Write nothing when a side is partial
    #[arg(long)]
    pub require_complete: bool,

    /// Take an input without `_end` for complete, as hand-made files are
    #[arg(long)]
    pub assume_complete: bool,

    /// Let deletes pass although both sides come from the same commands and their scopes differ
    #[arg(long)]
    pub accept_scope_change: bool,

    /// Both sides are sorted by the bytes of kind and key: compare them without an index
    #[arg(long)]
    pub sorted: bool,

    /// Memory for the comparison, in MB; what does not fit goes to files
    #[arg(long, value_name = "MB", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..))]
    pub memory: u32,

    /// Directory for those files and for copies of pipes [default: the system's]
    #[arg(long, value_name = "DIR")]
    pub spool_dir: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  extract-os2mo > today.ndjson; diff today.ndjson yesterday.ndjson | jq -c 'select(._op == \"delete\")'
  extract-os2mo | map --spec os2sync | diff - sent.ndjson | push-os2sync --ledger os2sync.ledger";

impl Declared for Args {
    const DECLARATION: Declaration =
        Declaration { manual: include_str!("manual.roff"), ..Declaration::of("diff") };
}

fn path(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("it is empty".to_owned()) } else { Ok(pointer::read(text)) }
}

impl Args {
    /// The options of the comparison.
    pub fn options<'a>(&self, protect: Option<&'a Protect<'a>>) -> Options<'a> {
        Options {
            rules: Rules {
                whole: self.whole,
                unordered: self.unordered.clone(),
                ignore: self.ignore.clone(),
                only: self.only.clone(),
                ..Rules::default()
            },
            assume_complete: self.assume_complete,
            accept_scope_change: self.accept_scope_change,
            sorted: self.sorted,
            memory: (self.memory as usize) << 20,
            spool_dir: self.spool_dir.clone(),
            max_deletes: self.max_deletes,
            protect,
            match_by: self.match_by.clone(),
            adopt_by: self.adopt_by.clone(),
        }
    }
}
