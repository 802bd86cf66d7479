"""The broker's first process: keeps tansu's records, starts tansu, and serves clients on its behalf."""

import argparse
import asyncio
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

from brokers.ports import free_port
from brokers.processes import end_with_parent

from .gateway import listen
from .objects import serve_objects
from .options import add_options
from .recovery import recover_producers

START_SECONDS = 30


def main(arguments):
    directory, tansu, port = arguments.directory, arguments.tansu, arguments.port
    keeping, behind = not arguments.memory, free_port()
    login = (arguments.user, arguments.password) if arguments.user else None
    process = subprocess.Popen(
        [tansu, f"--listener-url=tcp://127.0.0.1:{behind}", f"--advertised-listener-url=tcp://127.0.0.1:{port}",
         f"--storage-engine={'s3' if keeping else 'memory'}://tansu/", "--silent"],
        env=os.environ | (store(directory / "objects") if keeping else {}), preexec_fn=end_with_parent)
    try:
        wait_until_listening(process, behind)
        asyncio.run(serve(process, listen(port, behind, tls_context(arguments), login)))
    finally:
        process.kill()  # what it acknowledged is in files already
        process.wait()


def store(directory):
    """The environment in which tansu keeps its records there."""
    recover_producers(directory)
    return {
        "AWS_ENDPOINT": f"http://127.0.0.1:{serve_objects(directory)}", "AWS_ALLOW_HTTP": "true", "AWS_CONDITIONAL_PUT": "etag",
        "AWS_DEFAULT_REGION": "none", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none",
    }


def wait_until_listening(process, port):
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit("tansu does not listen")
            time.sleep(0.01)


async def serve(process, listening):
    """Until tansu ends, or a signal asks for the end."""
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    loop.add_reader(os.pidfd_open(process.pid), lambda: over.done() or over.set_exception(SystemExit("tansu ended by itself")))
    loop.add_signal_handler(signal.SIGTERM, lambda: over.done() or over.set_result(None))
    listener = asyncio.create_task(listening)
    await asyncio.wait([listener, over], return_when=asyncio.FIRST_COMPLETED)
    (over if over.done() else listener).result()


def tls_context(arguments):
    if not arguments.tls:
        return None
    place = arguments.directory / "tls"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place / "server.pem", place / "server.key")
    if arguments.client_certificates:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(place / "ca.pem")
    return context


parser = argparse.ArgumentParser()
parser.add_argument("directory", type=Path)
parser.add_argument("tansu")
parser.add_argument("port", type=int)
add_options(parser)
main(parser.parse_args())
