"""Commands that answer with a cursor, and what is done with it after."""

import time

from bson import Int64, decode, encode

from .errors import CommandFailed

IDLE_SECONDS = 600  # MongoDB's cursorTimeoutMillis
FIRST_PAGES = {
    "find": "find_cursor_first_page",
    "aggregate": "aggregate_cursor_first_page",
    "listCollections": "list_collections_cursor_first_page",
    "listIndexes": "list_indexes_cursor_first_page",
}


class Cursor:
    """The engine's own continuation: any backend can go on with it."""

    def __init__(self, namespace, continuation, seconds_left):
        self.namespace, self.continuation, self.seconds_left = namespace, continuation, seconds_left
        self.used = time.monotonic()
        self.busy = False


class Cursors:
    def __init__(self):
        self.open = {}
        self.idle_seconds = IDLE_SECONDS

    def seconds_left(self, command):
        """Of the time that the cursor's first command set for all its pages. None without a limit."""
        cursor = self.open.get(command.document["getMore"])
        return cursor and cursor.seconds_left

    async def first_page(self, backend, database, command, seconds):
        began = time.monotonic()
        row = await backend.fetchrow(
            f"select cursorpage, continuation, cursorid from documentdb_api.{FIRST_PAGES[command.name]}($1, $2)",
            database, command.raw)
        page, continuation, number = row
        if command.name == "listIndexes":
            page = without_engine_options(page)
        if continuation is not None:
            target = command.document[command.name]
            collection = target if isinstance(target, str) and command.name in ("find", "aggregate") else None
            left = seconds and max(0, seconds - (time.monotonic() - began))
            cursor = self.open[number] = Cursor((database, collection), continuation, left)
            if command.document.get("noCursorTimeout"):
                cursor.used = float("inf")
        return page

    async def next_page(self, backend, database, command):
        number = command.document["getMore"]
        cursor = self.open.get(number)
        if not cursor:
            raise CommandFailed(43, "CursorNotFound", f"cursor id {number} not found")
        collection = command.document.get("collection")
        if cursor.namespace[0] != database or cursor.namespace[1] not in (None, collection):
            raise CommandFailed(
                13, "Unauthorized", f"Requested getMore on namespace '{database}.{collection}', but cursor belongs to another")
        if cursor.busy:
            raise CommandFailed(143, "CursorInUse", f"cursor id {number} is already in use")
        spec = {"getMore": Int64(number), "collection": collection or ""}
        for option in ("batchSize", "maxTimeMS"):
            if option in command.document:
                spec[option] = command.document[option]
        cursor.busy = True
        began = time.monotonic()
        try:
            page, continuation = await backend.fetchrow(
                "select cursorpage, continuation from documentdb_api.cursor_get_more($1, $2, $3)",
                database, encode(spec), cursor.continuation)
        except BaseException:
            self.open.pop(number, None)
            raise
        finally:
            cursor.busy = False
        if continuation is None:
            self.open.pop(number, None)
        else:
            now = time.monotonic()
            cursor.continuation, cursor.used = continuation, max(cursor.used, now)
            if cursor.seconds_left is not None:
                cursor.seconds_left = max(0, cursor.seconds_left - (now - began))
        return page

    async def kill(self, backend, numbers):
        killed, unknown = [], []
        for number in numbers:
            (killed if self.open.pop(number, None) else unknown).append(Int64(number))
        if killed:
            await self._forget(backend, killed)
        return {"cursorsKilled": killed, "cursorsNotFound": unknown, "cursorsAlive": [], "cursorsUnknown": [], "ok": 1.0}

    async def reap(self, backends):
        """Ends those that nobody asked for a page of for long."""
        oldest = time.monotonic() - self.idle_seconds
        idle = [number for number, cursor in self.open.items() if cursor.used < oldest and not cursor.busy]
        for number in idle:
            del self.open[number]
        if idle:
            async with backends.lent() as backend:
                await self._forget(backend, idle)

    async def clean(self, backend):
        """Removes what the engine keeps of cursors that this gateway does not know."""
        await backend.execute(f"select documentdb_api_internal.cursor_directory_cleanup({2 * int(self.idle_seconds) + 60})")

    @staticmethod
    async def _forget(backend, numbers):
        if numbers:
            await backend.fetchval("select documentdb_api_internal.delete_cursors($1::bigint[])", numbers)


def without_engine_options(page):
    """Indexes as MongoDB lists them: the engine adds how it stores them."""
    reply = decode(page)
    for index in reply["cursor"]["firstBatch"]:
        index.pop("storageEngine", None)
    return encode(reply)
