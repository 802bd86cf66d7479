"""Events through RabbitMQ and Kafka while every process is killed in turn, again and again; then relays that take over.

A failure says its seed: --seed N kills in the same order again.
Usage: channel_soak.py [--commands N] [--takeovers N] [--seed N]
"""

import argparse
import random
import shutil
import signal
import statistics
import sys
import tempfile
from pathlib import Path

from channels.run import Run
from channels.takeover import SECONDS_MAX, takeovers
from run import Failed
from sidecar import TOP

OUTRIDER = TOP / ".build/release/outrider"
ROOTS, CLIENTS = 200, 40
BETWEEN = 500  # commands between two kills


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commands", type=int, default=100_000)
    parser.add_argument("--takeovers", type=int, default=100)
    parser.add_argument("--seed", default=str(random.getrandbits(32)))
    parser.add_argument("--executable", type=Path, default=OUTRIDER)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all that was started is stopped
    try:
        if options.commands:
            in_new_directory(lambda directory: kill_in_turn(options, directory))
        if options.takeovers:
            in_new_directory(lambda directory: take_over(options, directory))
    except (Failed, AssertionError) as failure:
        sys.exit(f"channels, {failure}")  # the logs stay
    except KeyboardInterrupt:
        sys.exit("interrupted")


def in_new_directory(act):
    directory = Path(tempfile.mkdtemp(prefix="channels-"))
    act(directory)
    shutil.rmtree(directory)


def kill_in_turn(options, directory):
    say(f"channels: {options.commands} commands, seed {options.seed}, logs in {directory}")
    Run(options.seed, options.commands, BETWEEN, ROOTS, CLIENTS, say=say).on(options.executable, directory)


def take_over(options, directory):
    say(f"channels: the active relay is killed {options.takeovers} times, logs in {directory}")
    seconds = []
    for each in takeovers(options.executable, directory, options.takeovers):
        seconds.append(each)
        if len(seconds) % 10 == 0:
            say(f"  {len(seconds)} takeovers, the last after {each:.2f} s")
    points = sorted(seconds)
    say("  seconds until the other published: " + ", ".join(
        f"{name} {value:.2f}" for name, value in {
            "least": points[0], "median": statistics.median(points), "p90": points[len(points) * 9 // 10],
            "most": points[-1]}.items()))
    late = [f"{each:.2f}" for each in points if each > SECONDS_MAX]
    assert not late, f"{len(late)} of {len(points)} takeovers took longer than {SECONDS_MAX} s: {', '.join(late)}"


def say(line):
    print(line, flush=True)


if __name__ == "__main__":
    main()
