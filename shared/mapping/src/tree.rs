//! The text of a spec as a tree that knows where everything stands: for messages with line and column.

use muster_stream::{Map, Value};

/// A value in the text.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) what: What,
    /// Where it begins, in bytes.
    pub(crate) start: usize,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A text, number, boolean or null.
    Leaf(Value),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// A member of an object. A name may come twice.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// Where the name begins, in bytes.
    pub(crate) start: usize,
    pub(crate) node: Node,
}

impl Node {
    /// The tree of `text`, which must be JSON: nothing when it is not.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Scanner { text, at: 0 }.node()
    }

    /// Its members; none when it is no object.
    pub(crate) fn members(&self) -> &[Member] {
        match &self.what {
            What::Object(members) => members,
            _ => &[],
        }
    }

    /// Its items; none when it is no array.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.what {
            What::Array(items) => items,
            _ => &[],
        }
    }

    /// Its text, when it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.what {
            What::Leaf(value) => value.as_str(),
            _ => None,
        }
    }

    /// The value of its member `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|member| member.name == name).map(|member| &member.node)
    }

    /// It as JSON; of members of one name the last.
    pub(crate) fn value(&self) -> Value {
        match &self.what {
            What::Leaf(value) => value.clone(),
            What::Array(items) => items.iter().map(Self::value).collect(),
            What::Object(members) => {
                let member = |member: &Member| (member.name.clone(), member.node.value());
                Value::Object(members.iter().map(member).collect::<Map>())
            }
        }
    }
}

/// Line and column, both from 1, of the byte `at` in `text`; a column is a character.
pub(crate) fn line_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Where the byte `offset` of the string that is written at `start` in `text` is written itself.
pub(crate) fn inside(text: &str, start: usize, offset: usize) -> usize {
    let written = text.get(start + 1..).unwrap_or_default();
    let (mut decoded, mut characters) = (0, written.char_indices().peekable());
    while let Some((at, character)) = characters.next() {
        if decoded >= offset || character == '"' {
            return start + 1 + at;
        }
        decoded += match character {
            '\\' => escaped(&mut characters, written, at),
            other => other.len_utf8(),
        };
    }
    start
}

/// The bytes that the escape at `at` stands for.
fn escaped(characters: &mut impl Iterator<Item = (usize, char)>, written: &str, at: usize) -> usize {
    if characters.next().is_none_or(|(_, kind)| kind != 'u') {
        return 1;
    }
    let digits = written.get(at + 2..at + 6).unwrap_or_default();
    characters.take(4).for_each(drop);
    // Half of a pair of surrogates: two of them are one character of four bytes.
    u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).map_or(2, char::len_utf8)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl Scanner<'_> {
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn node(&mut self) -> Option<Node> {
        let first = self.peek()?;
        let start = self.at;
        let what = match first {
            b'{' => What::Object(self.list(b'}', Self::member)?),
            b'[' => What::Array(self.list(b']', Self::node)?),
            _ => What::Leaf(self.leaf()?),
        };
        Some(Node { what, start })
    }

    fn list<T>(&mut self, end: u8, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut items = Vec::new();
        self.at += 1;
        while self.peek()? != end {
            items.push(item(self)?);
            if self.peek()? == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
        Some(items)
    }

    fn member(&mut self) -> Option<Member> {
        self.peek()?;
        let start = self.at;
        let name = self.leaf()?.as_str()?.to_owned();
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        Some(Member { name, start, node: self.node()? })
    }

    fn leaf(&mut self) -> Option<Value> {
        let rest = &self.text[self.at..];
        let length = match rest.strip_prefix('"') {
            Some(inner) => {
                let mut escaped = false;
                let end = inner.find(|c| {
                    let is_end = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    is_end
                });
                end? + 2
            }
            None => rest.find(|c: char| ",]}".contains(c) || c.is_whitespace()).unwrap_or(rest.len()),
        };
        self.at += length;
        serde_json::from_str(&rest[..length]).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\"a\": [1, {\"b\\\"\": null}],\n \"æ\": \"x\\u00e6\\n\\\"y\", \"a\": -1.50}\n";

    #[test]
    fn the_tree_is_the_value() {
        let tree = Node::parse(TEXT).unwrap();
        assert_eq!(tree.value(), serde_json::from_str::<Value>(TEXT).unwrap());
        assert_eq!(tree.members().len(), 3);
    }

    #[test]
    fn everything_has_its_place() {
        let tree = Node::parse(TEXT).unwrap();
        let b = &tree.members()[0].node.items()[1].members()[0];
        assert_eq!(line_column(TEXT, b.start), (1, 12));
        let text = &tree.members()[1];
        assert_eq!((line_column(TEXT, text.start), line_column(TEXT, text.node.start)), ((2, 2), (2, 7)));
        let y = text.node.text().unwrap().find('y').unwrap();
        assert_eq!(&TEXT[inside(TEXT, text.node.start, y)..][..1], "y");
    }

    #[test]
    fn what_is_no_json_has_no_tree() {
        for text in ["", "{", "{\"a\"}", "[1", "{\"a\":}"] {
            assert!(Node::parse(text).is_none(), "{text}");
        }
    }
}
