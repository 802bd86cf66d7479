"""The commands of engine.sh that need a running server, or make one."""

import argparse
import fcntl
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from .leftovers import processes, reap, send

HERE = Path(__file__).resolve().parents[1]
STOP_SECONDS = 30
SERVED_ALREADY = 3


def main():
    arguments = parse()
    if arguments.command == "with":
        sys.exit(run_with(arguments))
    directory = Path(arguments.directory).absolute()
    if arguments.command in ("run", "start"):
        directory.mkdir(parents=True, exist_ok=True)
    sys.exit({"run": run, "serve": run, "start": start, "stop": stop, "kill": kill, "uri": uri}[arguments.command](directory, arguments))


def parse():
    parser = argparse.ArgumentParser(prog="engine.sh")
    commands = parser.add_subparsers(dest="command", required=True)
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--port", type=int, help="listen here on 127.0.0.1 (default: as last time in this DIR, else a free one)")
    options.add_argument("--owner", type=int, metavar="PID", help="stop when that process ends")
    options.add_argument("--user", help="ask clients for this user's password, by SCRAM-SHA-256")
    options.add_argument("--password", help="that password", default="")
    options.add_argument("--tls", metavar="FILE", help="speak TLS, with the certificate and key in this PEM file")
    options.add_argument("--clock-offset", type=float, metavar="SECONDS", default=0, help="tell a time that is ahead by so much, or behind")
    options.add_argument("--log", action="store_true", help="log every command")
    default = HERE.parents[1] / ".mongodb" / "data"
    commands.add_parser("run", parents=[options]).add_argument("directory", nargs="?", default=default)
    for name in ("start", "serve"):
        commands.add_parser(name, parents=[options]).add_argument("directory")
    for name in ("stop", "kill", "uri"):
        commands.add_parser(name).add_argument("directory")
    commands.add_parser("with").add_argument("command_line", nargs=argparse.REMAINDER)
    return parser.parse_args()


# A process that serves a directory holds its lock, and so can neither be missed nor, once it is gone, be mistaken for another.


def lock(directory):
    """The directory's lock, or None while another process has it."""
    file = open(directory / "lock", "a+")
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def holder(directory):
    """The process that serves the directory, or None. Asks without taking the lock: fcntl(2), F_GETLK."""
    layout = "hhqqi4x"
    try:
        with open(directory / "lock", "r+") as file:
            kind, _, _, _, process = struct.unpack(
                layout, fcntl.fcntl(file, fcntl.F_GETLK, struct.pack(layout, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)))
    except FileNotFoundError:
        return None
    return None if kind == fcntl.F_UNLCK else process


def run(directory, arguments):
    held = lock(directory)
    if not held:
        print(f"{directory} is served already. Where: engine.sh uri '{directory}'", file=sys.stderr)
        return SERVED_ALREADY
    from .engine import serve  # takes a while to load, and only here is it needed

    (directory / "uri").unlink(missing_ok=True)
    (directory / "pid").write_text(str(os.getpid()))  # for people
    listener = listen(directory, arguments.port)
    address = listener.getsockname()
    (directory / "port").write_text(str(address[1]))
    login = f"{quote(arguments.user, '')}:{quote(arguments.password, '')}@" if arguments.user else ""
    options = ("&authSource=admin" if login else "") + ("&tls=true" if arguments.tls else "")
    uri = f"mongodb://{login}127.0.0.1:{address[1]}/?replicaSet=outrider{options}"
    said = welcome if arguments.command == "run" else print

    def ready():
        part = directory / "uri.part"
        part.write_text(uri)
        part.rename(directory / "uri")
        said(uri, flush=True)

    try:
        return serve(os.environ["OUTRIDER_MONGODB_ENGINE"], directory, listener, arguments, ready)
    finally:
        (directory / "uri").unlink(missing_ok=True)
        (directory / "pid").unlink(missing_ok=True)


def welcome(uri, flush):
    print(f"""
A MongoDB-compatible server for development (DocumentDB, not MongoDB) listens. Ctrl-C stops it; its data stays.

  {uri}

In another terminal:

  make demo STORE='{uri}'
  .build/release/outrider run --store '{uri}' -- python3 examples/bank/python/bank.py
  .venv/bin/python -c 'import pymongo; print(pymongo.MongoClient("{uri}").list_database_names())'
""", flush=flush)


def listen(directory, port):
    """The port asked for, or that of the last time, or a free one below those that the kernel gives to outgoing connections."""
    last = directory / "port"
    wanted = [port]
    if not port:
        wanted = [int(last.read_text())] if last.exists() and last.read_text().isdigit() else []
        wanted += [random.randrange(20_000, 32_000) for _ in range(100)]
    for number in wanted:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", number))
        except OSError as error:
            listener.close()
            problem = error
        else:
            return listener
    sys.exit(f"cannot listen on 127.0.0.1:{wanted[0]}: {problem.strerror}. Choose another with --port.")


def start(directory, arguments):
    if holder(directory):
        return uri(directory, arguments)
    log = directory / "engine.log"
    position = log.stat().st_size if log.exists() else 0
    with open(log, "ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "serve", *sys.argv[2:]],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=output, text=True, start_new_session=True)
    line = process.stdout.readline()
    if not line and process.wait() == SERVED_ALREADY:  # by one that started at the same time
        return uri(directory, arguments)
    if not line:
        with open(log) as output:
            output.seek(position)
            sys.exit(output.read())
    print(line, end="")


def stop(directory, arguments=None):
    end(directory, signal.SIGTERM)


def kill(directory, arguments=None):
    if process := holder(directory):
        send(process, signal.SIGSTOP)  # so that it does not see its server go, and writes no farewell
    for each in processes(directory):
        send(each, signal.SIGKILL)
    end(directory, signal.SIGKILL)
    reap(directory)


def end(directory, how):
    process = holder(directory)
    if not process:
        return
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    for each in (how, signal.SIGKILL):
        signal.pidfd_send_signal(handle, each)
        if select.select([handle], [], [], STOP_SECONDS)[0]:
            break
    os.close(handle)
    reap(directory)


def uri(directory, arguments):
    """Waits for one that is about to start."""
    while holder(directory):
        try:
            print((directory / "uri").read_text())
            return
        except FileNotFoundError:
            time.sleep(0.02)
    sys.exit(f"nothing serves {directory}")


def run_with(arguments):
    process = None

    def forward(number, frame):
        if process is None:
            sys.exit(128 + number)
        if number != signal.SIGINT:  # a terminal's Ctrl-C reaches the command by itself
            process.send_signal(number)

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, forward)
    with tempfile.TemporaryDirectory(prefix="outrider-mongodb-") as directory:
        try:
            started = subprocess.run(
                [HERE / "engine.sh", "start", directory, f"--owner={os.getpid()}"], stdout=subprocess.PIPE, text=True)
            if started.returncode:
                return started.returncode
            environment = os.environ | {"OUTRIDER_TEST_MONGODB_URI": started.stdout.strip()}
            for ours in ("PYTHONPATH", "OUTRIDER_MONGODB_ENGINE"):
                environment.pop(ours, None)
            process = subprocess.Popen(arguments.command_line, env=environment)
            status = process.wait()
            return status if status >= 0 else 128 - status
        except OSError as error:
            print(f"engine.sh: {error}", file=sys.stderr)
            return 127
        finally:
            stop(Path(directory))


main()
