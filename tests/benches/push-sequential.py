"""The users of standard input to OS2sync, one request after the other over one connection; prints the seconds it took."""

import json
import sys
import time

url, most = sys.argv[1], int(sys.argv[2])
users = [json.loads(line) for line in sys.stdin if '"_kind":"user"' in line][:most]
bodies = [dict((name, value) for name, value in user.items() if name[0] != "_") | {"Uuid": user["_key"]} for user in users]
headers = {"Cvr": "12345678", "Content-Type": "application/json"}

try:
    import requests

    session = requests.Session()

    def send(body):
        return session.post(f"{url}/user", data=json.dumps(body), headers=headers).status_code

except ImportError:
    import http.client
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port)

    def send(body):
        connection.request("POST", f"{parts.path}/user", json.dumps(body), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status

start = time.monotonic()
for body in bodies:
    assert send(body) == 200
print(f"{time.monotonic() - start:.3f}")
