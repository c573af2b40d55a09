//! Two converters that one customer of the connector had.

use super::call::Call;
use super::{Converted, Step, is_falsy, on_text};
use muster_stream::Value;
use std::sync::Arc;

/// The user in a DN that begins with `uid=`.
pub(super) fn manager(odd: bool) -> Step {
    Arc::new(move |value, _| -> Converted {
        if is_falsy(&value) {
            let stays = odd || value.is_null() || value.is_string();
            return if stays { Ok(Value::Null) } else { on_text("uber_manager", value, |_| Ok(Value::Null)) };
        }
        on_text("uber_manager", value, |text| {
            let user = text.strip_prefix("uid=").map(|rest| rest.split(',').next().unwrap_or_default());
            Ok(user.unwrap_or(text).into())
        })
    })
}

/// Whether an address is one of the house's. Which domain that is, was written into the connector.
pub(super) fn position(call: &Call) -> Result<Step, String> {
    let domain =
        call.required("domain", "uber_position:domain=example.org")?.trim_start_matches('@').to_owned();
    let domain = format!("@{domain}");
    Ok(Arc::new(move |value, _| {
        on_text("uber_position", value, |address| {
            Ok(if address.ends_with(&domain) { "Employee" } else { "Contractor" }.into())
        })
    }))
}
