"""insert, update, delete and findAndModify: the engine does them; what it reports is made what MongoDB would say.

Unique secondary indexes are exclusion constraints in the engine: inserts that race for a key can end in a deadlock error instead of
a duplicate. Outside a transaction such a write is run again, alone, until it is told which.
"""

import asyncio
from weakref import WeakValueDictionary

from asyncpg import DeadlockDetectedError, SerializationError
from bson import decode, encode

from .duplicates import describe
from .errors import DUPLICATE_KEY, INTERNAL_ERROR, STATES, TRANSIENT, WRITE_CONFLICT, CommandFailed, from_postgres, index_of, state_of
from .wire import DOCUMENT_BYTES_MAX, split

FIELDS = {"insert": "documents", "update": "updates", "delete": "deletes"}
# Of a command, not of what it does: the engine need not see them.
ENVELOPE = {
    "lsid", "$db", "$readPreference", "$clusterTime", "txnNumber", "autocommit", "startTransaction", "readConcern",
    "writeConcern", "apiVersion", "apiStrict", "apiDeprecationErrors",
}
TRIES = 50
PACKED = 100_000  # codes above it are packed states


class Writes:
    def __init__(self, backends, indexes):
        self.backends, self.indexes = backends, indexes
        self.locks = WeakValueDictionary()
        self.retried = 0

    async def write(self, backend, database, command, retry_key, transaction):
        field = FIELDS[command.name]
        sequence = command.sequences.get(field)
        if command.name == "insert" and len(sequence or command.raw) > DOCUMENT_BYTES_MAX:
            items = documents(command)
            if any(len(item) > DOCUMENT_BYTES_MAX for item in items):
                return await self._but_too_large(backend, database, command, items, transaction)
        return await self._write(backend, database, command, command.raw, sequence, retry_key, transaction)

    async def _but_too_large(self, backend, database, command, items, transaction):
        """An insert without the documents that are too large: each of them is an error of its own."""
        ordered = command.document.get("ordered", True)
        large = [place for place, item in enumerate(items) if len(item) > DOCUMENT_BYTES_MAX]
        kept = list(range(large[0])) if ordered else [place for place in range(len(items)) if place not in large]
        total = {"n": 0, "ok": 1.0}
        if kept:
            sequence = b"".join(items[place] for place in kept)
            answer = await self._write(backend, database, command, without_items(command), sequence, None, transaction)
            total = decode(answer) if isinstance(answer, bytes) else answer
        errors = [error | {"index": kept[error["index"]]} for error in total.get("writeErrors", ())]
        if not (ordered and errors):
            errors += [
                {"index": place, "code": 2, "errmsg":
                 f"object to insert too large. size in bytes: {len(items[place])}, max size: {DOCUMENT_BYTES_MAX}"}
                for place in large[: 1 if ordered else None]]
        return total | {"writeErrors": sorted(errors, key=lambda error: error["index"])}

    async def _write(self, backend, database, command, raw, sequence, retry_key, transaction):
        name, collection = command.name, command.document[command.name]
        sql = f"select p_result, p_success from documentdb_api.{name}($1, $2, $3, $4)"
        result, success = await backend.fetchrow(sql, database, raw, sequence, retry_key)
        if success:
            return result
        items = split(sequence) if sequence is not None else documents(command)
        result = await self._report(backend, database, collection, name, items, decode(result))
        conflicts = [error for error in result["writeErrors"] if error["code"] == WRITE_CONFLICT]
        if transaction:
            first = result["writeErrors"][0]
            if conflicts:
                raise CommandFailed(WRITE_CONFLICT, "WriteConflict", conflicts[0]["errmsg"], [TRANSIENT])
            return result | {"aborted": first}
        if conflicts:
            return await self._again(backend, sql, database, command, items, result)
        return result

    async def _report(self, backend, database, collection, name, items, result):
        for error in result.get("writeErrors", ()):
            if error["code"] <= PACKED:
                continue
            state = state_of(error["code"])
            error["code"], _ = STATES.get(state, INTERNAL_ERROR)
            if error["code"] == DUPLICATE_KEY:
                index = index_of(error["errmsg"])
                stored = intended(name, decode(items[error["index"]]))
                key = await self.indexes.key(backend, database, collection, index) if index else None
                error.update(describe(database, collection, index, key, stored))
            elif state not in STATES:
                error["errmsg"] += f" [{state}]"
        return result

    async def _again(self, backend, sql, database, command, items, result):
        """One by one, those that a conflict kept from being done. They were not, so nothing is done twice."""
        name, document = command.name, command.document
        collection, ordered = document[name], document.get("ordered", True)
        base = without_items(command)
        total = {"n": result.get("n", 0), "ok": 1.0}
        if name == "update":
            total["nModified"] = result.get("nModified", 0)
        upserted = list(result.get("upserted", ()))
        errors = [error for error in result["writeErrors"] if error["code"] != WRITE_CONFLICT]
        todo = [error["index"] for error in result["writeErrors"] if error["code"] == WRITE_CONFLICT]
        if ordered:
            todo = range(todo[0], len(items))
        for place in todo:
            for _ in range(TRIES):
                self.retried += 1
                async with self.lock(database, collection, "again"):
                    row = await backend.fetchrow(sql, database, base, items[place], None)
                one = await self._report(backend, database, collection, name, [items[place]], decode(row[0]))
                if all(error["code"] != WRITE_CONFLICT for error in one.get("writeErrors", ())):
                    break
            total["n"] += one.get("n", 0)
            if name == "update":
                total["nModified"] += one.get("nModified", 0)
            for each, found in (("upserted", upserted), ("writeErrors", errors)):
                found.extend(entry | {"index": place} for entry in one.get(each, ()))
            if errors and ordered:
                break
        if upserted:
            total["upserted"] = sorted(upserted, key=lambda entry: entry["index"])
        if errors:
            total["writeErrors"] = sorted(errors, key=lambda entry: entry["index"])
        return total

    async def find_and_modify(self, backend, database, command, retry_key, transaction):
        sql = "select p_result from documentdb_api.find_and_modify($1, $2, $3)"
        for attempt in range(TRIES):
            try:
                return await backend.fetchval(sql, database, command.raw, None if transaction else retry_key)
            except (DeadlockDetectedError, SerializationError):
                if transaction or attempt == TRIES - 1:
                    raise
                self.retried += 1
            except Exception as error:
                failure = from_postgres(error)
                if failure.code == DUPLICATE_KEY and not transaction:
                    collection, document = command.document[command.name], decode(command.raw)
                    index = await self.indexes.name(backend, getattr(error, "constraint_name", None)) or index_of(failure.message)
                    key = await self.indexes.key(backend, database, collection, index) if index else None
                    stored = intended("update", {"q": document.get("query"), "u": document.get("update"), "upsert": document.get("upsert")})
                    described = describe(database, collection, index, key, stored)
                    failure.message = described.pop("errmsg")
                    failure.more = described
                raise failure from error

    def lock(self, *key):
        lock = self.locks.get(key)
        if lock is None:
            lock = self.locks[key] = asyncio.Lock()
        return lock

    def lock_for(self, database, command):
        """The lock that a command needs that may insert what it does not find: in the engine, two that race both answer as the
        winner."""
        if command.name == "update":
            if b"\x08upsert\0\x01" in (command.sequences.get("updates") or command.raw):
                return self.lock(database, command.document["update"], "upsert")
        elif command.name in ("findAndModify", "findandmodify") and command.document.get("upsert"):
            return self.lock(database, command.document[command.name], "upsert")
        return None


def documents(command):
    """What a write is to do, piece by piece."""
    field = FIELDS[command.name]
    if field in command.sequences:
        return split(command.sequences[field])
    return [each.raw for each in command.document[field]]


def without_items(command):
    left_out = ENVELOPE | {FIELDS[command.name]}
    return encode({key: value for key, value in command.document.items() if key not in left_out})


def intended(name, item):
    """The document that a write was to store, as far as its own words tell."""
    if name == "insert":
        return item
    query, update = item.get("q"), item.get("u")
    if not isinstance(query, dict) or not isinstance(update, dict):
        return None
    known = {path: value for path, value in query.items() if not path.startswith("$") and not isinstance(value, dict)}
    if not any(path.startswith("$") for path in update):
        return known | update
    for operator in ("$setOnInsert", "$set"):
        if operator == "$set" or item.get("upsert"):
            known |= update.get(operator, {})
    return known
