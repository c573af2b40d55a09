//! The beginning of the page: its policy, what it comes to, the kinds, and the tools.

use super::escape::{html, id};
use super::{SCRIPT, WHOLE, said};
use crate::count::thousands;
use crate::summary::{Counts, Summary};
use crate::{Difference, text::heading};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("page.css");
const TOOLS: &str = include_str!("tools.html");
/// The width of a bar, in units of its drawing.
const BAR: u64 = 1000;
/// What there is shows, be it ever so little.
const LEAST: u64 = 6;

/// All that stands before the changes.
pub(super) fn head(difference: &Difference) -> String {
    let summary = &difference.summary;
    let all = summary.total().all();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{style}' '{whole}'; \
         script-src '{script}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Plan: {title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#changes\">To the changes</a>\n\
         <p class=\"cut\" role=\"alert\"><strong>This page is cut off.</strong> The rest of it is missing; draw it again.</p>\n\
         <header>\n<p class=\"brand\">muster <span>plan</span></p>\n<h1>{all}</h1>\n{lede}{warnings}{totals}</header>\n{kinds}{tools}\
         <main id=\"changes\" aria-label=\"Changes\">\n",
        style = hash(STYLE),
        whole = hash(WHOLE),
        script = hash(SCRIPT),
        title = if all == 0 { "no changes".to_owned() } else { heading(summary.total()) },
        all = headline(all),
        lede = lede(summary),
        warnings = warnings(summary),
        totals = totals(summary),
        kinds = kinds(summary),
        tools = if all == 0 { "" } else { TOOLS },
    )
}

/// As a policy names what it allows.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(Sha256::digest(text)))
}

fn headline(all: u64) -> String {
    match all {
        0 => "Nothing to change".to_owned(),
        1 => "1 change".to_owned(),
        all => format!("{} changes", thousands(all)),
    }
}

fn lede(summary: &Summary) -> String {
    let text = match (summary.total().all(), &summary.partial) {
        (0, None) => "Everything is as it shall be.",
        (0, Some(_)) => "As far as can be told, everything is as it shall be.",
        _ => {
            "These steps would turn the current records into the desired ones. This is a plan: nothing of it is done yet."
        }
    };
    format!("<p class=\"lede\">{text}</p>\n")
}

fn warnings(summary: &Summary) -> String {
    let mut texts = Vec::new();
    if let Some(why) = &summary.partial {
        let what = match summary.withheld {
            0 => "What is missing may not be deleted, so deletes are left out.".to_owned(),
            1 => "1 delete is withheld.".to_owned(),
            count => format!("{} deletes are withheld.", thousands(count)),
        };
        texts.push(format!(
            "<strong>Not everything could be read.</strong> {what}<br><span>{}</span>",
            html(why)
        ));
    }
    if let Some(why) = summary.held_back.as_ref().filter(|_| summary.total().blocked > 0) {
        texts.push(format!("<strong>Deletes are blocked.</strong> <span>{}</span>", html(why)));
    }
    if summary.duplicates > 0 {
        let named: Vec<String> = summary.first_duplicates.iter().map(|text| html(text)).collect();
        let count = thousands(summary.duplicates);
        texts.push(format!(
            "<strong>Keys that come twice: {count}.</strong><br><span>{}</span>",
            named.join("<br>")
        ));
    }
    for (side, count, first) in &summary.bad_lines {
        let (count, side, first) = (thousands(*count), html(side), html(first));
        texts.push(format!(
            "<strong>Lines of {side} that cannot be read: {count}.</strong> <span>{first}</span>"
        ));
    }
    texts.iter().map(|text| format!("<p class=\"warning\">{text}</p>\n")).collect()
}

fn totals(summary: &Summary) -> String {
    let total = summary.total();
    let always = [
        ("create", total.create, "to create"),
        ("update", total.update, "to update"),
        ("delete", total.delete, "to delete"),
    ];
    let others = [
        ("blocked", total.blocked, "blocked"),
        ("unknown", summary.unknown, "unknown"),
        ("withheld", summary.withheld, "deletes withheld"),
    ];
    let others = others.into_iter().filter(|(_, count, _)| *count > 0);
    let tiles = always.into_iter().chain(others).chain([("unchanged", summary.unchanged, "unchanged")]);
    let tiles: String = tiles
        .map(|(class, count, what)| {
            let none = if count == 0 { " none" } else { "" };
            format!("<li class=\"{class}{none}\"><b>{}</b> {what}</li>\n", thousands(count))
        })
        .collect();
    format!("<ul class=\"totals\">\n{tiles}</ul>\n")
}

fn kinds(summary: &Summary) -> String {
    let most = summary.kinds.values().map(Counts::all).max().unwrap_or_default();
    if most == 0 {
        return String::new();
    }
    let rows: String = summary.kinds.iter().map(|(kind, counts)| row(kind, *counts, most)).collect();
    format!(
        "<table class=\"kinds\">\n<caption>Changes by kind</caption>\n\
         <thead><tr><th scope=\"col\">Kind</th><td></td><th scope=\"col\">Create</th><th scope=\"col\">Update</th>\
         <th scope=\"col\">Delete</th><th scope=\"col\">Blocked</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
    )
}

fn row(kind: &str, counts: Counts, most: u64) -> String {
    let parts = [
        ("create", counts.create),
        ("update", counts.update),
        ("delete", counts.delete),
        ("blocked", counts.blocked),
    ];
    let mut at = 0;
    let mut bar = String::new();
    for (class, count) in parts.into_iter().filter(|(_, count)| *count > 0) {
        let width = (count * (BAR - 4 * LEAST) / most).max(LEAST);
        bar += &format!(
            "<rect class=\"{class}\" x=\"{at}\" width=\"{}\" height=\"10\"/>",
            width.saturating_sub(2)
        );
        at += width;
    }
    let cells: String = parts
        .iter()
        .map(|(class, count)| match count {
            0 => "<td class=\"none\">0</td>".to_owned(),
            count => format!("<td class=\"{class}\">{}</td>", thousands(*count)),
        })
        .collect();
    format!(
        "<tr><th scope=\"row\"><a href=\"#{}\">{}</a></th><td class=\"bar\"><svg viewBox=\"0 0 {BAR} 10\" \
         preserveAspectRatio=\"none\" aria-hidden=\"true\">{bar}</svg></td>{cells}</tr>\n",
        id("kind", kind, ""),
        html(&said(kind))
    )
}
