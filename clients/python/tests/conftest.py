import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import outrider
import pytest
from built import executable as executable
from readme import PROGRAMS, TOP, extract
from sidecar import Sidecar
from starting import start as start

sys.path.insert(0, str(extract()))


@pytest.fixture
def launch() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts programs in Python, and leaves none behind."""
    launched: list[subprocess.Popen[str]] = []

    def launch(*arguments: str, **settings: Any) -> "subprocess.Popen[str]":
        launched.append(subprocess.Popen(
            [sys.executable, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **settings))
        return launched[-1]

    yield launch
    for process in launched:
        with process:
            process.kill()


@pytest.fixture(scope="module")
def bank(executable: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Outrider with the bank of README.md, for all tests of a module, each with accounts of its own."""
    with Sidecar(
        executable, tmp_path_factory.mktemp("data"), logic=[sys.executable, str(PROGRAMS / "bank.py")]) as sidecar:
        yield sidecar


def eventually(condition: Callable[[], object], timeout: float = 30) -> None:
    """Waits for what another process does, which no event of this one tells."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.01)


def connect(sidecar: Any) -> outrider.Connection:
    return outrider.Connection(sidecar.addresses["command-handler"], sidecar.addresses["query-handler"])


@pytest.fixture
def connection(bank: Any) -> Iterator[outrider.Connection]:
    made = connect(bank)
    yield made
    made.close()
