"""One engine: a PostgreSQL server and the gateway in front of it, alive and dead together."""

import asyncio
import os
import signal
import ssl
import sys

from .backends import Backends
from .postgres import DidNotStart, Postgres
from .server import Server

try:
    from uvloop import run
except ImportError:  # it makes the gateway faster, no more
    from asyncio import run


def serve(engine, directory, listener, arguments, ready):
    """Returns the exit status, once told to stop."""
    return run(_serve(engine, directory, listener, arguments, ready))


async def _serve(engine, directory, listener, arguments, ready):
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(each, stopped.set)
    owner = watch(arguments.owner, stopped)
    database = Postgres(engine, directory)
    try:
        await database.start()
        gone = asyncio.ensure_future(database.process.wait())
        gone.add_done_callback(lambda _: stopped.set())
        server = Server(Backends(database.sockets), listener.getsockname()[1], arguments)
        await server.listen(listener, tls(arguments.tls))
        if not stopped.is_set():
            ready()
        await stopped.wait()
        died = gone.done()
        await server.close()
        if died:
            print("the PostgreSQL server is gone: see postgres.log", file=sys.stderr)
        return 1 if died else 0
    except DidNotStart as error:
        print(f"the PostgreSQL server did not start:\n{error}", file=sys.stderr)
        return 1
    finally:
        await database.stop()
        if owner is not None:
            os.close(owner)


def watch(process, stopped):
    """Sets `stopped` when the process ends."""
    if process is None:
        return None
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        stopped.set()
        return None
    loop = asyncio.get_running_loop()
    loop.add_reader(handle, lambda: (loop.remove_reader(handle), stopped.set()))
    return handle


def tls(file):
    if not file:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context
