//! The texts of a spec: its own, over that of the one it extends, and so on down. They know where everything stands.

use crate::finding::{Finding, Place, Weight, Wrong};
use crate::shipped::{self, Found};
use crate::text::SpecText;
use crate::tree::{Node, What, inside, line_column};
use crate::{extends, shape};
use muster_base::{Error, Exit};
use muster_stream::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How many specs may stand behind one another.
const MAX_EXTENDS: usize = 8;

/// The text of one spec.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) file: String,
    pub(crate) text: String,
    pub(crate) root: Node,
    /// Where objects begin of which something was taken out because it was wrong.
    pub(crate) mended: Vec<usize>,
}

impl Layer {
    /// The text that was found, or what is wrong with it as JSON.
    pub(crate) fn of(found: Found) -> Result<Self, Finding> {
        let checked = serde_json::from_str::<serde::de::IgnoredAny>(&found.text);
        let error = match (checked, Node::parse(&found.text)) {
            (Ok(_), Some(root)) => {
                return Ok(Self { file: found.place, text: found.text, root, mended: Vec::new() });
            }
            (Err(error), _) => (error.line().max(1), error.column().max(1), error.to_string()),
            (Ok(_), None) => (1, 1, "it is not read as JSON".to_owned()),
        };
        let what = error.2.rsplit_once(" at line ").map_or(error.2.as_str(), |(what, _)| what);
        let what = format!("not JSON: {what}");
        let (line, column) = (error.0, error.1);
        Err(Finding { file: found.place, line, column, weight: Weight::Error, what, hint: None })
    }

    /// A finding at the byte `at` of this text.
    pub(crate) fn finding(&self, at: usize, weight: Weight, what: String, hint: Option<String>) -> Finding {
        let (line, column) = line_column(&self.text, at);
        Finding { file: self.file.clone(), line, column, weight, what, hint }
    }

    /// Where `place` is written here, how many of its steps lead there, and the value there.
    fn locate(&self, place: &Place, map: impl Fn(&Node) -> Option<usize>) -> (usize, usize, &Node) {
        let (mut node, mut at) = (&self.root, self.root.start);
        for (depth, step) in place.path().iter().enumerate() {
            let maps = depth == 1 && place.path()[0] == "maps";
            let next = match &node.what {
                What::Array(items) if maps => {
                    map(node).and_then(|index| items.get(index)).map(|n| (n, n.start))
                }
                What::Array(items) => {
                    step.parse().ok().and_then(|index: usize| items.get(index)).map(|n| (n, n.start))
                }
                What::Object(members) => {
                    members.iter().rfind(|member| member.name == *step).map(|m| (&m.node, m.start))
                }
                // A string stands for the member that it is short for.
                What::Leaf(Value::String(_)) if depth + 1 == place.path().len() => Some((node, node.start)),
                What::Leaf(_) => None,
            };
            let Some(next) = next else { return (at, depth, node) };
            (node, at) = next;
        }
        match (place.offset(), node.text()) {
            (Some(offset), Some(_)) => (inside(&self.text, node.start, offset), place.path().len(), node),
            _ => (at, place.path().len(), node),
        }
    }
}

/// All texts of a spec, the outermost first, and what they come to together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layers {
    pub(crate) layers: Vec<Layer>,
    pub(crate) merged: Value,
}

impl Layers {
    /// The texts of the spec that was found, and what is wrong with their shape, in order. Where something is wrong, what
    /// can be used of the rest is there nevertheless. Fails when a spec that this one extends cannot be read.
    pub(crate) fn read(found: Found) -> Result<(Self, Vec<Finding>), Error> {
        let mut all = Vec::new();
        let mut layers = Self::default();
        let mut next = Some(found);
        while let Some(found) = next.take() {
            let mut layer = match Layer::of(found) {
                Ok(layer) => layer,
                Err(finding) => {
                    all.push(finding);
                    break;
                }
            };
            let mut wrong = shape::mend(&mut layer);
            wrong.sort();
            all.extend(wrong);
            if let Some(base) = layer.root.get("extends").and_then(Node::text) {
                if layers.layers.len() == MAX_EXTENDS {
                    let error = Error::new(Exit::Data, "the specs extend each other without end");
                    return Err(error.at(&layer.file));
                }
                next = Some(shipped::find_beside(&layer.file, base)?);
            }
            layers.layers.push(layer);
        }
        let texts = layers.layers.iter().rev().map(|layer| layer.root.value());
        layers.merged = texts.reduce(extends::merge).unwrap_or_default();
        Ok((layers, all))
    }

    /// The files of the tables that the spec has, each beside the text that names it.
    pub(crate) fn tables(&self, text: &SpecText) -> BTreeMap<String, PathBuf> {
        let mut files = BTreeMap::new();
        for layer in &self.layers {
            for table in layer.root.get("tables").map(Node::members).unwrap_or_default() {
                if let Some(file) = table.node.text() {
                    // What extends comes first, and its file counts.
                    let beside = || Path::new(&layer.file).with_file_name(file);
                    files.entry(table.name.clone()).or_insert_with(beside);
                }
            }
        }
        files.retain(|name, _| text.tables.0.iter().any(|(kept, _)| kept == name));
        files
    }

    /// `wrong`, a place of the merged spec, as a finding in the outermost text that writes it.
    pub(crate) fn trace(&self, wrong: Wrong, weight: Weight) -> Finding {
        let (layer, at, _) = match self.locate(&wrong.place) {
            Some(place) => place,
            None => return Finding::nowhere(wrong, weight),
        };
        layer.finding(at, weight, wrong.what, wrong.hint)
    }

    /// Whether something wrong was taken out of what stands at `place`: then it is no wonder that it is not whole.
    pub(crate) fn is_mended(&self, place: &Place) -> bool {
        self.locate(place).is_some_and(|(layer, _, node)| layer.mended.contains(&node.start))
    }

    fn locate(&self, place: &Place) -> Option<(&Layer, usize, &Node)> {
        let mut best: Option<(usize, (&Layer, usize, &Node))> = None;
        for (depth, layer) in self.layers.iter().enumerate() {
            let lowest = depth + 1 == self.layers.len();
            let (at, steps, node) = layer.locate(place, |maps| self.map(place, maps, lowest));
            if best.is_none_or(|(most, _)| steps > most) {
                best = Some((steps, (layer, at, node)));
            }
        }
        best.map(|(_, found)| found)
    }

    /// Which of `maps`, those of one text, is the map of the merged spec that `place` means: by `name`, else by `from` and
    /// `to`, as `extends` lays them over each other.
    fn map(&self, place: &Place, maps: &Node, lowest: bool) -> Option<usize> {
        let index: usize = place.path().get(1)?.parse().ok()?;
        if lowest && index < maps.items().len() {
            return Some(index);
        }
        let merged = self.merged.get("maps")?.get(index)?;
        let same = |map: &Node, member: &str| {
            map.get(member).map(Node::value) == merged.get(member).filter(|value| !value.is_null()).cloned()
        };
        maps.items().iter().position(|map| match map.get("name") {
            Some(_) => same(map, "name"),
            None => same(map, "from") && same(map, "to"),
        })
    }
}
