//! Relations: the objects that an object leads to, in the shape that the schema gives the field.

use super::collection::Collection;
use super::filter::Filter;
use super::links::Link;
use super::organisation::State;
use super::resolve::{Node, Object, Resolved, arguments};
use apollo_compiler::resolvers::{ResolveInfo, ResolvedValue};
use serde_json::{Map, Value};
use uuid::Uuid;

impl Object<'_> {
    /// The objects that `link` leads to.
    pub(super) fn linked<'b>(
        &'b self,
        link: Link,
        uuid: Uuid,
        state: &State,
        info: &'b ResolveInfo<'b>,
    ) -> Resolved<'b> {
        let target = match link {
            Link::To(_, target) | Link::From(target, _) => target,
        };
        self.context.may(target.role())?;
        let arguments = arguments(info);
        let ty = &info.field_definition().ty;
        if let Link::To(member, _) = link
            && ty.inner_named_type().ends_with("Response")
            && !ty.is_list()
        {
            // The reference itself, whether or not its target is valid now.
            let response =
                state.uuids(member).first().map(|uuid| Node::Response(target, *uuid, self.context.now()));
            return Ok(response.map_or_else(ResolvedValue::null, |response| self.object(response)));
        }
        let filter = self.context.filter(target, &arguments)?;
        let (filter, is_null) = match link {
            Link::To(member, _) => {
                let uuids = state.uuids(member);
                let is_null = uuids.is_empty();
                (filter.among(uuids), is_null)
            }
            Link::From(_, member) => {
                let referring = self.context.organisation.index().referring(target, member, uuid);
                (filter.among(referring).referring(member, uuid), false)
            }
        };
        if is_null && !info.field_definition().ty.is_non_null() {
            return Ok(ResolvedValue::null());
        }
        self.shaped(target, filter, &arguments, info)
    }

    /// What `filter` finds, as the page, list or single object that the schema declares.
    pub(super) fn shaped<'b>(
        &'b self,
        target: Collection,
        filter: Filter,
        arguments: &Map<String, Value>,
        info: &'b ResolveInfo<'b>,
    ) -> Resolved<'b> {
        let ty = &info.field_definition().ty;
        if ty.inner_named_type().ends_with("Paged") {
            return self.page(target, &filter, arguments);
        }
        let (uuids, _) = self.context.find(target, &filter, arguments)?;
        let is_response = ty.inner_named_type().ends_with("Response");
        let mut found: Vec<ResolvedValue<'b>> = Vec::new();
        for uuid in uuids {
            if is_response {
                found.push(self.object(Node::Response(target, uuid, filter.window)));
                continue;
            }
            let states = self.context.organisation.states(target, uuid).iter().filter(|s| filter.shows(s));
            found.extend(states.map(|state| self.object(Node::State(target, uuid, state))));
        }
        if ty.is_list() {
            return Ok(ResolvedValue::list(found));
        }
        Ok(found.into_iter().next().unwrap_or_else(ResolvedValue::null))
    }
}
