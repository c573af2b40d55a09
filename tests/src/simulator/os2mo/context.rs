//! What a query is answered with, and what its reader may find.

use super::collection::Collection;
use super::cursor;
use super::dates::Window;
use super::filter::Filter;
use super::organisation::Organisation;
use super::resolve::error;
use apollo_compiler::resolvers::FieldError;
use serde_json::{Map, Value};
use uuid::Uuid;

/// The organisation, the GraphQL version and the roles of the reader.
pub(super) struct Context<'a> {
    pub(super) organisation: &'a Organisation,
    pub(super) version: u32,
    /// `None`: everything may be read.
    pub(super) roles: Option<&'a [String]>,
}

impl Context<'_> {
    /// Refuse unless the reader has `role`.
    pub(super) fn may(&self, role: &str) -> Result<(), FieldError> {
        match self.roles {
            Some(roles) if !roles.iter().any(|had| had == role) => {
                Err(error("No policy approved the access"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn now(&self) -> Window {
        Window::now(self.organisation.today)
    }

    pub(super) fn filter(
        &self,
        target: Collection,
        arguments: &Map<String, Value>,
    ) -> Result<Filter, FieldError> {
        Filter::new(self.organisation, target, arguments.get("filter"), self.version).map_err(error)
    }

    /// The uuids of one page, and the cursor of the next one.
    pub(super) fn find(
        &self,
        collection: Collection,
        filter: &Filter,
        arguments: &Map<String, Value>,
    ) -> Result<(Vec<Uuid>, Option<String>), FieldError> {
        let cursor = arguments.get("cursor").and_then(Value::as_str).map(cursor::last);
        let (after, was_pause) = cursor.transpose().map_err(error)?.unzip();
        let Some(limit) = arguments.get("limit").and_then(Value::as_i64) else {
            return Ok((filter.find(self.organisation, collection, after, usize::MAX), None));
        };
        let mut limit = usize::try_from(limit).unwrap_or(0);
        if self.organisation.sparse_pages && limit > 0 {
            if was_pause != Some(true) {
                return Ok((Vec::new(), Some(cursor::after(after.unwrap_or_default(), true))));
            }
            limit = limit.div_ceil(2);
        }
        let mut uuids = filter.find(self.organisation, collection, after, limit.saturating_add(1));
        let has_next = uuids.len() > limit;
        uuids.truncate(limit);
        let next = uuids.last().filter(|_| has_next).map(|last| cursor::after(*last, false));
        Ok((uuids, next))
    }
}
