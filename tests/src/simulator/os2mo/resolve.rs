//! The fields of a query: what each object of the GraphQL schema answers.

use super::collection::Collection;
use super::context::Context;
use super::dates::{End, Window, midnight};
use super::derived;
use super::filter::{Filter, end};
use super::organisation::State;
use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use jiff::civil::Date;
use serde_json::{Map, Value};
use uuid::Uuid;

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
    Page(Collection, Vec<Uuid>, Window, Option<String>),
    PageInfo(Option<&'a str>),
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
            (Node::Page(_, _, _, next), "page_info") => Ok(self.object(Node::PageInfo(next.as_deref()))),
            (Node::PageInfo(next), "next_cursor") => Ok(next.map_or_else(ResolvedValue::null, text)),
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

    pub(super) fn page<'b>(
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
