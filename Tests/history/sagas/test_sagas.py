"""Sagas keep every promise while every process is killed in turn: short runs.

`HISTORY_SEED=n` kills in the same order again. `make soak PART=sagas` runs for longer.
"""

import pytest

from .deployment import Apart, OneProcess
from .run import Run


@pytest.mark.parametrize("deployment, transfers, between, window", [
    (OneProcess, 1600, 90, 64),
    (Apart, 400, 36, 24),  # the server for development takes more time than all others together
])
def test_every_process_is_killed(executable, tmp_path, seed, deployment, transfers, between, window):
    happened = Run(seed, transfers, between, window=window).on(deployment(executable, tmp_path))
    assert happened["transfers"] >= transfers and happened["timers that fired"] > 0, happened
