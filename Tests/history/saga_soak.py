"""Transfers of money by sagas while every process is killed in turn, again and again: in one process, and apart.

A failure says its seed: --seed N kills in the same order again.
Usage: saga_soak.py [--transfers N] [--seed N]
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from run import Failed
from sagas.deployment import Apart, OneProcess
from sagas.run import Run
from sidecar import TOP

OUTRIDER = TOP / ".build/release/outrider"
ACCOUNTS, CLIENTS, WINDOW = 400, 16, 128
BETWEEN = 500  # transfers between two kills


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transfers", type=int, default=100_000, help="in all: half of them in each deployment")
    parser.add_argument("--seed", default=str(random.getrandbits(32)))
    parser.add_argument("--executable", type=Path, default=OUTRIDER)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all that was started is stopped
    try:
        for deployment in (OneProcess, Apart):
            directory = Path(tempfile.mkdtemp(prefix="sagas-"))
            say(f"sagas: {options.transfers // 2} transfers, seed {options.seed}, logs in {directory}")
            Run(options.seed, options.transfers // 2, BETWEEN, ACCOUNTS, CLIENTS, WINDOW, say).on(
                deployment(options.executable.absolute(), directory))
            shutil.rmtree(directory)
    except (Failed, AssertionError) as failure:
        sys.exit(f"sagas, {failure}")  # the logs stay
    except KeyboardInterrupt:
        sys.exit("interrupted")


def say(line):
    print(line, flush=True)


if __name__ == "__main__":
    main()
