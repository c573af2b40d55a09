//! The built-in converters by name: the parameters they take, and how they are made.

use super::call::Call;
use super::{Step, dates, groups, members, tables, text, uber};
use crate::tables::Tables;

/// How a converter is made from its call, by the odd rules or the plain ones; fails for wrong arguments.
type Make = fn(&Call, bool, &Tables) -> Result<Step, String>;

/// One built-in converter. The parameter `*` stands for any.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) parameters: &'static [&'static str],
    pub(super) make: Make,
}

const fn entry(name: &'static str, parameters: &'static [&'static str], make: Make) -> Entry {
    Entry { name, parameters, make }
}

/// All of them.
pub(super) static BUILT: [Entry; 24] = [
    entry("lower", &[], |_, _, _| Ok(text::mapped("lower", str::to_lowercase))),
    entry("upper", &[], |_, _, _| Ok(text::mapped("upper", str::to_uppercase))),
    entry("title", &[], |_, _, _| Ok(text::mapped("title", text::title))),
    entry("trim", &[], |_, _, _| Ok(text::mapped("trim", |text| text.trim().to_owned()))),
    entry("truncate", &["*"], |call, _, _| text::truncate(call)),
    entry("string", &[], |_, _, _| Ok(text::string())),
    entry("capitalize", &[], |_, odd, _| Ok(text::capitalize(odd))),
    entry("first_from_full", &[], |_, odd, _| Ok(text::first_from_full(odd))),
    entry("last_from_full", &[], |_, odd, _| Ok(text::last_from_full(odd))),
    entry("split_email", &[], |_, odd, _| Ok(text::split_email(odd))),
    entry("split", &["on", "index"], |call, odd, _| text::split(call, odd)),
    entry("concat", &["values"], |call, odd, _| members::concat(call, odd)),
    entry("first_field", &["fields"], |call, odd, _| members::first_field(call, odd)),
    entry("ldap_user_field", &[], |_, _, _| Ok(members::ldap_user_field())),
    entry("casper_extension_attribute", &["attr", "default"], |call, _, _| {
        members::extension_attribute(call)
    }),
    entry("date_format", &[], |_, odd, _| Ok(dates::date_format(odd))),
    entry("timestamp", &[], |_, odd, _| Ok(dates::timestamp(odd))),
    entry("ldap_timestamp", &[], |_, odd, _| Ok(dates::ldap_timestamp(odd))),
    entry("memberOf", &["*"], |call, odd, _| groups::member_of(call, odd)),
    entry("lookup", &["table", "by", "value"], |call, _, known| tables::lookup(call, known)),
    entry("location", &["field", "label", "table"], tables::location),
    entry("mac_model_from_sn", &["table", "by", "value"], |call, _, known| tables::mac_model(call, known)),
    entry("uber_manager", &[], |_, odd, _| Ok(uber::manager(odd))),
    entry("uber_position", &["domain"], |call, _, _| uber::position(call)),
];
