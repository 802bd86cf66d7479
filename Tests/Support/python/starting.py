"""The fixture that starts sidecars for the tests of the client frameworks."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sidecar import Sidecar


@pytest.fixture
def start(executable: Path, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Starts sidecars, and leaves none behind. All share one data directory."""
    started: list[Any] = []

    def start(**settings: Any) -> Any:
        started.append(Sidecar(executable, tmp_path / "data", **settings))
        return started[-1].start()

    yield start
    for sidecar in started:
        sidecar.__exit__()
