import os
import subprocess
from collections.abc import Callable, Iterator

import pytest
from built import executable as executable
from sidecar import TOP
from starting import start as start

#: What clients/swift/check.sh has built: the programs of README.md.
BANK = TOP / ".build-clients/debug/Bank"


@pytest.fixture
def launch() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts programs of the bank, told where the sidecar is by role, and leaves none behind."""
    launched: list[subprocess.Popen[str]] = []

    def launch(addresses: dict[str, str], program: str) -> "subprocess.Popen[str]":
        variables = {
            "COMMANDS_ADDRESS": addresses["command-handler"], "QUERIES_ADDRESS": addresses["query-handler"]}
        # Line by line, although nobody sees them: `exec` leaves one process, which a test may kill.
        launched.append(subprocess.Popen(
            ["stdbuf", "-oL", str(BANK), program], env=os.environ | variables, stdout=subprocess.PIPE, text=True))
        return launched[-1]

    yield launch
    for process in launched:
        with process:
            process.kill()
