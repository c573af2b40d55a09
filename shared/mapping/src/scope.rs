//! What the names in an expression mean: the item of `each`, then `let`, then `settings` and `record`, then the members
//! of the record.

use crate::plan::MapPlan;
use crate::source::Source;
use minijinja::value::{Object, Value};
use std::sync::{Arc, OnceLock};

/// A `let`, evaluated: its value and whether that touched something unknown.
type Let = OnceLock<(Value, bool)>;

/// The names of one record and map, or of one item of `each`.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) source: Arc<Source>,
    map: Plan,
    /// Made when the first of them is asked for.
    lets: OnceLock<Vec<Let>>,
    /// The names of the whole record, and the item, when this is the scope of an item.
    item: Option<(Arc<Scope>, Value)>,
}

/// Wrapped, for it has no `Debug`.
struct Plan(&'static MapPlan);

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.to)
    }
}

impl Scope {
    /// The scope of a whole record.
    pub(crate) fn new(source: Arc<Source>, map: &'static MapPlan) -> Arc<Self> {
        Arc::new(Self { source, map: Plan(map), lets: OnceLock::new(), item: None })
    }

    /// The scope of one item.
    pub(crate) fn item(self: &Arc<Self>, item: Value) -> Arc<Self> {
        Arc::new(Self {
            source: self.source.clone(),
            map: Plan(self.map.0),
            lets: OnceLock::new(),
            item: Some((self.clone(), item)),
        })
    }

    /// It as the context of an expression.
    pub(crate) fn context(self: &Arc<Self>) -> Value {
        Value::from_dyn_object(self.clone())
    }

    /// What `name` means; nothing when it is a function, or nothing at all.
    pub(crate) fn get(self: &Arc<Self>, name: &str) -> Option<Value> {
        match &self.item {
            Some((_, item)) if self.map.0.each.as_ref().is_some_and(|(each, _)| each == name) => {
                Some(item.clone())
            }
            _ => self.get_beside_item(name),
        }
    }

    /// The `let`s that were asked for so far: their places and values.
    pub(crate) fn evaluated(&self) -> Vec<(usize, Value)> {
        let mut found = self.item.as_ref().map(|(whole, _)| whole.evaluated()).unwrap_or_default();
        let own = self.lets.get().into_iter().flatten().enumerate();
        let own = own.filter_map(|(index, value)| Some((index, value.get()?.0.clone())));
        found.extend(own);
        found.sort_by_key(|(index, _)| *index);
        found
    }

    fn get_beside_item(self: &Arc<Self>, name: &str) -> Option<Value> {
        if let Some(index) = self.map.0.let_index(name) {
            return Some(self.let_value(index));
        }
        match name {
            "settings" => None,
            "record" => Some(Value::from_dyn_object(self.source.clone())),
            name => self.source.member(name).or_else(|| {
                let escaped = self.map.0.escaped.then(|| self.source.named(name)).flatten();
                self.source.member(&escaped?)
            }),
        }
    }

    fn let_value(self: &Arc<Self>, index: usize) -> Value {
        let plan = &self.map.0.lets[index];
        if let (Some((whole, _)), false) = (&self.item, plan.per_item) {
            return whole.let_value(index);
        }
        let lets = self.lets.get_or_init(|| self.map.0.lets.iter().map(|_| Let::new()).collect());
        let (value, touched) = lets[index].get_or_init(|| {
            let before = self.source.taint().take();
            let value = plan.expression.eval(self.context()).unwrap_or_else(Value::from);
            let touched = self.source.taint().take();
            if before {
                self.source.taint().raise();
            }
            (value, touched)
        });
        if *touched {
            self.source.taint().raise();
        }
        value.clone()
    }
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.get(key)
    }
}
