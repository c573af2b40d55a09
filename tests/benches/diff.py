"""The comparison of `diff` with dictionaries: python3 diff.py DESIRED CURRENT"""

import json
import sys


def read(path):
    records = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["_kind"] != "_end":
                records[record["_kind"], record["_key"]] = record
    return records


desired, current = read(sys.argv[1]), read(sys.argv[2])
changes = []
for (kind, key), after in desired.items():
    before = current.get((kind, key))
    change = {"_kind": kind, "_key": key, "after": after}
    if before is None:
        changes.append(change | {"_op": "create"})
    elif before != after:
        changed = ["/" + name for name in after if after[name] != before.get(name)]
        changes.append(change | {"_op": "update", "before": before, "changed": changed})
for (kind, key), before in current.items():
    if (kind, key) not in desired:
        changes.append({"_op": "delete", "_kind": kind, "_key": key, "before": before})
for change in sorted(changes, key=lambda change: (change["_kind"], change["_key"])):
    print(json.dumps(change, ensure_ascii=False))
