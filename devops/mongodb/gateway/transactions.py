"""Multi-document transactions: each keeps a backend to itself until it ends, or until it was idle for too long."""

import asyncio
import time

from .errors import TRANSIENT, CommandFailed, from_postgres

OPEN_MAX = 40
ENDED_KEPT = 10_000  # how many ended ones are remembered, for a commit that is asked for twice
# MongoDB fails a write at once that meets another transaction's. Here it may wait that long to see whether that one ends.
LOCK_TIMEOUT = "50ms"


class Transaction:
    def __init__(self, number, backend):
        self.number, self.backend = number, backend
        self.used = time.monotonic()
        self.turn = asyncio.Lock()


class Transactions:
    def __init__(self, backends):
        self.backends = backends
        self.open = {}
        self.committed = {}
        self.lifetime = 60

    async def begin(self, session, number):
        if session in self.open:
            await self.abort(session)
        try:
            backend = await asyncio.wait_for(self.backends.acquire(), 5)
        except TimeoutError:
            raise CommandFailed(24, "LockTimeout", f"{OPEN_MAX} transactions are open already", [TRANSIENT]) from None
        await backend.execute(f"BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        transaction = self.open[session] = Transaction(number, backend)
        return transaction

    def find(self, session, number):
        transaction = self.open.get(session)
        if not transaction or transaction.number != number:
            raise CommandFailed(
                251, "NoSuchTransaction",
                f"Given transaction number {number} does not match any in-progress transactions.", [TRANSIENT])
        transaction.used = time.monotonic()
        return transaction

    async def commit(self, session, number):
        if self.committed.get(session) == number:
            return
        transaction = self.find(session, number)
        async with transaction.turn:
            self.open.pop(session, None)
            try:
                await transaction.backend.execute("COMMIT")
            except Exception as error:
                failure = from_postgres(error)
                failure.labels.append(TRANSIENT)
                raise failure from error
            finally:
                self.backends.release(transaction.backend)
        self.committed.pop(session, None)
        self.committed[session] = number
        while len(self.committed) > ENDED_KEPT:
            del self.committed[next(iter(self.committed))]

    async def abort(self, session):
        transaction = self.open.pop(session, None)
        if not transaction:
            return
        async with transaction.turn:
            try:
                await transaction.backend.execute("ROLLBACK")
            except Exception:
                transaction.backend.terminate()
            finally:
                self.backends.release(transaction.backend)

    async def abort_all(self):
        for session in list(self.open):
            await self.abort(session)

    async def reap(self):
        oldest = time.monotonic() - self.lifetime
        for session in [each for each, transaction in self.open.items() if transaction.used < oldest]:
            await self.abort(session)
