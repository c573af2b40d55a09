"""The same as map.json, with orjson when it is installed."""

import sys

try:
    import orjson

    loads, dumps = orjson.loads, orjson.dumps
except ImportError:
    import json

    loads = json.loads

    def dumps(value):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def first(values):
    return next(iter(values), None)


output = sys.stdout.buffer
for line in sys.stdin.buffer:
    person = loads(line)
    if person["_kind"] != "person":
        continue
    accounts = (a["user_key"] for a in person["itusers"] if a["itsystem"]["name"] == "Active Directory")
    mails = (a["value"] for a in person["addresses"] if a["address_type"]["scope"] == "EMAIL")
    user = {
        "_kind": "user",
        "_key": person["_key"],
        "_from": ["person", person["_key"]],
        "UserId": first(accounts),
        "Name": person["name"],
        "Email": first(mails),
        "Positions": [
            {"Name": e["job_function"] and e["job_function"]["name"], "OrgUnitUuid": e["org_unit"]["uuid"]}
            for e in person["engagements"]
            if e["is_current"]
        ],
    }
    output.write(dumps(user) + b"\n")
