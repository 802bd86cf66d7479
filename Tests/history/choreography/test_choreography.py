"""Event handlers lose and make no money while every process is killed in turn: short runs.

`HISTORY_SEED=n` kills in the same order again. `make soak PART=eventuate` runs for longer.
"""

import pytest

from .deployment import Apart, OneProcess
from .run import Run


@pytest.mark.parametrize("deployment, transfers, between, window", [
    (OneProcess, 1000, 100, 64),
    (Apart, 300, 18, 32),  # the server for development takes more time than all others together
])
def test_every_process_is_killed(executable, tmp_path, seed, deployment, transfers, between, window):
    happened = Run(seed, transfers, between, window=window).on(deployment(executable, tmp_path))
    assert happened["transfers"] >= transfers and happened["ended: TransferCompleted"], happened
