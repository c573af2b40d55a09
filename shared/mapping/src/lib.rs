//! Mapping: a spec, the expressions in it, and the engine that turns records into records in the target's terms.
//!
//! [`Spec::find`] reads a spec with everything it extends, [`Spec::compile`] takes the values of its settings and gives
//! an [`Engine`], [`run`] carries a whole stream through it on all cores. The language stands in `muster-spec(5)`.

mod batch;
mod canonical;
mod check;
mod compile;
mod compile_converters;
mod compile_fields;
mod compile_native;
mod compile_places;
mod condition;
mod converters;
mod deletes;
mod engine;
mod escape;
mod explain;
mod explain_json;
mod explain_text;
mod expression;
mod extends;
mod field;
mod finding;
mod functions;
mod jinja;
#[cfg(test)]
mod jinja2;
mod layers;
mod lint;
mod literal;
mod made;
mod names;
mod native;
mod odd_path;
mod path;
mod plan;
mod pool;
mod population;
mod profile;
mod run;
mod scope;
mod segments;
mod settings;
mod shape;
mod shipped;
mod source;
mod spec;
mod tables;
mod text;
mod times;
mod trace;
mod tracer;
mod tracer_fields;
mod tree;
mod typed;
mod unknown;
mod value;
#[cfg(test)]
mod vectors;

pub use check::check;
pub use condition::Condition;
pub use engine::Engine;
pub use explain::{Form, explain};
pub use finding::{Finding, Weight};
pub use profile::Part;
pub use run::{Options, Summary, run};
pub use settings::{Declared, Kind};
pub use shape::schema;
pub use shipped::shipped;
pub use spec::Spec;
