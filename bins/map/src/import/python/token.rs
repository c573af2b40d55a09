//! Python text as tokens, with the indentation of its lines as tokens of their own.

use super::Unsupported;

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(String),
    Number(String),
    Text(String),
    /// The inside of an f-string, escapes already resolved.
    Format(String),
    Op(&'static str),
    NewLine,
    Indent,
    Dedent,
    End,
}

/// Longest first.
const OPERATORS: [&str; 37] = [
    "**=", "//=", "->", ":=", "==", "!=", "<=", ">=", "//", "**", "+=", "-=", "*=", "/=", "%=", "+", "-",
    "*", "/", "%", "(", ")", "[", "]", "{", "}", ",", ":", ".", ";", "=", "<", ">", "@", "&", "|", "^",
];

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    depth: usize,
    indents: Vec<usize>,
    tokens: Vec<(Token, usize)>,
}

/// The tokens of `text`, each with its line.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, Unsupported> {
    let mut reader = Reader { rest: text, line: 1, depth: 0, indents: vec![0], tokens: Vec::new() };
    reader.indentation()?;
    while let Some(next) = reader.rest.chars().next() {
        reader.token(next)?;
    }
    reader.push(Token::NewLine);
    for _ in 1..reader.indents.len() {
        reader.push(Token::Dedent);
    }
    reader.push(Token::End);
    Ok(reader.tokens)
}

impl Reader<'_> {
    fn push(&mut self, token: Token) {
        self.tokens.push((token, self.line));
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn token(&mut self, next: char) -> Result<(), Unsupported> {
        match next {
            '\n' => {
                if self.depth == 0 {
                    self.push(Token::NewLine);
                }
                self.skip(1);
                self.line += 1;
                if self.depth == 0 {
                    self.indentation()?;
                }
            }
            ' ' | '\t' | '\r' => self.skip(1),
            '#' => self.skip(self.rest.find('\n').unwrap_or(self.rest.len())),
            '\\' if self.rest.starts_with("\\\n") => {
                self.skip(2);
                self.line += 1;
            }
            '0'..='9' => self.number(),
            _ if self.string_prefix().is_some() => self.string()?,
            _ if next.is_alphabetic() || next == '_' => self.name(),
            _ => self.operator(next)?,
        }
        Ok(())
    }

    /// The blanks at the beginning of a line, as `Indent` or `Dedent`.
    fn indentation(&mut self) -> Result<(), Unsupported> {
        let width: usize = loop {
            let blanks = self.rest.len() - self.rest.trim_start_matches([' ', '\t', '\r']).len();
            let width = self.rest[..blanks].chars().map(|c| if c == '\t' { 8 } else { 1 }).sum();
            self.skip(blanks);
            if self.rest.starts_with('#') {
                self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
            }
            if !self.rest.starts_with('\n') {
                break width;
            }
            self.skip(1);
            self.line += 1;
        };
        if self.rest.is_empty() {
            return Ok(());
        }
        let last = |indents: &[usize]| indents.last().copied().unwrap_or_default();
        if width > last(&self.indents) {
            self.indents.push(width);
            self.push(Token::Indent);
        }
        while width < last(&self.indents) {
            self.indents.pop();
            self.push(Token::Dedent);
        }
        if width == last(&self.indents) {
            return Ok(());
        }
        Err(Unsupported::new(self.line, "the indentation fits no line before it"))
    }

    fn number(&mut self) {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_'));
        let text = &self.rest[..end.unwrap_or(self.rest.len())];
        self.push(Token::Number(text.replace('_', "")));
        self.skip(text.len());
    }

    fn name(&mut self) {
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        let text = &self.rest[..end.unwrap_or(self.rest.len())];
        self.push(Token::Name(text.to_owned()));
        self.skip(text.len());
    }

    fn operator(&mut self, next: char) -> Result<(), Unsupported> {
        let found = OPERATORS.into_iter().find(|operator| self.rest.starts_with(operator));
        let Some(operator) = found else {
            return Err(Unsupported::new(self.line, format!("'{next}' does not belong into an expression")));
        };
        match operator {
            "(" | "[" | "{" => self.depth += 1,
            ")" | "]" | "}" => self.depth = self.depth.saturating_sub(1),
            _ => (),
        }
        self.push(Token::Op(operator));
        self.skip(operator.len());
        Ok(())
    }

    /// The letters before the quote of a string, when a string begins here.
    fn string_prefix(&self) -> Option<usize> {
        let quote = self.rest.bytes().take(3).position(|byte| matches!(byte, b'"' | b'\''))?;
        let letters = &self.rest[..quote];
        let known = ["", "r", "u", "f", "rf", "fr"].iter().any(|known| letters.eq_ignore_ascii_case(known));
        known.then_some(quote)
    }

    fn string(&mut self) -> Result<(), Unsupported> {
        let line = self.line;
        let letters = self.rest[..self.string_prefix().unwrap_or_default()].to_lowercase();
        self.skip(letters.len());
        let single = self.rest[..1].to_owned();
        let triple = single.repeat(3);
        let quote = if self.rest.starts_with(&triple) { triple } else { single };
        self.skip(quote.len());
        let mut text = String::new();
        while !self.rest.starts_with(&quote) {
            match self.rest.chars().next() {
                None => return Err(Unsupported::new(line, "a string without end")),
                Some('\n') if quote.len() == 1 => return Err(Unsupported::new(line, "a string without end")),
                Some('\\') => self.escape(letters.contains('r'), &mut text)?,
                Some(other) => {
                    self.line += usize::from(other == '\n');
                    text.push(other);
                    self.skip(other.len_utf8());
                }
            }
        }
        self.skip(quote.len());
        let token = if letters.contains('f') { Token::Format(text) } else { Token::Text(text) };
        self.tokens.push((token, line));
        Ok(())
    }

    fn escape(&mut self, raw: bool, text: &mut String) -> Result<(), Unsupported> {
        self.skip(1);
        let Some(next) = self.rest.chars().next() else {
            return Err(Unsupported::new(self.line, "a string without end"));
        };
        self.skip(next.len_utf8());
        if raw {
            text.extend(['\\', next]);
            return Ok(());
        }
        match next {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            '\\' | '\'' | '"' => text.push(next),
            '\n' => self.line += 1,
            'x' | 'u' => {
                let length = if next == 'x' { 2 } else { 4 };
                let code = self.rest.get(..length).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                let Some(character) = code.and_then(char::from_u32) else {
                    return Err(Unsupported::new(self.line, "an escape in a string that means nothing"));
                };
                text.push(character);
                self.skip(length);
            }
            'a' | 'b' | 'f' | 'v' | '0'..='7' | 'N' | 'U' => {
                return Err(Unsupported::new(self.line, format!("the escape '\\{next}' in a string")));
            }
            other => text.extend(['\\', other]),
        }
        Ok(())
    }
}
