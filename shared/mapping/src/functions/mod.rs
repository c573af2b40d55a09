//! The named functions that expressions have beside those of Jinja.
//!
//! Filters on lists; `by` is a path such as `address_type.uuid`, `none` counts as an empty list:
//!
//! | filter | gives |
//! |---|---|
//! | `list \| where(by, wanted)` | the items whose value at `by` is `wanted`, or one of them when it is a list; an item with a list there needs one in common; a missing value or empty list there is `none` |
//! | `list \| first_by_order(order, by, only=false)` | the item whose value at `by` stands earliest in `order`, of equals the first; items whose value does not stand there come last, with `only` not at all; `none` when no item is left |
//! | `list \| group_by(by)` | `{key, members}` for each value at `by`, in order of first appearance; an item with a list there belongs to each of its values, one with none to the key `none` |
//! | `list \| duplicates(by)` | the values at `by` that several items have |
//!
//! Filters and tests on text; `none` stays `none`:
//!
//! | name | gives |
//! |---|---|
//! | `text \| cut(n)` | the text without blanks at its ends, and of that at most n characters |
//! | `text \| digits` | only its digits |
//! | `text \| uuid` | the UUID in lower case; anything else fails |
//! | `text is uuid` | whether it is a UUID |
//!
//! Functions:
//!
//! | function | gives |
//! |---|---|
//! | `fail(message)` | nothing: the record is rejected with this reason |
//! | `render(template, context)` | the text of a template out of a setting of type `templates`; unknown variables are errors |

mod control;
mod lists;
mod text;

use minijinja::Environment;
use minijinja::value::Value;

/// Put all of them into `environment`; `strict` holds the templates of settings.
pub(crate) fn register(environment: &mut Environment<'static>, strict: &'static Environment<'static>) {
    environment.add_filter("where", lists::only_where);
    environment.add_filter("first_by_order", lists::first_by_order);
    environment.add_filter("group_by", lists::group_by);
    environment.add_filter("duplicates", lists::duplicates);
    environment.add_filter("cut", text::cut);
    environment.add_filter("digits", text::digits);
    environment.add_filter("uuid", text::uuid);
    environment.add_test("uuid", text::is_uuid);
    environment.add_function("fail", control::fail);
    environment.add_function("render", move |template: &str, context: Value| {
        control::render(strict, template, context)
    });
}
