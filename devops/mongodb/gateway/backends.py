"""Connections to PostgreSQL, lent to one command or one transaction at a time."""

from collections import deque
from contextlib import asynccontextmanager

import asyncio
import asyncpg


class Backends:
    """The one used last is lent first, so that few are kept busy and their caches are warm."""

    def __init__(self, sockets, limit=48):
        self.sockets, self.limit = sockets, limit
        self.idle, self.waiting, self.count = [], deque(), 0

    @asynccontextmanager
    async def lent(self):
        connection = await self.acquire()
        try:
            yield connection
        finally:
            self.release(connection)

    async def acquire(self):
        while self.idle:
            connection = self.idle.pop()
            if not connection.is_closed():
                return connection
            self.count -= 1
        if self.count < self.limit:
            self.count += 1
            try:
                return await self._connect()
            except BaseException:
                self._gone()
                raise
        ticket = asyncio.get_running_loop().create_future()
        self.waiting.append(ticket)
        try:
            connection = await ticket
        except asyncio.CancelledError:
            if ticket.done() and not ticket.cancelled() and ticket.result():
                self.release(ticket.result())
            raise
        return connection or await self.acquire()

    def release(self, connection):
        if connection.is_closed():
            self._gone()
            return
        while self.waiting:
            ticket = self.waiting.popleft()
            if not ticket.done():
                ticket.set_result(connection)
                return
        self.idle.append(connection)

    def _gone(self):
        """One less: who waits first may make another."""
        self.count -= 1
        while self.waiting:
            ticket = self.waiting.popleft()
            if not ticket.done():
                ticket.set_result(None)
                return

    async def _connect(self):
        connection = await asyncpg.connect(
            host=self.sockets, user="postgres", database="postgres", max_cached_statement_lifetime=0)
        for name in ("bson", "bsonsequence"):
            await connection.set_type_codec(
                name, schema="documentdb_core", format="binary", encoder=bytes, decoder=bytes)
        return connection

    def close(self):
        while self.idle:
            self.idle.pop().terminate()
