//! Pieces of text with an ink, folded to lines.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Lines are never narrower than this.
const NARROWEST: usize = 20;

/// How a piece looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Plain,
    Bold,
    Faint,
    Old,
    New,
    Changed,
    /// The part of an old value that is not in the new one, and the other way round.
    OldPart,
    NewPart,
}

/// Text in one ink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) ink: Ink,
    pub(crate) text: String,
}

pub(crate) type Pieces = Vec<Piece>;

impl Piece {
    pub(crate) fn new(ink: Ink, text: &str) -> Self {
        Self { ink, text: text.to_owned() }
    }

    pub(crate) fn plain(text: &str) -> Self {
        Self::new(Ink::Plain, text)
    }

    /// As it goes to the terminal.
    pub(crate) fn drawn(&self, colours: bool) -> String {
        let code = match self.ink {
            _ if !colours => return self.text.clone(),
            Ink::Plain => return self.text.clone(),
            Ink::Bold => "1",
            Ink::Faint => "2",
            Ink::Old => "31",
            Ink::New => "32",
            Ink::Changed => "33",
            Ink::OldPart => "1;4;31",
            Ink::NewPart => "1;4;32",
        };
        format!("\x1b[{code}m{}\x1b[0m", self.text)
    }
}

/// Columns of `text`.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// `pieces` as lines of at most `columns`, the first indented by `first`, the others by `rest`. Lines end at blanks
/// where they can.
pub(crate) fn folded(pieces: &[Piece], columns: usize, first: usize, rest: usize) -> Vec<Pieces> {
    let mut lines = vec![Pieces::new()];
    let mut room = columns.max(first + NARROWEST) - first;
    let full = columns.max(rest + NARROWEST) - rest;
    for (ink, word) in pieces.iter().flat_map(|piece| words(&piece.text).map(|word| (piece.ink, word))) {
        let fits = |room: usize| width(word.trim_end()) <= room;
        if !fits(room) && fits(full) {
            lines.push(Pieces::new());
            room = full;
        }
        for character in word.chars() {
            let columns = character.width().unwrap_or_default();
            if columns > room && character != ' ' {
                lines.push(Pieces::new());
                room = full;
            }
            room = room.saturating_sub(columns);
            if let Some(line) = lines.last_mut() {
                add(line, ink, character);
            }
        }
    }
    lines
}

fn add(line: &mut Pieces, ink: Ink, character: char) {
    match line.last_mut() {
        Some(piece) if piece.ink == ink => piece.text.push(character),
        _ => line.push(Piece { ink, text: character.into() }),
    }
}

/// The words of `text`, each with the blanks behind it.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ')
}
