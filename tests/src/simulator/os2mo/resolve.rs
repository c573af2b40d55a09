//! The fields of a query: what each object of the GraphQL schema answers.

use super::collection::{Collection, Link};
use super::cursor;
use super::dates::{End, Window, midnight};
use super::derived;
use super::filter::{Filter, end};
use super::organisation::{Organisation, State};
use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use jiff::civil::Date;
use serde_json::{Map, Value};
use uuid::Uuid;

/// What a query is answered with: the organisation, the GraphQL version and the roles of the reader.
pub(super) struct Context<'a> {
    pub(super) organisation: &'a Organisation,
    pub(super) version: u32,
    /// `None`: everything may be read.
    pub(super) roles: Option<&'a [String]>,
}

/// One object of the answer.
pub(super) struct Object<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) node: Node<'a>,
}

/// What kind of object it is.
pub(super) enum Node<'a> {
    Query,
    Mutation,
    Organisation,
    Version,
    /// A page of a collection, with the cursor of the next one.
    Page(Collection, Vec<Uuid>, Window, Option<Uuid>),
    PageInfo(Option<Uuid>),
    /// An object in all its states; the window is the one it was found with.
    Response(Collection, Uuid, Window),
    /// An object in one state.
    State(Collection, Uuid, &'a State),
    Validity(Collection, Option<Date>, Option<Date>),
}

pub(super) type Resolved<'a> = Result<ResolvedValue<'a>, FieldError>;

pub(super) fn error(message: impl Into<String>) -> FieldError {
    FieldError { message: message.into() }
}

impl ObjectValue for Object<'_> {
    fn type_name(&self) -> &str {
        match &self.node {
            Node::Query => "Query",
            Node::Mutation => "Mutation",
            Node::Organisation => "Organisation",
            Node::Version => "Version",
            Node::Page(collection, ..) => collection.page_type(),
            Node::PageInfo(_) => "PageInfo",
            Node::Response(collection, ..) => collection.response_type(),
            Node::State(collection, ..) => collection.type_name(),
            Node::Validity(collection, ..) => collection.validity_type(),
        }
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Resolved<'a> {
        let field = info.field_name();
        let unknown = || error(format!("the simulator does not know {}.{field}", self.type_name()));
        match (&self.node, field) {
            (Node::Query, "org") => self.context.may("read_org").map(|()| self.object(Node::Organisation)),
            (Node::Query, "version") => Ok(self.object(Node::Version)),
            (Node::Query, _) => self.collection(Collection::named(field).ok_or_else(unknown)?, info),
            (Node::Mutation, "employee_terminate") => self.terminate(&arguments(info)),
            (Node::Organisation, "uuid") => Ok(text(&self.context.organisation.uuid.to_string())),
            (Node::Organisation, "name" | "user_key") => Ok(text(&self.context.organisation.name)),
            (Node::Organisation, "municipality_code") => Ok(ResolvedValue::null()),
            (Node::Version, _) => Ok(ResolvedValue::null()),
            (Node::Page(collection, uuids, window, _), "objects") => {
                let responses =
                    uuids.iter().map(|uuid| self.object(Node::Response(*collection, *uuid, *window)));
                Ok(ResolvedValue::list(responses))
            }
            (Node::Page(_, _, _, next), "page_info") => Ok(self.object(Node::PageInfo(*next))),
            (Node::PageInfo(next), "next_cursor") => {
                Ok(next.map_or_else(ResolvedValue::null, |last| text(&cursor::after(last))))
            }
            (Node::Response(_, uuid, _), "uuid") => Ok(text(&uuid.to_string())),
            (Node::Response(collection, uuid, _), "current") => {
                self.current(*collection, *uuid, &arguments(info))
            }
            (Node::Response(collection, uuid, window), "validities" | "objects") => {
                self.validities(*collection, *uuid, *window, &arguments(info))
            }
            (Node::State(collection, uuid, state), _) => self.state_field(*collection, *uuid, state, info),
            (Node::Validity(_, from, _), "from") => Ok(day(*from)),
            // The last included day up to v28, the exclusive end from v29.
            (Node::Validity(_, _, until), "to") => match self.context.version {
                29.. => Ok(day(*until)),
                _ => Ok(day(until.map(|until| until.yesterday().unwrap()))),
            },
            _ => Err(unknown()),
        }
    }
}

impl<'a> Object<'a> {
    pub(super) fn object<'b>(&'b self, node: Node<'b>) -> ResolvedValue<'b> {
        ResolvedValue::object(Object { context: self.context, node })
    }

