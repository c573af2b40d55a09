"""Writes desired.ndjson and current.ndjson: N shuffled records of about 400 bytes a side, 0.5 % to create, 1 % to
update, 0.5 % to delete."""

import json
import random
import sys

FIRST = ["Ane", "Bo", "Eva", "Ib", "Søren", "Mette", "Lars", "Kirsten"]
LAST = ["Larsen", "Dahl", "Holm", "Krogh", "Østergaard"]


def record(number, changed=False):
    first, last = FIRST[number % 8], LAST[number % 5]
    unit = number % 3000
    return {
        "_kind": "user",
        "_key": f"{number * 2654435761 % 2**32:08x}-0000-4000-8000-{number:012x}",
        "name": f"{first} {last}",
        "mail": f"{first}.{last}{number}{'x' * changed}@example.org".lower(),
        "phone": f"{number % 10**8:08d}",
        "title": "Konsulent i økonomiafdelingen",
        "unit": f"{unit:08x}-0000-4000-8000-{unit:012x}",
        "address": {"street": f"Rådhuspladsen {number % 200}", "zip": 8000, "city": "Aarhus C"},
        "active": number % 7 != 0,
        "groups": [f"g{number % 50}", f"g{number % 31}"],
        "age": number % 80,
        "manager": f"{number * 31 % 2**32:08x}",
    }


def write(path, records):
    random.shuffle(records)
    end = {
        "_kind": "_end", "form": "state", "from": path, "scope": path, "complete": True,
        "records": len(records), "errors": 0, "by_kind": {"user": len(records)},
    }
    with open(path, "w", encoding="utf-8") as lines:
        for line in (*records, json.dumps(end)):
            lines.write(line + "\n")


def text(*arguments):
    return json.dumps(record(*arguments), ensure_ascii=False, separators=(",", ":"))


random.seed(7)
count = int(sys.argv[1])
share = count // 200
write("current.ndjson", [text(number) for number in range(count)])
kept = [text(number, number % 100 == 3) for number in range(share, count)]
write("desired.ndjson", kept + [text(count + number) for number in range(share)])
