"""The comparison of `diff` as a full join of DuckDB with typed columns: python3 diff-duckdb.py DESIRED CURRENT"""

import sys

import duckdb

COLUMNS = {
    "_kind": "VARCHAR", "_key": "VARCHAR", "name": "VARCHAR", "mail": "VARCHAR", "phone": "VARCHAR",
    "title": "VARCHAR", "unit": "VARCHAR", "address": "STRUCT(street VARCHAR, zip INTEGER, city VARCHAR)",
    "active": "BOOLEAN", "groups": "VARCHAR[]", "age": "INTEGER", "manager": "VARCHAR",
}
types = ", ".join(f"{name}: '{kind}'" for name, kind in COLUMNS.items())
members = [name for name in COLUMNS if not name.startswith("_")]
differs = " OR ".join(f"d.{name} IS DISTINCT FROM c.{name}" for name in members)
side = f"(SELECT * FROM read_ndjson(?, columns = {{{types}}}) WHERE _kind <> '_end')"
query = f"""
    COPY (SELECT CASE WHEN c._key IS NULL THEN 'create' WHEN d._key IS NULL THEN 'delete' ELSE 'update' END AS _op,
                 coalesce(d._kind, c._kind) AS _kind, coalesce(d._key, c._key) AS _key, d AS after, c AS before
          FROM {side} d FULL JOIN {side} c ON d._kind = c._kind AND d._key = c._key
          WHERE d._key IS NULL OR c._key IS NULL OR {differs} ORDER BY ALL)
    TO '/dev/stdout' (FORMAT json)"""
duckdb.execute(query, sys.argv[1:3])
