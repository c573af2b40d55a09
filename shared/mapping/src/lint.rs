//! What of a spec can be used but is hardly meant: what nothing uses, what never happens, names that are nearly others.

use crate::compile_places::{field_place, map_name};
use crate::converters::{LOCATIONS, MAC_MODELS};
use crate::finding::{Place, Wrong, wrong};
use crate::names;
use crate::path::Path;
use crate::text::{FieldText, KeyText, MapText, Named, SpecText};
use minijinja::Environment;
use std::collections::HashSet;

/// The warnings about a spec.
pub(crate) fn warnings(spec: &SpecText) -> Vec<Wrong> {
    let codes = Codes::of(spec);
    let mut found = Vec::new();
    found.extend(spec.settings.0.iter().filter(|(name, _)| !codes.use_setting(name)).map(|(name, _)| {
        wrong(&Place::of("", &["settings", name]), format!("nothing uses the setting '{name}'"))
            .hint("take it out")
    }));
    found.extend(spec.converters.0.iter().filter(|(name, _)| !codes.use_converter(name)).map(|(name, _)| {
        wrong(&Place::of("", &["converters", name]), format!("nothing uses the converter '{name}'"))
            .hint("take it out")
    }));
    found.extend(spec.tables.0.iter().filter(|(name, _)| !codes.use_table(name)).map(|(name, _)| {
        wrong(&Place::of("", &["tables", name]), format!("nothing uses the table '{name}'"))
            .hint("take it out")
    }));
    found.extend(codes.0.iter().filter(|code| code.never_holds()).map(Code::unreachable));
    for (index, map) in spec.maps.iter().enumerate() {
        let place = place_of(index, map);
        let codes = codes.of_map(index);
        found.extend(same_as_before(&spec.maps[..index], map, &place));
        found.extend(unused_names(&codes, map, &place));
        found.extend(codes.iter().flat_map(|code| near_misses(code, &codes, map)));
    }
    found
}

fn place_of(index: usize, map: &MapText) -> Place {
    Place::of(map_name(map), &["maps", &index.to_string()])
}

/// A map that makes what a map before it makes.
fn same_as_before(before: &[MapText], map: &MapText, place: &Place) -> Option<Wrong> {
    if let Some(name) = &map.name
        && before.iter().any(|other| other.name.as_ref() == Some(name))
    {
        let why = "a map before it has the same name";
        return Some(
            wrong(&place.at(&["name"]), why).hint("a spec that extends this one finds only the first"),
        );
    }
    let keeps_key = |map: &MapText| map.key.is_none() && map.each.0.is_empty();
    let overlaps = |other: &&MapText| {
        (&other.from, &other.to) == (&map.from, &map.to)
            && keeps_key(other)
            && (other.when.is_none() || map.when.is_none() || other.when == map.when)
    };
    let other = before.iter().find(overlaps).filter(|_| keeps_key(map))?;
    let why = format!("it makes the same objects as the map '{}' before it", map_name(other));
    let hint = "a key that comes twice is unknown to the target: give one of them 'when' or 'key'";
    Some(wrong(place, why).hint(hint))
}

fn unused_names(codes: &[&Code<'_>], map: &MapText, place: &Place) -> Vec<Wrong> {
    let is_used = |name: &str, own: &str| {
        codes
            .iter()
            .any(|code| code.uses(name) && code.place.path().get(2..4) != Some(&[own.into(), name.into()]))
    };
    let lets = map.lets.0.iter().filter(|(name, _)| !is_used(name, "let")).map(|(name, _)| {
        wrong(&place.at(&["let", name]), format!("nothing uses '{name}'")).hint("take it out")
    });
    let each = map.each.0.iter().filter(|(name, _)| !is_used(name, "each")).map(|(name, _)| {
        wrong(&place.at(&["each", name]), format!("nothing uses '{name}': all items give the same"))
    });
    lets.chain(each).collect()
}

/// Names that are members of the record, for nothing gives them, but are nearly a name of `let` or `each`.
fn near_misses(code: &Code<'_>, all: &[&Code<'_>], map: &MapText) -> Vec<Wrong> {
    let own: Vec<&str> = map.lets.0.iter().chain(&map.each.0).map(|(name, _)| name.as_str()).collect();
    let mut names: Vec<&String> = code.names.iter().filter(|name| !own.contains(&name.as_str())).collect();
    names.sort_unstable();
    let near = |name: &&String| {
        // What a `let` is made from may well be called nearly the same: `unit` out of `units`.
        let makes_one = all.iter().any(|code| code.is_let_or_each() && code.names.contains(*name));
        let is_call = code.source.contains(&format!("{name}("));
        if makes_one || is_call || ["settings", "record", "value"].contains(&name.as_str()) {
            return None;
        }
        let near = names::nearest(name, own.iter().copied())?;
        let most = if name.chars().count() < 6 { 1 } else { 2 };
        (strsim::damerau_levenshtein(name, near) <= most).then_some(near)
    };
    names
        .into_iter()
        .filter_map(|name| {
            let near = near(&name)?;
            let at = code.source.find(name.as_str()).unwrap_or(0);
            let why = format!("'{name}' is a member of the record, but nearly the name '{near}'");
            let hint = format!("did you mean '{near}'? If not, 'record.{name}' says so");
            Some(wrong(&code.place.byte(at), why).hint(hint))
        })
        .collect()
}

/// A piece of code in a spec.
struct Code<'a> {
    place: Place,
    source: &'a str,
    /// The names that it takes from outside.
    names: HashSet<String>,
    /// The same with what is looked up in them: `settings.city`.
    paths: HashSet<String>,
}

