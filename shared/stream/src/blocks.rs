//! Bytes cut into blocks of whole lines: what one thread works on while others work on the next ones.

use crate::MAX_LINE;
use std::io::{self, Read};

/// Bytes that are read at once, when lines are not longer.
const BLOCK: usize = 256 << 10;

/// Some lines.
#[derive(Debug, PartialEq, Eq)]
pub enum Block {
    /// Whole lines with their line ends; only the last line of the input may lack its own.
    Lines(Vec<u8>),
    /// A line that is longer than lines may be was passed over, and whether it had its line end.
    TooLong(bool),
}

impl Block {
    /// Whether it is larger than blocks are, for the sake of a long line.
    pub fn is_long(&self) -> bool {
        matches!(self, Self::Lines(bytes) if bytes.len() > 4 * BLOCK)
    }
}

/// The blocks of a reader.
pub struct Blocks<R> {
    input: R,
    rest: Vec<u8>,
    block: usize,
    max_line: usize,
}

impl<R: Read> Blocks<R> {
    /// The blocks of `input`.
    pub fn new(input: R) -> Self {
        Self { input, rest: Vec::new(), block: BLOCK, max_line: MAX_LINE }
    }

    /// Take lines of up to so many bytes.
    pub fn with_max_line(self, max_line: usize) -> Self {
        Self { max_line, ..self }
    }

    /// The next block, nothing at the end of the input. `spare` is a buffer that nobody needs any more.
    pub fn next_block(&mut self, spare: Vec<u8>) -> io::Result<Option<Block>> {
        let mut bytes = std::mem::take(&mut self.rest);
        let mut searched = 0;
        let mut wanted = self.block;
        loop {
            if let Some(end) = memchr::memrchr(b'\n', &bytes[searched..]) {
                let end = searched + end + 1;
                self.rest = spare;
                self.rest.clear();
                self.rest.extend_from_slice(&bytes[end..]);
                bytes.truncate(end);
                return Ok(Some(Block::Lines(bytes)));
            }
            searched = bytes.len();
            if searched > self.max_line {
                return self.pass_over().map(|ended| Some(Block::TooLong(ended)));
            }
            bytes.reserve_exact(wanted.saturating_sub(searched));
            let read = self.fill(&mut bytes, wanted)?;
            if read == 0 {
                return Ok((!bytes.is_empty()).then_some(Block::Lines(bytes)));
            }
            wanted = bytes.len() + bytes.len() / 2 + self.block;
        }
    }

    fn fill(&mut self, bytes: &mut Vec<u8>, wanted: usize) -> io::Result<usize> {
        let missing = wanted.saturating_sub(bytes.len()).max(1);
        self.input.by_ref().take(missing as u64).read_to_end(bytes)
    }

    /// Read on behind the next line end, which begins the next block.
    fn pass_over(&mut self) -> io::Result<bool> {
        let mut bytes = Vec::with_capacity(self.block);
        loop {
            bytes.clear();
            if self.fill(&mut bytes, self.block)? == 0 {
                return Ok(false);
            }
            if let Some(end) = memchr::memchr(b'\n', &bytes) {
                self.rest = bytes.split_off(end + 1);
                return Ok(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(input: &str, block: usize, max_line: usize) -> Vec<Block> {
        let mut blocks = Blocks { block, max_line, ..Blocks::new(input.as_bytes()) };
        std::iter::from_fn(|| blocks.next_block(b"spare".to_vec()).unwrap()).collect()
    }

    fn lines(text: &str) -> Block {
        Block::Lines(text.as_bytes().to_vec())
    }

    #[test]
    fn blocks_end_with_lines() {
        let text = "one\n\ntwo\nthree and more\nfour";
        for block in 1..40 {
            let joined: Vec<u8> = all(text, block, 100)
                .into_iter()
                .flat_map(|block| match block {
                    Block::Lines(bytes) => bytes,
                    Block::TooLong(_) => Vec::new(),
                })
                .collect();
            assert_eq!(joined, text.as_bytes(), "{block}");
        }
        assert_eq!(all("a\nbc\nd", 4, 100), [lines("a\n"), lines("bc\n"), lines("d")]);
    }

    #[test]
    fn a_line_over_the_bound_is_passed_over() {
        let blocks = all("1\n1234567890123456789012345\n2\n", 4, 8);
        assert_eq!(blocks, [lines("1\n"), Block::TooLong(true), lines("2\n")]);
        assert_eq!(all("1234567890123456789012345", 4, 8), [Block::TooLong(false)]);
    }
}
