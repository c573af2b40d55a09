//! Mapping: a spec, the expressions in it, and the engine that turns records into records in the target's terms.
//!
//! [`Spec::find`] reads a spec with everything it extends, [`Spec::compile`] takes the values of its settings and gives
//! an [`Engine`], [`run`] carries a whole stream through it on all cores. The language stands in `muster-spec(5)`.

mod batch;
mod canonical;
mod compile;
mod compile_fields;
mod condition;
mod converters;
mod deletes;
mod engine;
mod escape;
mod expression;
mod extends;
mod field;
mod functions;
mod literal;
mod names;
mod odd_path;
mod path;
mod plan;
mod population;
mod run;
mod scope;
mod segments;
mod settings;
mod shipped;
mod spec;
mod tables;
mod text;
mod times;
mod typed;
mod unknown;
mod value;
#[cfg(test)]
mod vectors;

pub use condition::Condition;
pub use engine::{Engine, Mapped, Verdict};
pub use run::{Options, Summary, run};
pub use settings::{Declared, Kind};
pub use shipped::shipped;
pub use spec::Spec;
