//! A spec compiled: what the engine goes by.

use crate::converters::Converter;
use crate::expression::Compiled;
use crate::native::Piece;
use crate::path::Path;
use crate::text::FieldKind;
use minijinja::Template;
use muster_stream::Value;

/// One entry of `maps`.
pub(crate) struct MapPlan {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) when: Option<Compiled>,
    pub(crate) lets: Vec<LetPlan>,
    pub(crate) each: Option<(String, Compiled)>,
    pub(crate) key: Option<KeyPlan>,
    pub(crate) fields: Vec<FieldPlan>,
    /// Whether members are found by their escaped names, too.
    pub(crate) escaped: bool,
}

/// The maps of one source kind.
pub(crate) struct Group {
    pub(crate) from: &'static str,
    pub(crate) maps: Vec<&'static MapPlan>,
    /// The kinds that its objects become, and whether each keeps the source's key.
    pub(crate) targets: Vec<(&'static str, bool)>,
}

impl Group {
    /// One for each source kind.
    pub(crate) fn all(maps: &'static [MapPlan]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for map in maps {
            match groups.iter_mut().find(|group| group.from == map.from) {
                Some(group) => group.add(map),
                None => groups.push(Self {
                    from: &map.from,
                    maps: vec![map],
                    targets: vec![(&map.to, map.keeps_key())],
                }),
            }
        }
        groups
    }

    fn add(&mut self, map: &'static MapPlan) {
        self.maps.push(map);
        match self.targets.iter_mut().find(|(kind, _)| *kind == map.to) {
            Some((_, keeps)) => *keeps &= map.keeps_key(),
            None => self.targets.push((&map.to, map.keeps_key())),
        }
    }
}

/// One entry of `let`.
pub(crate) struct LetPlan {
    pub(crate) name: String,
    pub(crate) expression: Compiled,
    /// Whether it needs the item of `each`, itself or through another one.
    pub(crate) per_item: bool,
}

/// Where the key comes from.
pub(crate) enum KeyPlan {
    Member(String),
    Expr(Compiled),
}

/// One field.
pub(crate) struct FieldPlan {
    pub(crate) name: String,
    /// What stands before its value: a comma, its name, a colon.
    pub(crate) opening: Vec<u8>,
    /// Whether a value of the record goes on as it came: it meets no converter, no type and is no set.
    pub(crate) plain: bool,
    /// Its place in the output record, as a JSON pointer.
    pub(crate) pointer: String,
    pub(crate) when: Option<Compiled>,
    pub(crate) source: Source,
    pub(crate) converters: Vec<Converter>,
    pub(crate) default: Option<Value>,
    pub(crate) required: Option<Required>,
    /// Whether texts are read as literals of Python.
    pub(crate) literals: bool,
    pub(crate) kind: Option<FieldKind>,
    pub(crate) set: bool,
    pub(crate) omit_null: bool,
}

/// What a required field must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Required {
    /// Anything but null and what is empty.
    Present,
    /// Neither 0 nor false, too.
    Truthy,
}

/// Where a field's value comes from.
pub(crate) enum Source {
    /// A path through the record itself: its JSON passes through as it is. Beside it the slot of what is read there.
    Record(Path, usize),
    /// A path as the Oomnitza connector walks it.
    Odd(String),
    /// A path that begins at a `let` or at the item of `each`.
    Scope(Path),
    Expr(Compiled),
    /// Beside it what is tried first, when the template is a simple one.
    Template(Template<'static, 'static>, Option<Vec<Piece>>),
    /// `setting` and `hardcoded`.
    Constant(Value),
    Fields(Vec<FieldPlan>),
}

impl MapPlan {
    /// The place of the `let` called `name`.
    pub(crate) fn let_index(&self, name: &str) -> Option<usize> {
        self.lets.iter().position(|plan| plan.name == name)
    }

    /// Whether the key of what it makes is the key of the source.
    pub(crate) fn keeps_key(&self) -> bool {
        self.key.is_none() && self.each.is_none()
    }
}
