"""Retryable writes: a write that comes again under its session and number is answered as it was, and not done again.

The engine keeps records of its own, of updates and deletes of one statement, which outlive a crash; this is for all writes, and for
as long as the gateway runs. https://github.com/mongodb/specifications/blob/master/source/retryable-writes/retryable-writes.md
"""

import asyncio

from .errors import CommandFailed

SESSIONS_KEPT = 1000


class Retries:
    """The latest number of each session, and its answer or the promise of one."""

    def __init__(self):
        self.latest = {}

    async def once(self, session, number, write):
        known, answer = self.latest.get(session, (None, None))
        if number == known:
            return await asyncio.shield(answer)
        if known is not None and number < known:
            raise CommandFailed(
                225, "TransactionTooOld", f"Retryable write with txnNumber {number} is prohibited: {known} has started already.")
        answer = asyncio.get_running_loop().create_future()
        self.latest.pop(session, None)
        self.latest[session] = (number, answer)
        if len(self.latest) > SESSIONS_KEPT:
            del self.latest[next(iter(self.latest))]
        try:
            answer.set_result(await write())
        except BaseException as error:  # not done, so a retry does it
            if self.latest.get(session) == (number, answer):
                self.latest[session] = (number - 1, answer)
            answer.set_exception(error)
            answer.exception()  # nobody need have waited for it
            raise
        return answer.result()
