//! The filters, tests and functions that an expression or a template names, and where.
//!
//! minijinja finds out that a filter is not there when a record first comes to it. A spec error has to be found before,
//! with its place; so this walks over the words of the source, as far as it takes to tell what a name is used as.

use std::collections::BTreeSet;

/// What a name is used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Filter,
    Test,
    Function,
}

/// A name in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) what: Use,
    pub(crate) name: String,
    /// Where it stands in the source, in bytes.
    pub(crate) at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Name,
    Text,
    Sign,
}

#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    kind: Kind,
    text: &'a str,
    at: usize,
}

impl Token<'_> {
    fn is(&self, text: &str) -> bool {
        self.kind != Kind::Text && self.text == text
    }
}

/// What an expression uses.
pub(crate) fn of_expression(source: &str) -> Vec<Used> {
    uses(&tokens(source, 0), &BTreeSet::new())
}

/// What a template uses.
pub(crate) fn of_template(source: &str) -> Vec<Used> {
    let parts: Vec<Vec<Token<'_>>> = code(source).map(|(at, code)| tokens(code, at)).collect();
    let own = parts.iter().flat_map(|tokens| defined(tokens)).collect();
    parts.iter().flat_map(|tokens| uses(tokens, &own)).collect()
}

/// The parts of a template that are code, each with its place.
fn code(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let (mut at, mut raw) = (0, false);
    std::iter::from_fn(move || {
        loop {
            let begin = at + source[at..].find('{')?;
            let closing = match source[begin..].get(..2) {
                Some("{{") => "}}",
                Some("{%") => "%}",
                Some("{#") => "#}",
                _ => {
                    at = begin + 1;
                    continue;
                }
            };
            let inner = begin + 2;
            let end = end_of(source, inner, closing);
            let text = source.get(inner..end)?;
            let word = text.trim_matches(|c: char| c.is_whitespace() || c == '-' || c == '+');
            if raw && word != "endraw" {
                at = inner;
                continue;
            }
            at = (end + 2).min(source.len());
            raw = word == "raw" && closing == "%}";
            if closing != "#}" {
                return Some((inner, text));
            }
        }
    })
}

/// Where the code that begins at `from` ends: at `closing`, outside a text.
fn end_of(source: &str, from: usize, closing: &str) -> usize {
    let (mut quote, mut escaped) = (None, false);
    for (at, c) in source[from..].char_indices() {
        match quote {
            _ if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => (),
            None if source[from + at..].starts_with(closing) => return from + at,
            None if (c == '"' || c == '\'') && closing != "#}" => quote = Some(c),
            None => (),
        }
    }
    source.len()
}

fn tokens(source: &str, shift: usize) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        let rest = &source[at..];
        let (kind, length) = match first {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '"' | '\'' => (Kind::Text, text_length(rest, first)),
            c if c.is_alphanumeric() || c == '_' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
                (Kind::Name, end.unwrap_or(rest.len()))
            }
            c => (Kind::Sign, c.len_utf8()),
        };
        found.push(Token { kind, text: &rest[..length], at: shift + at });
        at += length;
    }
    found
}

fn text_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => (),
        }
    }
    text.len()
}

/// Words before `(` that call nothing.
const KEYWORDS: [&str; 16] = [
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "elif",
    "for",
    "recursive",
    "set",
    "do",
    "call",
    "macro",
    "with",
    "include",
];

fn uses(tokens: &[Token<'_>], own: &BTreeSet<String>) -> Vec<Used> {
    let mut found = Vec::new();
    let word = |index: usize| tokens.get(index).filter(|token| token.kind == Kind::Name);
    let sign = |index: usize, sign: &str| tokens.get(index).is_some_and(|token| token.is(sign));
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| tokens.get(before));
        let after_dot = before.is_some_and(|token| token.is("."));
        if token.is("|") && !sign(index + 1, "|") {
            found.extend(word(index + 1).map(|name| used(Use::Filter, name)));
            found.extend(word(index + 1).and_then(|name| named_in_text(name, &tokens[index + 2..])));
        } else if token.is("is") && token.kind == Kind::Name && !after_dot {
            let name = if word(index + 1).is_some_and(|name| name.is("not")) { index + 2 } else { index + 1 };
            found.extend(word(name).map(|name| used(Use::Test, name)));
        } else if token.is("filter") && index == 0 && word(1).is_some() {
            found.extend(word(1).map(|name| used(Use::Filter, name)));
        } else if token.kind == Kind::Name && sign(index + 1, "(") {
            let is_call = !after_dot
                && before.is_none_or(|before| !["|", "is", "not", "filter", "block"].contains(&before.text))
                || before.is_some_and(|before| before.is("not") && !is_test(tokens, index));
            if is_call && !KEYWORDS.contains(&token.text) && !own.contains(token.text) {
                found.push(used(Use::Function, token));
            }
        }
    }
    found
}

