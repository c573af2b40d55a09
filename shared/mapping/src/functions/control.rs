//! Functions that are about the record as a whole: refusing it, and rendering the templates of settings.

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind};

/// Refuse the record with this reason.
pub(super) fn fail(message: &Value) -> Result<Value, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, message.to_string()))
}

/// The text of `template`, which stands in a setting of type `templates`.
pub(super) fn render(
    strict: &'static Environment<'static>,
    template: &str,
    context: Value,
) -> Result<String, Error> {
    let found = strict.get_template(template).map_err(|_| {
        Error::new(
            ErrorKind::InvalidOperation,
            "'render' takes a template out of a setting of type 'templates'",
        )
    })?;
    found.render(context)
}
