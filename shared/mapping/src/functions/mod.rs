//! The named functions that expressions have beside those of Jinja: `muster-spec(5)` describes them.
//!
//! Rules for all of them: `none` stays `none`, an empty list among lists, and false in a test; undefined is an error; a
//! value of another type is an error that names the function and what it found. Those marked `o` read a form that the
//! text may not have: then they fail, or give the value of `otherwise=`. Those marked `z` take `zone='Europe/Copenhagen'`
//! for times without offset and for what a day is; without it that is UTC. There is no `now` and nothing random.
//!
//! `lists`:
//!
//! | name | gives | for example |
//! |---|---|---|
//! | `list \| where(by, wanted)` | the items whose value at `by` is `wanted`, or one of them when that is a list; an item with a list there needs one in common | `phones \| where('type', 'desk')` |
//! | `list \| where_not(by, wanted)` | the other items | `phones \| where_not('type', 'desk') \| length` |
//! | `list \| first_by_order(order, by, only=false)` | the item whose value at `by` stands earliest in the list `order`, of equals the first; items whose value does not stand there come last, with `only` not at all; none when no item is left | `(phones \| first_by_order(['mobile', 'desk'], 'type')).number` |
//! | `list \| sort_by_order(order, by, only=false)` | all items in that order | `phones \| sort_by_order(['mobile'], 'type') \| map(attribute='type') \| list` |
//! | `list \| group_by(by)` | an object with `key` and `members` for each value at `by`, in order of appearance; an item with a list there belongs to each of its values, one with nothing there to the key none | `jobs \| group_by('unit') \| map(attribute='key') \| list` |
//! | `list \| index_by(by)` | an object of the items under their value at `by`; of several the first, and none without a value | `(phones \| index_by('type')).desk.number` |
//! | `list \| duplicates(by)` | the values at `by` that several items have | `(jobs + jobs) \| duplicates('unit')` |
//! | `value \| at(path)` | what the path leads to, none when a part is missing | `record \| at('jobs.0.title')` |
//!
//! `shapes`:
//!
//! | name | gives | for example |
//! |---|---|---|
//! | `value \| as_list` | a list as it is, another value as a list of one, none as an empty list | `'a' \| as_list` |
//! | `list \| flatten` | the items of all lists in the list, at any depth | `[1, [2, [3]]] \| flatten` |
//! | `list \| compact` | without none and empty texts, lists and objects | `['a', '', none, 0] \| compact` |
//! | `list \| union(list)` | the items of both, each once | `[1, 2] \| union([2, 3])` |
//! | `list \| intersect(list)` | those in both, each once | `[1, 2] \| intersect([2, 3])` |
//! | `list \| difference(list)` | those not in the other, each once | `[1, 2] \| difference([2, 3])` |
//! | `pairs \| object` | an object of a list of pairs of name and value, such as `zip` gives | `['a', 'b'] \| zip([1, 2]) \| object` |
//! | `object \| pick(names)` | only those members, in that order | `{'a': 1, 'b': 2} \| pick(['b', 'x'])` |
//! | `object \| omit(names)` | without those members | `{'a': 1, 'b': 2} \| omit(['b'])` |
//!
//! `text`:
//!
//! | name | gives | for example |
//! |---|---|---|
//! | `text \| cut(n)` | without blanks at its ends, and of that at most `n` characters | `' Grønt ' \| cut(3)` |
//! | `text \| digits` | only its digits | `'20 10-00' \| digits` |
//! | `text \| squeeze` | without blanks at its ends, with one blank for all white space between words | `'  a   b ' \| squeeze` |
//! | `text \| ascii(also)` | in ASCII: æ ø å as ae oe aa, other letters as a reader would guess; `also`, an object, goes first | `'Søren Müller' \| ascii` |
//! | `text \| nfc` | in the Unicode form NFC | `'A\u030a' \| nfc` |
//! | `text \| nfkc` | in the Unicode form NFKC, which also replaces ligatures, wide letters and other variants | `'\ufb01ne' \| nfkc` |
//! | `text \| fold` | the form that texts share when they differ in case, white space and Unicode form only | `' ÆRØ  By' \| fold` |
//! | `text \| uuid` *o* | the UUID in lower case | `'5F0C2F0A-0000-4000-8000-000000000001' \| uuid` |
//! | `text is uuid` | whether it is one | `'x' is uuid` |
//! | `text is same_text(other)` | whether both have the same `fold`; none is the same as none | `'Ane ' is same_text('ANE')` |
//!
//! `names`:
//!
//! | name | gives | for example |
//! |---|---|---|
//! | `text \| name_case` | each word with a capital; words in both cases stay as they are, and particles such as van, de and von inside the name small | `'ANE-MARIE VON DER LARSEN' \| name_case` |
//! | `text \| split_name` | an object with `given` and `family`: the last word, with particles before it, is the family name; of `Family, Given` what stands before the comma | `'Ane Marie van der Berg' \| split_name` |
//!
//! `phones`:
//!
//! | name | gives | for example |
//! |---|---|---|
//! | `text \| phone(country='45')` *o* | in the form of E.164, +4520100001 | `'20 10 00 01' \| phone` |
//! | `text \| phone_national(country='45')` *o* | the same without the country when it is that one | `'+45 20100001' \| phone_national` |
//! | `text is phone(country='45')` | whether `phone` can read it | `'n/a' is phone` |
//!
//! `regular`:
//!
//! | name | gives | for example |
//! |---|---|---|
//! | `text is matching(pattern)` | whether the pattern is found in it, anywhere | `'A-17' is matching('^[A-Z]-[0-9]+$')` |
//! | `text \| regex_search(pattern, group=0)` | what the first match has in a group (a number or name), 0 being all of it; none without a match | `'room B12' \| regex_search('([A-Z])([0-9]+)', 2)` |
//! | `text \| regex_groups(pattern)` | the groups of the first match: an object when they have names, else a list; none without a match | `'7/a' \| regex_groups('(?<n>[0-9]+)/(?<c>.)')` |
//! | `text \| regex_findall(pattern)` | all matches; of a pattern with a group what that group has | `'a1 b22' \| regex_findall('[0-9]+')` |
//! | `text \| regex_replace(pattern, by)` | with each match replaced; `$1` and `${name}` stand for groups | `'Larsen, Ane' \| regex_replace('(.*), (.*)', '$2 $1')` |
//! | `text \| regex_split(pattern)` | the parts between the matches; of none an empty list | `'a, b;c' \| regex_split('[,;] *')` |
//! | `text \| regex_escape` | as a pattern that finds just this text | `'a.b' \| regex_escape` |
//!
//! `dates`:
//!
//! | name | gives | for example |
//! |---|---|---|
//! | `text \| time` *oz* | the time; of a day its midnight | `'20240301120000.0Z' \| time` |
//! | `text \| in_zone(zone)` *o* | the same instant on the clocks of that zone | `'2024-03-01T12:00:00Z' \| in_zone('Europe/Copenhagen')` |
//! | `text \| date` *oz* | its day: as it is written, in `zone` when that is given | `'2024-03-01T23:30:00Z' \| date` |
//! | `text \| strftime(format)` *oz* | written in a format as of strftime(3), in `zone` when that is given | `'2024-03-01' \| strftime('%d.%m.%Y')` |
//! | `text \| strptime(format)` *oz* | read from a format as of strptime(3) | `'01.03.2024' \| strptime('%d.%m.%Y')` |
//! | `text \| add_days(n)` *oz* | that many days later; a day stays a day | `'2024-02-28' \| add_days(2)` |
//! | `text \| add_time(years, months, weeks, days, hours, minutes, seconds)` *oz* | later by what is named, all 0 by default; with `zone` the clock stays the same over a change of summer time | `'2024-01-31' \| add_time(months=1)` |
//! | `text \| day_start` *oz* | the first instant of its day | `'2024-07-01' \| day_start(zone='Europe/Copenhagen')` |
//! | `text \| day_end` *oz* | the first instant of the day after it: the end of a last day for who writes ends that do not count any more. The other way round `date \| add_days(-1)` | `'2024-12-31' \| day_end(zone='Europe/Copenhagen')` |
//! | `text \| days_until(other)` *oz* | days from this one to the other | `'2024-02-28' \| days_until('2024-03-01')` |
//! | `text is before(other)` *z* | compared as instants; false with none | `'2024-03-01T00:30:00+02:00' is before('2024-03-01')` |
//! | `text is after(other)` *z* | the other way round | `'2024-03-02' is after('2024-03-01')` |
//! | `object is valid_at(time, from='from', to='to', inclusive=false)` *z* | whether the time lies from the member `from` on and before the member `to`; none is open; with `inclusive` a day in `to` is the last one that counts | `{'from': '2024-01-01', 'to': none} is valid_at('2024-05-01')` |
//! | `text is date` | whether it is a day without a time | `'2024-03-01' is date` |
//! | `text is time` | whether it is a day or a time | `'soon' is time` |
//! | `number \| from_epoch` *o* | the time of seconds since 1970 | `1709294400 \| from_epoch` |
//! | `number \| from_epoch_ms` *o* | that of milliseconds | `'1709294400250' \| from_epoch_ms` |
//! | `number \| from_filetime` *o* | that of Windows' FILETIME; 0 and 9223372036854775807 mean never: none | `'133537680000000000' \| from_filetime` |
//! | `text \| epoch` *oz* | whole seconds since 1970 | `'2024-03-01T12:00:00Z' \| epoch` |
//! | `text \| epoch_ms` *oz* | whole milliseconds | `'2024-03-01T12:00:00.25Z' \| epoch_ms` |
//! | `text \| filetime` *oz* | FILETIME | `'2024-03-01T12:00:00Z' \| filetime` |
//! | `text \| generalized_time` *oz* | in the form of LDAP | `'2024-03-01T12:00:00+01:00' \| generalized_time` |
//!
//! `dn`:
//!
//! | name | gives | for example |
//! |---|---|---|
//! | `text \| dn_parts` *o* | the levels from the entry upwards, each an object of its attributes in lower case | `'CN=Larsen\\, Ane,OU=HR,DC=x' \| dn_parts` |
//! | `text \| rdn` *o* | the first value, without escapes | `'CN=Larsen\\, Ane,OU=HR' \| rdn` |
//! | `text \| dn_value(attribute)` *o* | the first value of that attribute, none when there is none | `'cn=a,OU=HR,ou=X' \| dn_value('ou')` |
//! | `text \| dn_values(attribute)` *o* | all of them | `'cn=a,DC=example,DC=org' \| dn_values('dc') \| join('.')` |
//! | `text \| dn_parent` *o* | the name one level up; none at the top | `'cn=a,ou=b,dc=c' \| dn_parent` |
//! | `text \| dn_key` *o* | the form that equal names share | `'CN=Ane  L, OU=HR' \| dn_key` |
//! | `text \| dn_escape` | a value as it stands in a name | `'cn=' ~ ('a+b' \| dn_escape) ~ ',dc=x'` |
//! | `text is dn_below(base)` | whether it is somewhere below `base` | `'cn=a,OU=B, dc=c' is dn_below('ou=b,dc=c')` |
//! | `text is dn_within(base)` | the same, or `base` itself | `'ou=b,dc=c' is dn_within('OU=b,DC=c')` |
//! | `text is dn` | whether it is one | `'x' is dn` |
//!
//! `bytes`:
//!
//! | name | gives | for example |
//! |---|---|---|
//! | `text \| sha256` | SHA-256 in hexadecimal digits | `'a' \| sha256` |
//! | `text \| blake3` | BLAKE3 | `'a' \| blake3` |
//! | `text \| md5` | MD5, for keys that another program makes so; `\| uuid` gives its UUID | `'a' \| md5 \| uuid` |
//! | `text \| uuid5(namespace)` | the UUID of version 5 in the namespace dns, url, oid, x500, or one named by a UUID | `'example.org' \| uuid5('dns')` |
//! | `text \| b64encode` | in base64 | `'æ' \| b64encode` |
//! | `text \| b64decode` *o* | the text in base64 | `'w6Y=' \| b64decode` |
//! | `text \| guid` *o* | the UUID of the bytes of an objectGUID, in base64 or hexadecimal digits; a UUID stays | `'AQIDBAUGBwgJCgsMDQ4PEA==' \| guid` |
//! | `text \| sid` *o* | the text of an objectSid, in base64 or hexadecimal digits; S-1-… stays | `'AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAA6AMAAA==' \| sid` |
//!
//! `json`:
//!
//! | name | gives | for example |
//! |---|---|---|
//! | `text \| from_json` *o* | what the text says | `('{"a": [1, 2]}' \| from_json).a[1]` |
//! | `value \| to_json` | as JSON without blanks, members in their order | `{'b': [1, none]} \| to_json` |
//! | `text \| number(decimal='.' or ',')` *o* | the number: an integer of any length up to 38 digits, or one with up to 15 significant digits; `decimal` also lets the other sign group digits. Nothing is rounded or guessed, as `int` and `float` of Jinja do | `'18446744073709551616' \| number` |
//! | `text is numeric` | whether `number` can read it | `'5E10' is numeric` |
//!
//! `control`:
//!
//! | name | gives | for example |
//! |---|---|---|
//! | `fail(message)` | rejects the record with this reason | `'a' if true else fail('never')` |
//! | `render(template, context)` | the text of a template that stands in a setting of the type `templates`; there every unknown variable is an error |  |

mod bytes;
mod clocks;
mod control;
mod dates;
mod dn;
mod jinja;
mod json;
mod lists;
mod moments;
mod names;
mod phones;
mod python;
mod regular;
mod shapes;
mod take;
mod text;

use minijinja::Environment;
use minijinja::value::Value;

/// Put all of them into `environment`; `strict` holds the templates of settings.
pub(crate) fn register(environment: &mut Environment<'static>, strict: &'static Environment<'static>) {
    common(environment);
    environment.add_function("render", move |template: &str, context: Value| {
        control::render(strict, template, context)
    });
}

/// Those that templates of settings have, too.
pub(crate) fn common(environment: &mut Environment<'static>) {
    let all = [
        jinja::register,
        lists::register,
        shapes::register,
        text::register,
        names::register,
        phones::register,
        regular::register,
        dates::register,
        clocks::register,
        dn::register,
        bytes::register,
        json::register,
    ];
    for register in all {
        register(environment);
    }
    environment.add_function("fail", control::fail);
}