    fn collection<'b>(&'b self, collection: Collection, info: &'b ResolveInfo<'b>) -> Resolved<'b> {
        self.context.may(collection.role())?;
        let arguments = arguments(info);
        if arguments.get("inherit").is_some_and(|inherit| *inherit == Value::Bool(true)) {
            return Err(error("the simulator does not know managers(inherit: true) of the query"));
        }
        let filter = self.context.filter(collection, &arguments)?;
        self.page(collection, &filter, &arguments)
    }

    /// Only refused, of persons that do not exist; the graphql module makes OS2mo's error of it.
    fn terminate<'b>(&'b self, arguments: &Map<String, Value>) -> Resolved<'b> {
        let uuid = arguments["input"]["uuid"].as_str().unwrap_or_default();
        let is_known = uuid
            .parse()
            .is_ok_and(|uuid| self.context.organisation.current(Collection::Employees, uuid).is_some());
        if is_known {
            return Err(error("the simulator does not know how to end a person"));
        }
        Err(error(format!("ErrorCodes.E_NOT_FOUND {uuid}")))
    }

    fn page<'b>(
        &'b self,
        collection: Collection,
        filter: &Filter,
        arguments: &Map<String, Value>,
    ) -> Resolved<'b> {
        let (uuids, next) = self.context.find(collection, filter, arguments)?;
        Ok(self.object(Node::Page(collection, uuids, filter.window, next)))
    }

    fn current<'b>(
        &'b self,
        collection: Collection,
        uuid: Uuid,
        arguments: &Map<String, Value>,
    ) -> Resolved<'b> {
        let day = match end(arguments.get("at")).map_err(error)? {
            End::At(time) => time.date(),
            _ => self.context.organisation.today,
        };
        let state = self.context.organisation.at(collection, uuid, day);
        Ok(state.map_or_else(ResolvedValue::null, |state| self.object(Node::State(collection, uuid, state))))
    }

    fn validities<'b>(
        &'b self,
        collection: Collection,
        uuid: Uuid,
        found_with: Window,
        arguments: &Map<String, Value>,
    ) -> Resolved<'b> {
        let ends = (end(arguments.get("start")).map_err(error)?, end(arguments.get("end")).map_err(error)?);
        let window = match ends {
            (End::Unset, End::Unset) => found_with,
            (start, end) => Window::of(start, end, self.context.organisation.today).map_err(error)?,
        };
        let states = self.context.organisation.states(collection, uuid).iter();
        let shown = states.filter(move |state| window.touches(state.from, state.until));
        Ok(ResolvedValue::list(shown.map(move |state| self.object(Node::State(collection, uuid, state)))))
    }

    fn state_field<'b>(
        &'b self,
        collection: Collection,
        uuid: Uuid,
        state: &'b State,
        info: &'b ResolveInfo<'b>,
    ) -> Resolved<'b> {
        let field = info.field_name();
        if field == "uuid" {
            return Ok(text(&uuid.to_string()));
        }
        if field == "validity" {
            return Ok(self.object(Node::Validity(collection, state.from, state.until)));
        }
        if let Some(resolved) = derived::field(self, collection, uuid, state, info) {
            return resolved;
        }
        if let Some(link) = collection.link(field) {
            return self.linked(link, uuid, state, info);
        }
        if !collection.members().contains(&field) {
            return Err(error(format!("the simulator does not know {}.{field}", collection.type_name())));
        }
        Ok(match state.members.get(field) {
            Some(Value::String(value)) => text(value),
            Some(Value::Array(many)) => {
                ResolvedValue::list(many.clone().into_iter().map(ResolvedValue::leaf))
            }
            Some(value) => ResolvedValue::leaf(value.clone()),
            None => ResolvedValue::null(),
        })
    }

    /// The objects that `link` leads to, in the shape that the schema gives the field.
    fn linked<'b>(
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

    /// The uuids of one page, and the last of them when another page follows.
    fn find(
        &self,
        collection: Collection,
        filter: &Filter,
        arguments: &Map<String, Value>,
    ) -> Result<(Vec<Uuid>, Option<Uuid>), FieldError> {
        let after = arguments.get("cursor").and_then(Value::as_str).map(cursor::last);
        let after = after.transpose().map_err(error)?;
        let Some(limit) = arguments.get("limit").and_then(Value::as_i64) else {
            return Ok((filter.find(self.organisation, collection, after, usize::MAX), None));
        };
        let limit = usize::try_from(limit).unwrap_or(0);
        let mut uuids = filter.find(self.organisation, collection, after, limit.saturating_add(1));
        let has_next = uuids.len() > limit;
        uuids.truncate(limit);
        let next = uuids.last().copied().filter(|_| has_next);
        Ok((uuids, next))
    }
}

/// The arguments of a field; the null ones are there, the absent ones are not.
pub(super) fn arguments(info: &ResolveInfo<'_>) -> Map<String, Value> {
    match serde_json::to_value(info.arguments()).unwrap() {
        Value::Object(arguments) => arguments,
        _ => Map::new(),
    }
}

pub(super) fn text<'a>(text: &str) -> ResolvedValue<'a> {
    ResolvedValue::leaf(text)
}

fn day<'a>(day: Option<Date>) -> ResolvedValue<'a> {
    day.map_or_else(ResolvedValue::null, |day| text(&midnight(day)))
}
