"""Duplicate keys as MongoDB reports them: with the index's name and key, and the values that collided."""

import re
from datetime import datetime

from bson import Binary, ObjectId, decode

MISSING = object()


CONSTRAINT = re.compile(r"documents_rum_index_(\d+)")


class Indexes:
    """The keys of indexes by name. Everything that changes indexes passes the gateway, which then forgets them."""

    def __init__(self):
        self.keys = {}
        self.names = {}

    def forget(self):
        self.keys.clear()
        self.names.clear()

    async def name(self, backend, constraint):
        """Of the constraint that the engine keeps for an index."""
        numbered = CONSTRAINT.fullmatch(constraint or "")
        if not numbered:
            return "_id_" if constraint and constraint.startswith("collection_pk_") else None
        number = int(numbered[1])
        if number not in self.names:
            self.names[number] = await backend.fetchval(
                "select (index_spec).index_name from documentdb_api_catalog.collection_indexes where index_id = $1", number)
        return self.names[number]

    async def key(self, backend, database, collection, name):
        if name == "_id_":
            return {"_id": 1}
        known = self.keys.get((database, collection))
        if known is None or name not in known:
            rows = await backend.fetch(
                "select (i.index_spec).index_name, (i.index_spec).index_key from documentdb_api_catalog.collection_indexes i"
                " join documentdb_api_catalog.collections c using (collection_id) where database_name = $1 and collection_name = $2",
                database, collection)
            known = self.keys[database, collection] = {row[0]: decode(row[1]) for row in rows}
        return known.get(name)


def describe(database, collection, index, key, document):
    """errmsg, keyPattern and keyValue. `document` is what was to be stored, as far as it is known."""
    message = f"E11000 duplicate key error collection: {database}.{collection} index: {index or '?'}"
    if key is None:
        return {"errmsg": message}
    values = {path: value_at(document, path) for path in key} if document is not None else {}
    values = {path: value for path, value in values.items() if value is not MISSING}
    described = {"keyPattern": key}
    if values:
        message += " dup key: { " + ", ".join(f"{path}: {shown(value)}" for path, value in values.items()) + " }"
        described["keyValue"] = values
    return {"errmsg": message, **described}


def value_at(document, path):
    value = document
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return MISSING if value is not None else None
        value = value[name]
    return value


def shown(value):
    match value:
        case ObjectId():
            return f"ObjectId('{value}')"
        case bytes():
            kind = value.subtype if isinstance(value, Binary) else 0
            return f"BinData({kind}, {bytes(value).hex().upper()})"
        case str():
            return f'"{value}"'
        case bool():
            return str(value).lower()
        case None:
            return "null"
        case datetime():
            return f"new Date({int(value.timestamp() * 1000)})"
        case _:
            return str(value)
