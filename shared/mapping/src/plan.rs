//! A spec compiled: what the engine goes by.

use crate::converters::Converter;
use crate::expression::Compiled;
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
    /// A path through the record itself: its JSON passes through as it is.
    Record(Path),
    /// A path as the Oomnitza connector walks it.
    Odd(String),
    /// A path that begins at a `let` or at the item of `each`.
    Scope(Path),
    Expr(Compiled),
    Template(Template<'static, 'static>),
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