impl Code<'_> {
    fn uses(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    fn is_let_or_each(&self) -> bool {
        self.place.path().get(2).is_some_and(|part| part == "let" || part == "each")
    }

    /// Whether it is a `when` that is false whatever comes.
    fn never_holds(&self) -> bool {
        self.place.path().last().is_some_and(|part| part == "when")
            && self.names.is_empty()
            && Environment::new()
                .compile_expression(self.source)
                .and_then(|expression| expression.eval(()))
                .is_ok_and(|value| !value.is_true())
    }

    fn unreachable(&self) -> Wrong {
        let is_map = self.place.path().len() == 3;
        let what = if is_map { "nothing ever comes of this map" } else { "this field is never there" };
        wrong(&self.place, format!("'when' never holds: {what}")).hint("take it out")
    }
}

/// All code of a spec.
struct Codes<'a>(Vec<Code<'a>>);

impl<'a> Codes<'a> {
    fn of(spec: &'a SpecText) -> Self {
        let mut codes = Self(Vec::new());
        for (name, source) in &spec.converters.0 {
            codes.expression(Place::of(format!("converter '{name}'"), &["converters", name]), source);
        }
        for (index, map) in spec.maps.iter().enumerate() {
            codes.map(&place_of(index, map), map);
        }
        codes
    }

    fn map(&mut self, place: &Place, map: &'a MapText) {
        if let Some(when) = &map.when {
            self.expression(place.at(&["when"]), when);
        }
        for (part, named) in [("let", &map.lets), ("each", &map.each)] {
            for (name, source) in &named.0 {
                self.expression(place.at(&[part, name]), source);
            }
        }
        if let Some(KeyText::Expr(source)) = &map.key {
            self.expression(place.at(&["key", "expr"]), source);
        }
        self.fields(place, &map.fields);
    }

    fn fields(&mut self, place: &Place, fields: &'a Named<FieldText>) {
        for (name, FieldText(field)) in &fields.0 {
            let place = field_place(place, name);
            for (part, source) in [("when", &field.when), ("expr", &field.expr)] {
                if let Some(source) = source {
                    self.expression(place.at(&[part]), source);
                }
            }
            if let Some(template) = &field.template {
                self.template(place.at(&["template"]), template);
            }
            if let Some(path) = &field.source {
                let first = Path::parse(path).ok().map(|path| path.first().to_owned());
                self.push(place.at(&["source"]), path, first.into_iter().collect(), HashSet::new());
            }
            if let Some(setting) = &field.setting {
                let path = HashSet::from([format!("settings.{setting}")]);
                self.push(place.at(&["setting"]), setting, HashSet::new(), path);
            }
            for (index, step) in field.converter.0.iter().enumerate() {
                let place = place.at(&["converter", &index.to_string()]);
                self.push(place, step, HashSet::new(), HashSet::new());
            }
            if let Some(fields) = &field.fields {
                self.fields(&place, fields);
            }
        }
    }

    fn expression(&mut self, place: Place, source: &'a str) {
        let environment = Environment::new();
        match environment.compile_expression(source) {
            Ok(code) => {
                self.push(place, source, code.undeclared_variables(false), code.undeclared_variables(true))
            }
            Err(_) => self.words(place, source),
        }
    }

    fn template(&mut self, place: Place, source: &'a str) {
        let environment = Environment::new();
        match environment.template_from_str(source) {
            Ok(code) => {
                self.push(place, source, code.undeclared_variables(false), code.undeclared_variables(true))
            }
            Err(_) => self.words(place, source),
        }
    }

    /// What does not compile may use whatever it says.
    fn words(&mut self, place: Place, source: &'a str) {
        let names: HashSet<String> = names::words(source).map(str::to_owned).collect();
        let paths = names.iter().map(|name| format!("settings.{name}")).collect();
        self.push(place, source, names, paths);
    }

    fn push(&mut self, place: Place, source: &'a str, names: HashSet<String>, paths: HashSet<String>) {
        self.0.push(Code { place, source, names, paths });
    }

    fn of_map(&self, index: usize) -> Vec<&Code<'a>> {
        let index = index.to_string();
        let of_map =
            |code: &&Code<'_>| matches!(code.place.path(), [maps, at, ..] if maps == "maps" && *at == index);
        self.0.iter().filter(of_map).collect()
    }

    fn use_setting(&self, name: &str) -> bool {
        let path = format!("settings.{name}");
        let deeper = format!("{path}.");
        self.0.iter().any(|code| {
            let by_path = code.paths.iter().any(|used| *used == path || used.starts_with(&deeper));
            // `settings` as a whole may be anything of it.
            by_path || code.paths.contains("settings") || code.source.contains("settings[")
        })
    }

    fn use_table(&self, name: &str) -> bool {
        let by_default = [("location", LOCATIONS), ("mac_model_from_sn", MAC_MODELS)];
        let by_default = by_default.iter().find(|(_, table)| *table == name).map(|(converter, _)| *converter);
        let is_used = |code: &Code<'_>| {
            code.source.contains(name) || by_default.is_some_and(|converter| code.source.contains(converter))
        };
        // A name may be put together.
        self.0.iter().any(is_used)
            || self.0.iter().any(|code| code.source.contains("lookup(") && !code.source.contains("lookup('"))
    }

    fn use_converter(&self, name: &str) -> bool {
        self.0.iter().any(|code| {
            code.place.path().get(1).is_none_or(|own| own != name)
                && names::words(code.source).any(|word| word.to_lowercase() == name.to_lowercase())
        })
    }
}
