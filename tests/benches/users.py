"""The same as users.json, with orjson when it is installed."""

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
    user = loads(line)
    mail = user.get("mail")
    if user["_kind"] != "user" or not mail:
        continue
    nick = user.get("nickname") or user.get("givenName")
    mapped = {
        "_kind": "user",
        "_key": user["_key"],
        "USER": user["uid"],
        "FIRST_NAME": user.get("givenName"),
        "LAST_NAME": user.get("sn"),
        "EMAIL": mail,
        "LOGIN": mail.split("@")[0],
        "NAME": (nick + " " if nick else "") + user["sn"],
        "PERMISSIONS_ID": 25,
        "POSITION": "Employee",
    }
    output.write(dumps(mapped) + b"\n")
