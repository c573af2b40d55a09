"""Records to measure with, always the same: generate.py users|assets NUMBER"""

import json
import sys
import uuid

FIRST = ["Ane", "Bo", "Cecilie", "Ditte", "Emil", "Frederik", "Gitte", "Henrik", "Ida", "Jørgen", "Søren", "Åse"]
LAST = ["Larsen", "Dahl", "Østergaard", "Nielsen", "Mikkelsen", "Holm", "Kjær", "Madsen", "Bæk", "Thomsen"]
UNITS = ["nursing", "schools", "roads", "library", "it", "payroll", "harbour"]
APPLICATIONS = ["Safari", "Mail", "Numbers", "Keynote", "Xcode", "Slack", "Zoom", "Firefox", "Terminal", "Photos"]


def key(kind, number):
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}/{number}"))


def user(number):
    first, last, unit = FIRST[number % 12], LAST[number // 12 % 10], UNITS[number % 7]
    uid = f"u{number:07}"
    record = {"_kind": "user", "_key": key("user", number), "dn": f"uid={uid},ou={unit},dc=example,dc=org",
              "objectClass": ["top", "person", "inetOrgPerson"], "uid": uid, "cn": f"{first} {last}",
              "givenName": first, "sn": last}  # fmt: skip
    if number % 20:
        record["mail"] = f"{uid}@example.org"
    if number % 9 == 0:
        record["nickname"] = first[:2] + "\"" * (number % 27 == 0)
    record["telephoneNumber"] = f"+45 {number % 100_000_000:08}"
    record["memberOf"] = [f"cn={unit},ou=groups,dc=example,dc=org"]
    record["uidNumber"] = 10_000 + number
    record["enabled"] = number % 13 != 0
    return record


def asset(number):
    serial, mac = f"C02{number:08}", f"{number:012x}"
    stamp = f"2026-{1 + number % 12:02}-{1 + number % 28:02}T{number % 24:02}:{number % 60:02}:00.000+0000"
    owner = user(number)
    applications = [
        {"name": f"{name}.app", "path": f"/Applications/{name}.app", "version": f"{place}.{number % 10}",
         "bundle_id": f"com.example.{name}"}
        for place, name in enumerate(APPLICATIONS[: 6 + number % 5])
    ]  # fmt: skip
    return {
        "_kind": "computer",
        "_key": key("computer", number),
        "general": {"id": number, "name": f"mac-{number}", "serial_number": serial, "udid": key("udid", number).upper(),
                    "mac_address": ":".join(mac[i : i + 2] for i in range(0, 12, 2)),
                    "alt_mac_address": "", "ip_address": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
                    "asset_tag": f"A{number}", "platform": "Mac", "last_contact_time_utc": stamp,
                    "last_contact_time_epoch": 1_767_000_000_000 + number, "report_date_utc": stamp,
                    "remote_management": {"managed": True, "management_username": "jamf"},
                    "site": {"id": -1, "name": "None"}},
        "location": {"username": owner["uid"], "real_name": owner["cn"], "email_address": owner.get("mail", ""),
                     "position": "Nurse", "department": UNITS[number % 7], "building": f"B{number % 40}", "room": "1"},
        "purchasing": {"is_purchased": True, "is_leased": False, "po_number": f"PO-{number // 100}", "vendor": "Humac",
                       "purchase_price": "9999.00", "warranty_expires": "2028-01-01", "life_expectancy": 4},
        "hardware": {"make": "Apple", "model": "MacBook Air", "model_identifier": "Mac14,2", "os_version": "14.5",
                     "os_build": "23F79", "processor_type": "Apple M2", "processor_speed_mhz": 3490,
                     "total_ram": 8192 << number % 3, "battery_capacity": 99.5, "sip_status": "Enabled",
                     "storage": [{"disk": "disk0", "model": "APPLE SSD", "size": 250_000 << number % 3,
                                  "partitions": [{"name": "Macintosh HD", "size": 245_000, "percentage_full": 41}]}]},
        "software": {"applications": applications, "unix_executables": [], "licensed_software": []},
        "extension_attributes": [{"id": i, "name": f"Attribute {i}", "type": "String", "value": f"{number % (i + 7)}"}
                                 for i in range(4)],
    }  # fmt: skip


make, count = {"users": user, "assets": asset}[sys.argv[1]], int(sys.argv[2])
for at in range(count):
    sys.stdout.write(json.dumps(make(at), ensure_ascii=False, separators=(",", ":")) + "\n")
