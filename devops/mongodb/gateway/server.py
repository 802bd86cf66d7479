"""Accepts clients, and runs each one's commands in order."""

import asyncio
import itertools
import sys
import time
import traceback

from bson import decode

from . import wire
from .commands import Commands
from .errors import OutcomeUnknown
from .failpoints import ConnectionClosed

REAP_SECONDS = 1
BUFFER_BYTES = 1 << 20


class Connection:
    """One client's."""

    numbers = itertools.count(1)

    def __init__(self):
        self.number = next(self.numbers)
        self.user = None
        self.app = None
        self.conversation = None


class Server:
    def __init__(self, backends, port, arguments):
        self.commands = Commands(backends, port, arguments)
        self.log = arguments.log
        self.tasks = set()
        self.listener = None

    async def listen(self, listener, tls):
        self.listener = await asyncio.start_server(
            self._accept, sock=listener, ssl=tls, limit=BUFFER_BYTES, backlog=1024)
        self._keep(asyncio.ensure_future(self._reap()))

    def _keep(self, task):
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _accept(self, reader, writer):
        self._keep(asyncio.current_task())
        connection = Connection()
        try:
            await self._serve(connection, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, ConnectionClosed, asyncio.CancelledError):
            pass
        except wire.BadMessage as error:
            print(f"connection {connection.number} closed: {error}", file=sys.stderr)
        except OutcomeUnknown as error:
            print(f"connection {connection.number} closed, its backend is gone: {error}", file=sys.stderr)
        except Exception:
            traceback.print_exc()
        finally:
            writer.close()

    async def _serve(self, connection, reader, writer):
        while True:
            length, number, opcode = wire.header(await reader.readexactly(wire.HEADER.size))
            request = wire.request(await reader.readexactly(length), number, opcode)
            began = time.perf_counter()
            answer = await self.commands.handle(connection, request)
            if self.log:
                self._log(connection, request, answer, time.perf_counter() - began)
            if request.wants_reply:
                writer.write(wire.reply(request, answer))
                await writer.drain()

    @staticmethod
    def _log(connection, request, answer, seconds):
        answer = str(decode(answer) if isinstance(answer, bytes) else answer)
        print(f"[{connection.number}] {seconds * 1000:.1f} ms {str(decode(request.raw))[:300]} {list(request.sequences)}"
              f" → {answer[:300]}", file=sys.stderr)

    async def _reap(self):
        """Ends what nobody goes on with."""
        for seconds in itertools.count():
            await asyncio.sleep(REAP_SECONDS)
            try:
                await self.commands.reap(seconds)
            except Exception:
                traceback.print_exc()

    async def close(self):
        self.listener.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.commands.close()
