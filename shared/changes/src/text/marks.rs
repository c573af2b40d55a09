//! The part in which two texts differ.

use super::fold::{Ink, Piece, Pieces};
use similar::{Algorithm, DiffTag, capture_diff_slices};
use std::ops::Range;

/// Texts of which less than a third is common are two texts, not one that was changed.
const COMMON: usize = 3;
/// Longer ones are not looked into.
const LONGEST: usize = 10_000;

/// The old and the new text, what only one of them has marked, if asked for also by brackets.
pub(crate) fn marked(old: &str, new: &str, brackets: bool) -> (Pieces, Pieces) {
    let plain = || (vec![Piece::new(Ink::Old, old)], vec![Piece::new(Ink::New, new)]);
    if old.len().max(new.len()) > LONGEST {
        return plain();
    }
    let (words, others) = (tokens(old), tokens(new));
    let (mut before, mut after) = (Pieces::new(), Pieces::new());
    let mut common = 0;
    for stretch in stretches(&words, &others) {
        let (gone, come) = (words[stretch.old].concat(), others[stretch.new].concat());
        if stretch.is_equal {
            common += gone.len();
            before.push(Piece::new(Ink::Old, &gone));
            after.push(Piece::new(Ink::New, &come));
            continue;
        }
        let (gone, come) = match brackets {
            true => (enclosed("[-", &gone, "-]"), enclosed("{+", &come, "+}")),
            false => (gone, come),
        };
        before.push(Piece::new(Ink::OldPart, &gone));
        after.push(Piece::new(Ink::NewPart, &come));
    }
    if common * COMMON < old.len().max(new.len()) { plain() } else { (before, after) }
}

/// Tokens that are the same on both sides, or are not.
struct Stretch {
    is_equal: bool,
    old: Range<usize>,
    new: Range<usize>,
}

/// Both sides in stretches. A blank between two parts that differ is of them: so one reads them at once.
fn stretches(words: &[&str], others: &[&str]) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    let is_blank = |range: &Range<usize>| words[range.clone()].iter().all(|word| word.trim().is_empty());
    for op in capture_diff_slices(Algorithm::Myers, words, others) {
        let (tag, old, new) = op.as_tag_tuple();
        let stretch = Stretch { is_equal: tag == DiffTag::Equal, old, new };
        let joins = match stretches.as_slice() {
            [.., first, blank] => !first.is_equal && blank.is_equal && is_blank(&blank.old),
            _ => false,
        };
        if !stretch.is_equal && joins {
            stretches.pop();
        }
        match stretches.last_mut() {
            Some(last) if last.is_equal == stretch.is_equal => {
                (last.old.end, last.new.end) = (stretch.old.end, stretch.new.end);
            }
            _ => stretches.push(stretch),
        }
    }
    stretches
}

fn enclosed(open: &str, text: &str, close: &str) -> String {
    if text.is_empty() { String::new() } else { [open, text, close].concat() }
}

/// Words, and every other character by itself.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|character: char| !character.is_alphanumeric()).unwrap_or(rest.len());
        let (token, behind) = rest.split_at(if word == 0 { first.len_utf8() } else { word });
        tokens.push(token);
        rest = behind;
    }
    tokens
}
