//! One GraphQL request: parsed and validated against the recorded schema, executed, its errors in the words of OS2mo.

use super::context::Context;
use super::resolve::{Node, Object};
use apollo_compiler::executable::OperationType;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::resolvers::Execution;
use apollo_compiler::response::{GraphQLError, JsonMap, JsonValue};
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The recorded schema; the few differences of other versions that change answers are made in `schema`.
pub(super) const SDL: &str = include_str!("../../../fixtures/os2mo/schema-v25.graphql");

static SCHEMA: LazyLock<Valid<Schema>> = LazyLock::new(|| parse(SDL));
static SCHEMA_BEFORE_V23: LazyLock<Valid<Schema>> = LazyLock::new(|| parse(&before_v23()));

fn parse(sdl: &str) -> Valid<Schema> {
    Schema::parse_and_validate(sdl, "schema.graphql").unwrap_or_else(|invalid| panic!("{}", invalid.errors))
}

/// `KLE.kle_number` was one class, not a list.
fn before_v23() -> String {
    let arguments = "(filter: UuidsBoundClassFilter, limit: int = null, cursor: Cursor = null)";
    let after = format!("kle_number{arguments}: [Class!]!");
    assert!(SDL.contains(&after));
    SDL.replace(&after, &format!("kle_number{arguments}: Class!"))
}

fn schema(version: u32) -> &'static Valid<Schema> {
    if version < 23 { &SCHEMA_BEFORE_V23 } else { &SCHEMA }
}

/// A body of an answer; `data` is null when there is none.
#[derive(Serialize)]
pub(super) struct Answer {
    data: Option<JsonMap>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<GraphQLError>,
}

impl Answer {
    /// An answer without data that only says `message`.
    pub(super) fn refusal(message: impl Into<String>) -> Self {
        Self { data: None, errors: vec![GraphQLError::new(message, None, &Default::default())] }
    }
}

/// The answer to `query` with `variables`.
pub(super) fn answer(
    context: &Context<'_>,
    query: &str,
    operation: Option<&str>,
    variables: Value,
) -> Answer {
    let schema = schema(context.version);
    let document = match ExecutableDocument::parse_and_validate(schema, query, "query.graphql") {
        Ok(document) => document,
        Err(invalid) => {
            let errors =
                invalid.errors.iter().map(|error| in_their_words(error.unstable_to_json_compat(), schema));
            return Answer { data: None, errors: errors.collect() };
        }
    };
    let operation = match document.operations.get(operation) {
        Ok(operation) => operation,
        Err(error) => return Answer::refusal(error.message().to_string()),
    };
    let variables = match JsonValue::from(variables) {
        JsonValue::Object(variables) => variables,
        _ => JsonMap::new(),
    };
    for variable in &operation.variables {
        let is_given = variables.contains_key(variable.name.as_str()) || variable.default_value.is_some();
        if variable.ty.is_non_null() && !is_given {
            let (name, ty) = (&variable.name, &variable.ty);
            let message = format!("Variable '${name}' of required type '{ty}' was not provided.");
            let error = GraphQLError::new(message, variable.location(), &document.sources);
            return Answer { data: None, errors: vec![error] };
        }
    }
    let variables = match coerce_variable_values(schema, operation, &variables) {
        Ok(variables) => variables,
        Err(error) => return Answer { data: None, errors: vec![error.to_graphql_error(&document.sources)] },
    };
    let node = match operation.operation_type {
        OperationType::Query => Node::Query,
        OperationType::Mutation => Node::Mutation,
        OperationType::Subscription => return Answer::refusal("the simulator does not know subscriptions"),
    };
    let execution =
        Execution::new(schema, &document).operation(operation).coerced_variable_values(&variables);
    match execution.execute_sync(&Object { context, node }) {
        Ok(response) => finished(response.data, response.errors),
        Err(error) => Answer::refusal(error.message().to_string()),
    }
}

/// The answer of an execution, its errors as OS2mo gives them.
fn finished(data: Option<JsonMap>, errors: Vec<GraphQLError>) -> Answer {
    let errors: Vec<GraphQLError> = errors.into_iter().map(as_field_error).collect();
    // Arguments that cannot be parsed are found before the execution: no data, no path.
    let unparsed = |e: &GraphQLError| {
        e.message.starts_with("Expected value of type") || e.message.starts_with("Value cannot represent")
    };
    if let Some(error) = errors.iter().find(|error| unparsed(error)) {
        return Answer::refusal(error.message.clone());
    }
    Answer { data, errors }
}

fn as_field_error(mut error: GraphQLError) -> GraphQLError {
    if let Some(message) = error.message.strip_prefix("resolver error: ") {
        error.message = message.to_owned();
    }
    if let Some(uuid) = error.message.strip_prefix("ErrorCodes.E_NOT_FOUND ").map(str::to_owned) {
        error.message = "ErrorCodes.E_NOT_FOUND".into();
        let context = json!({
            "error": true, "description": "Not found.", "status": 404, "error_key": "E_NOT_FOUND",
            "path": "organisation/bruger", "uuid": uuid,
        });
        error.extensions.insert("error_context", context.into());
    }
    error
}

/// A message of the validation in the words of graphql-core, which OS2mo uses.
fn in_their_words(mut error: GraphQLError, schema: &Schema) -> GraphQLError {
    error.message = error.message.replace('"', "'");
    let quoted: Vec<&str> = error.message.split('\'').collect();
    if let ["Cannot query field ", field, " on type ", type_name, "."] = quoted[..] {
        error.message += &suggestions(schema, type_name, field);
    }
    error
}

/// ` Did you mean 'name' or 'type'?`, with the fields of a type that look like `field`.
fn suggestions(schema: &Schema, type_name: &str, field: &str) -> String {
    let Some(object) = schema.get_object(type_name) else { return String::new() };
    let threshold = field.len() * 2 / 5 + 1;
    let names = object.fields.keys().map(|name| (distance(field, name), name.as_str()));
    let mut near: Vec<(usize, &str)> = names.filter(|(distance, _)| *distance <= threshold).collect();
    near.sort_unstable();
    let near: Vec<String> = near.iter().take(5).map(|(_, name)| format!("'{name}'")).collect();
    match &near[..] {
        [] => String::new(),
        [one] => format!(" Did you mean {one}?"),
        [first @ .., last] if first.len() == 1 => format!(" Did you mean {} or {last}?", first[0]),
        [first @ .., last] => format!(" Did you mean {}, or {last}?", first.join(", ")),
    }
}

/// Edits that turn `left` into `right`.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, from) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}
