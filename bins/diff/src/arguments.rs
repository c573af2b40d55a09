//! The arguments, and the options of a comparison that they make.

use muster_base::{Error, Exit};
use muster_changes::{Limit, Options, Protect, Rules, Showing, pointer};
use muster_settings::{Declaration, Declared};
use std::path::{Path, PathBuf};

/// Write what has to be done so that the records of CURRENT become those of DESIRED
#[derive(clap::Parser)]
#[command(name = "diff", version, after_help = EXAMPLES)]
pub struct Args {
    /// Records as they shall be; `-` is standard input (absent with --apply and --show)
    #[arg(value_name = "DESIRED", required_unless_present_any = ["show", "generate", "show_settings"])]
    first: Option<PathBuf>,

    /// Records as they are; `-` is standard input (absent with --show)
    #[arg(value_name = "CURRENT", required_unless_present_any = ["apply", "show", "generate", "show_settings"])]
    second: Option<PathBuf>,

    /// What to write: changes for a push or jq, text for a terminal, html for a browser, or patches of RFC 6902 or 7396 [default: ndjson, with --show text]
    #[arg(long, value_name = "FORM")]
    format: Option<Format>,

    /// Write only how much changes of each kind
    #[arg(long, conflicts_with = "format")]
    pub stat: bool,

    /// Write the records that come of CURRENT when this plan, changes of an earlier `diff`, is carried out
    #[arg(long, value_name = "PLAN", conflicts_with_all = COMPARING)]
    pub apply: Option<PathBuf>,

    /// Draw this plan, changes of an earlier `diff`, instead of comparing; `-` is standard input
    #[arg(long, value_name = "PLAN", conflicts_with_all = NOT_SHOWN)]
    pub show: Option<PathBuf>,

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
    memory: u32,

    /// Directory for those files and for copies of pipes [default: the system's]
    #[arg(long, value_name = "DIR")]
    pub spool_dir: Option<PathBuf>,
}

/// What has no meaning where nothing is compared.
const COMPARING: [&str; 16] = [
    "second",
    "format",
    "stat",
    "whole",
    "unordered",
    "ignore",
    "only",
    "protect",
    "max_deletes",
    "match_by",
    "adopt_by",
    "require_complete",
    "assume_complete",
    "accept_scope_change",
    "sorted",
    "memory",
];

/// What has no meaning where a plan is drawn.
const NOT_SHOWN: [&str; 14] = [
    "first",
    "second",
    "apply",
    "whole",
    "unordered",
    "ignore",
    "only",
    "protect",
    "max_deletes",
    "match_by",
    "adopt_by",
    "require_complete",
    "accept_scope_change",
    "sorted",
];

// What is written; a doc comment at a value would put every value on a line of its own in the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    // Changes, for a push or jq.
    Ndjson,
    // For a person at a terminal.
    Text,
    // One page for a browser.
    Html,
    // JSON Patch (RFC 6902) for each record.
    JsonPatch,
    // JSON Merge Patch (RFC 7396) for each record.
    MergePatch,
}

const EXAMPLES: &str = "\
Examples:
  extract-os2mo | map --spec os2sync > today.ndjson
  diff --format text today.ndjson yesterday.ndjson
  diff today.ndjson yesterday.ndjson > plan.ndjson; diff --show plan.ndjson --format html > plan.html
  diff today.ndjson yesterday.ndjson | push-os2sync --dry-run";

impl Declared for Args {
    const DECLARATION: Declaration =
        Declaration { manual: include_str!("manual.roff"), ..Declaration::of("diff") };
}

fn path(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("it is empty".to_owned()) } else { Ok(pointer::read(text)) }
}

impl Args {
    /// What shall be and what is.
    pub fn sides(&self) -> Result<(&Path, &Path), Error> {
        let usage = |what: &str| Error::new(Exit::Usage, what).hint("see `diff --help`");
        let first = self.first.as_deref().ok_or_else(|| usage("DESIRED is missing"))?;
        let second = self.second.as_deref().ok_or_else(|| usage("CURRENT is missing"))?;
        match [first, second] {
            [first, second] if first == Path::new("-") && second == first => {
                Err(usage("DESIRED and CURRENT cannot both be standard input"))
            }
            [first, second] => Ok((first, second)),
        }
    }

    /// What is, where a plan is applied to it.
    pub fn applied_to(&self) -> &Path {
        self.first.as_deref().unwrap_or(Path::new("-"))
    }

    /// What to write.
    pub fn format(&self) -> Format {
        let usual = if self.show.is_some() { Format::Text } else { Format::Ndjson };
        self.format.unwrap_or(usual)
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        (self.memory as usize) << 20
    }

    /// How a plan is read that is drawn.
    pub fn showing(&self) -> Showing<'_> {
        Showing {
            assume_complete: self.assume_complete,
            memory: self.memory(),
            spool_dir: self.spool_dir.as_deref(),
        }
    }

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
            memory: self.memory(),
            spool_dir: self.spool_dir.clone(),
            max_deletes: self.max_deletes,
            protect,
            match_by: self.match_by.clone(),
            adopt_by: self.adopt_by.clone(),
        }
    }
}
