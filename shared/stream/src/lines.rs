//! Bytes cut into lines, with a bound on their length.

use crate::MAX_LINE;
use std::io::{self, BufRead};

/// One line as it came.
#[derive(Debug, PartialEq, Eq)]
pub struct RawLine {
    /// Its number, from 1.
    pub number: u64,
    /// Its bytes without the line end; empty when it was too long.
    pub bytes: Vec<u8>,
    /// Whether its `\n` was there.
    pub ended: bool,
    /// Whether it was longer than [`MAX_LINE`] and passed over.
    pub too_long: bool,
}

/// The lines of a reader.
pub struct Lines<R> {
    input: R,
    number: u64,
    max_line: usize,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `input`.
    pub fn new(input: R) -> Self {
        Self { input, number: 0, max_line: MAX_LINE }
    }

    /// Take lines of up to so many bytes.
    pub fn with_max_line(self, max_line: usize) -> Self {
        Self { max_line, ..self }
    }

    /// The next line, nothing at the end of the input.
    pub fn next_line(&mut self) -> io::Result<Option<RawLine>> {
        let mut bytes = Vec::new();
        let mut too_long = false;
        let mut any = false;
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                self.number += u64::from(any);
                return Ok(any.then_some(RawLine { number: self.number, bytes, ended: false, too_long }));
            }
            any = true;
            let newline = chunk.iter().position(|byte| *byte == b'\n');
            let part = &chunk[..newline.unwrap_or(chunk.len())];
            if !too_long && bytes.len() + part.len() > self.max_line {
                too_long = true;
                bytes = Vec::new();
            } else if !too_long {
                bytes.extend_from_slice(part);
            }
            let used = part.len() + usize::from(newline.is_some());
            self.input.consume(used);
            if newline.is_some() {
                self.number += 1;
                return Ok(Some(RawLine { number: self.number, bytes, ended: true, too_long }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(input: &[u8], max_line: usize) -> Vec<RawLine> {
        let mut lines = Lines::new(io::BufReader::with_capacity(3, input)).with_max_line(max_line);
        std::iter::from_fn(|| lines.next_line().unwrap()).collect()
    }

    #[test]
    fn the_last_line_tells_whether_it_ended() {
        let lines = all(b"one\n\ntwo", 100);
        assert_eq!(lines.iter().map(|l| l.bytes.as_slice()).collect::<Vec<_>>(), [&b"one"[..], b"", b"two"]);
        assert_eq!(lines.iter().map(|l| l.ended).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!(lines[2].number, 3);
    }

    #[test]
    fn a_line_over_the_bound_is_passed_over_and_the_rest_goes_on() {
        let lines = all(b"12345\n123456\nabc\n", 5);
        assert_eq!(lines.iter().map(|l| l.too_long).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(lines[2].bytes, b"abc");
    }
}
