"""Events that leave the process keep every promise while every process is killed once: a short run.

`HISTORY_SEED=n` kills in the same order again. `make soak` runs for longer.
"""

import statistics

from .run import Run
from .takeover import SECONDS_MAX, takeovers

COMMANDS = 1500


def test_every_process_is_killed_once(executable, tmp_path, seed):
    happened = Run(seed, COMMANDS, between=30, roots=24, pause=0.05).on(executable, tmp_path)
    assert happened["commands"] >= COMMANDS and happened["events"] > COMMANDS, happened


def test_another_relay_publishes_soon(executable, tmp_path):
    seconds = list(takeovers(executable, tmp_path, 5))
    print(seconds)
    # Machines that build and test at once may stand still for a moment. `make soak` asks it of each of a hundred.
    assert statistics.median(seconds) <= SECONDS_MAX, seconds
