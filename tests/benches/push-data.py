"""A top unit and so many users in OS2sync's terms, as a complete state."""

import json
import sys

users = int(sys.argv[1])


def uuid(number):
    return f"{number:08x}-0000-4000-8000-00000000000c"


def line(record):
    print(json.dumps(record, ensure_ascii=False, separators=(",", ":")))


line({"_kind": "org_unit", "_key": uuid(0), "Name": "Rådhuset", "ParentOrgUnitUuid": None})
for number in range(1, users + 1):
    line({
        "_kind": "user", "_key": uuid(number), "UserId": f"u{number:06}", "IsRobot": False,
        "Person": {"Name": f"Åse Nørgaard {number}", "Cpr": None},
        "Email": f"u{number:06}@example.org", "PhoneNumber": f"{number:08}", "Landline": None, "Location": "Torvet 1",
        "Positions": [{"Name": "Sagsbehandler", "OrgUnitUuid": uuid(0)}],
    })
line({
    "_kind": "_end", "form": "state", "from": "bench", "scope": "bench", "complete": True, "records": users + 1, "errors": 0,
    "by_kind": {"org_unit": 1, "user": users}, "started": "", "ended": "",
})
