"""The verbs of broker.sh: run, start, stop, kill, uri and with.

A broker is an object with
    name, variable                   what it is called, and where `with` puts its first URI
    default_directory                where `run` keeps data
    add_options(parser)              options of run, start and with
    prepare(directory, options)      writes what it needs; returns its command line and environment
    is_ready(directory, log)         whether it serves, given what it has logged since its start
    uris(directory)                  where it listens
    variables(directory)             what else `with` puts into the environment
    welcome(directory)               what `run` prints
    own_verbs                        methods of its own, each with a directory and a command line
"""

import argparse
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .processes import end_with_parent, ended, interrupt, kill, mark, processes

START_SECONDS = 120  # one start takes 3 s; a machine that is busy with a build needs more
STOP_SECONDS = 30
SERVED_ALREADY = 3
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(broker):
    arguments = parse(broker)
    if arguments.verb == "with":
        sys.exit(run_with(broker, arguments))
    directory = Path(arguments.directory).absolute()
    verb = {"run": run, "start": start, "stop": stop, "kill": crash, "uri": uri}.get(arguments.verb)
    sys.exit(verb(broker, directory, arguments) if verb else getattr(broker, arguments.verb)(directory, arguments))


def parse(broker):
    parser = argparse.ArgumentParser(prog="broker.sh")
    verbs = parser.add_subparsers(dest="verb", required=True)
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--port", type=int, help="listen here on 127.0.0.1 (default: as last time in this DIR, else a free one)")
    broker.add_options(options)
    verbs.add_parser("run", parents=[options]).add_argument("directory", nargs="?", default=broker.default_directory)
    verbs.add_parser("start", parents=[options]).add_argument("directory")
    for name in ("stop", "kill", "uri", *broker.own_verbs):
        verbs.add_parser(name).add_argument("directory")
    for name in broker.own_verbs:
        verbs.choices[name].add_argument("command_line", nargs=argparse.REMAINDER)
    verbs.add_parser("with", parents=[options]).add_argument("command_line", nargs=argparse.REMAINDER)
    return parser.parse_args()


def start(broker, directory, options):
    directory.mkdir(parents=True, exist_ok=True)
    end_on_signals()
    with lock(directory):
        if not processes(directory):
            launch(broker, directory, options)
    print(*broker.uris(directory), sep="\n")


def stop(broker, directory, options):
    with lock(directory):
        interrupt(directory)
        if not ended(directory, STOP_SECONDS):
            kill(directory)


def crash(broker, directory, options):
    kill(directory)


def uri(broker, directory, options):
    with lock(directory):  # waits for one that is about to start
        if not processes(directory):
            sys.exit(f"nothing serves {directory}")
    print(*broker.uris(directory), sep="\n")


def run(broker, directory, options):
    directory.mkdir(parents=True, exist_ok=True)
    end_on_signals()
    with lock(directory):
        if processes(directory):
            print(f"{directory} is served already. Where: broker.sh uri '{directory}'", file=sys.stderr)
            return SERVED_ALREADY
        child = launch(broker, directory, options, preexec_fn=end_with_parent)
    print(broker.welcome(directory), flush=True)
    try:
        child.wait()
    except SystemExit:
        ignore_signals()
        stop(broker, directory, options)
        return 0
    sys.exit(f"{broker.name} ended by itself:\n{last_lines(directory)}")


def run_with(broker, options):
    if os.environ.get(broker.variable):
        return run_command(options.command_line, {})
    end_on_signals()
    with tempfile.TemporaryDirectory(prefix=f"outrider-{broker.name.lower()}-") as directory:
        try:
            place = Path(directory)
            launch(broker, place, options, preexec_fn=end_with_parent)
            return run_command(options.command_line, {broker.variable: broker.uris(place)[0]} | broker.variables(place))
        finally:
            ignore_signals()
            kill(directory)  # nobody wants its data


def run_command(command_line, variables):
    """Runs the command, passes signals on to it, and returns its status as a shell would."""
    environment = os.environ | variables
    environment.pop("PYTHONPATH", None)
    try:
        command = subprocess.Popen(command_line, env=environment)
    except OSError as error:
        print(f"broker.sh: {error}", file=sys.stderr)
        return 127

    def forward(number, frame):
        if number != signal.SIGINT:  # a terminal's Ctrl-C reaches the command by itself
            command.send_signal(number)

    for each in SIGNALS:
        signal.signal(each, forward)
    status = command.wait()
    return status if status >= 0 else 128 - status


def launch(broker, directory, options, **how):
    """Starts the broker and returns when it serves. Leaves nothing behind when it does not."""
    command, environment = broker.prepare(directory, options)
    log = directory / "broker.log"
    with open(log, "ab") as output:
        position = output.tell()
        child = subprocess.Popen(
            command, cwd=directory, env=environment | mark(directory), stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True, **how)
    try:
        wait_until_ready(broker, directory, child, log, position)
    except BaseException:
        kill(directory)
        raise
    return child


def wait_until_ready(broker, directory, child, log, position):
    deadline = time.monotonic() + START_SECONDS
    while not broker.is_ready(directory, log.read_bytes()[position:].decode(errors="replace")):
        if child.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"{broker.name} did not start. The end of {log}:\n{last_lines(directory)}")
        time.sleep(0.05)


def last_lines(directory, count=30):
    return "\n".join((directory / "broker.log").read_text(errors="replace").splitlines()[-count:])


@contextlib.contextmanager
def lock(directory):
    """Held by those who start and stop, one at a time. A crash does not wait for it."""
    if not directory.is_dir():
        yield
        return
    with open(directory / "lock", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def end_on_signals():
    def end(number, frame):
        sys.exit(128 + number)

    for each in SIGNALS:
        signal.signal(each, end)


def ignore_signals():
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
