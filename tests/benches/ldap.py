"""What extract-ldap does, with python-ldap: pages of 500, each entry as a line of JSON; with ldap3 where that is not there."""

import json
import sys

url, name, password, base = sys.argv[1:5]


def record(dn, attributes):
    text = {key: [value.decode() for value in values] for key, values in attributes.items()}
    text["dn"] = dn
    sys.stdout.write(json.dumps(text, ensure_ascii=False) + "\n")


def with_python_ldap():
    import ldap
    from ldap.controls import SimplePagedResultsControl

    connection = ldap.initialize(url)
    connection.simple_bind_s(name, password)
    page = SimplePagedResultsControl(True, size=500, cookie="")
    while True:
        number = connection.search_ext(
            base, ldap.SCOPE_SUBTREE, "(objectClass=inetOrgPerson)", ["*", "memberOf", "entryUUID"], serverctrls=[page]
        )
        _, entries, _, controls = connection.result3(number)
        for dn, attributes in entries:
            record(dn, attributes)
        page.cookie = controls[0].cookie
        if not page.cookie:
            return


def with_ldap3():
    import ldap3

    connection = ldap3.Connection(ldap3.Server(url), name, password, auto_bind=True)
    found = connection.extend.standard.paged_search(
        base, "(objectClass=inetOrgPerson)", attributes=["*", "memberOf", "entryUUID"], paged_size=500
    )
    for entry in found:
        record(entry["dn"], entry["raw_attributes"])


def library():
    try:
        import ldap  # noqa: F401

        return "python-ldap", with_python_ldap
    except ImportError:
        return "ldap3 of Python", with_ldap3


if __name__ == "__main__":
    said, read = library()
    if url == "--name":
        print(said)
    else:
        read()