/// Whether the name at `index` stands behind `is not`.
fn is_test(tokens: &[Token<'_>], index: usize) -> bool {
    index >= 2 && tokens[index - 2].is("is")
}

fn used(what: Use, token: &Token<'_>) -> Used {
    Used { what, name: token.text.to_owned(), at: token.at }
}

/// `map('lower')`, `select('busy')`, `selectattr('a', 'busy')` name what they apply in a text.
fn named_in_text(filter: &Token<'_>, rest: &[Token<'_>]) -> Option<Used> {
    let (what, place) = match filter.text {
        "map" => (Use::Filter, 1),
        "select" | "reject" => (Use::Test, 1),
        "selectattr" | "rejectattr" => (Use::Test, 3),
        _ => return None,
    };
    let is_alone = rest.get(place + 1).is_some_and(|token| token.is(",") || token.is(")"));
    let token = rest.get(place).filter(|token| token.kind == Kind::Text && is_alone)?;
    let leads = rest.first()?.is("(") && (place == 1 || rest.get(2)?.is(","));
    let name = token.text.get(1..token.text.len() - 1)?;
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (leads && is_name).then(|| Used { what, name: name.to_owned(), at: token.at + 1 })
}

/// The names that a piece of template code gives a meaning to.
fn defined(tokens: &[Token<'_>]) -> Vec<String> {
    let first = tokens.iter().position(|token| token.kind == Kind::Name).unwrap_or(0);
    let names = |until: &str| -> Vec<String> {
        let behind = tokens.iter().skip(first + 1).take_while(|token| !token.is(until));
        behind.filter(|token| token.kind == Kind::Name).map(|token| token.text.to_owned()).collect()
    };
    match tokens.get(first).map(|token| token.text) {
        Some("set") => names("="),
        Some("for") => [names("in"), vec!["loop".to_owned()]].concat(),
        Some("macro" | "call") => [names("%}"), vec!["caller".to_owned()]].concat(),
        Some("import" | "from" | "with") => names("%}"),
        Some("block" | "extends") => vec!["super".to_owned(), "self".to_owned()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(uses: Vec<Used>, source: &str) -> Vec<String> {
        let say = |used: Used| {
            assert!(source[used.at..].starts_with(&used.name), "{used:?}");
            format!("{:?} {}", used.what, used.name).to_lowercase()
        };
        uses.into_iter().map(say).collect()
    }

    #[test]
    fn names_are_told_apart_by_their_use() {
        let source =
            "fail('x | y') or (a.b(1) | map('cn')|list) is not uuid and not odd(1) and x is divisibleby(2)";
        assert_eq!(
            said(of_expression(source), source),
            [
                "function fail",
                "filter map",
                "filter cn",
                "filter list",
                "test uuid",
                "function odd",
                "test divisibleby"
            ]
        );
        let source = "a | selectattr('b', 'in', c) | map(attribute='d') | join(', ') | rejectattr('e')";
        let expected = ["filter selectattr", "test in", "filter map", "filter join", "filter rejectattr"];
        assert_eq!(said(of_expression(source), source), expected);
    }

    #[test]
    fn only_code_counts_in_templates() {
        let source = "a | b {# c | d #}{% macro m(x) %}{{ '}}' | e }}{% endmacro %}{{ m(1) | f }}{% raw %}{{ g | h }}{% endraw %}\
            {% filter i %}{% endfilter %}{% for a in b(1) %}{{ loop('x') }}{% endfor %} { | j";
        assert_eq!(said(of_template(source), source), ["filter e", "filter f", "filter i", "function b"]);
    }
}
