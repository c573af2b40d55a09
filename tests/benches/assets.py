"""The same as assets.json, with orjson when it is installed."""

import sys

try:
    from orjson import dumps, loads
except ImportError:
    import json

    loads = json.loads

    def dumps(value):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


output = sys.stdout.buffer
for line in sys.stdin.buffer:
    computer = loads(line)
    if computer["_kind"] != "computer":
        continue
    general, location = computer["general"], computer["location"]
    hardware = computer["hardware"]
    mapped = {
        "_kind": "asset",
        "_key": computer["_key"],
        "_from": ["computer", computer["_key"]],
        "SERIAL_NUMBER": general["serial_number"],
        "NAME": general.get("name"),
        "UDID": general.get("udid"),
        "MAC_ADDRESS": general.get("mac_address"),
        "IP_ADDRESS": general.get("ip_address"),
        "BARCODE": general.get("asset_tag"),
        "LAST_SEEN": general.get("last_contact_time_utc"),
        "USER": location.get("username"),
        "EMAIL": location.get("email_address"),
        "BUILDING": location.get("building"),
        "WARRANTY": computer["purchasing"].get("warranty_expires"),
        "MAKE": hardware.get("make"),
        "MODEL": hardware.get("model"),
        "RAM": hardware.get("total_ram"),
        "DISK": hardware["storage"][0]["size"],
        "APPLICATIONS": computer["software"].get("applications"),
    }
    output.write(dumps(mapped) + b"\n")
