"""The bank of the examples, in every language that it is written in."""

import pytest
from account import Bank
from alone import Logic
from built import executable as executable
from sidecar import PROJECTOR, TOP, Sidecar

LANGUAGES = ["python", "go", "java", "cpp", "ruby"]


@pytest.fixture(scope="session", params=LANGUAGES)
def program(request):
    """The command that runs the bank in one language. Its first start builds it."""
    program = TOP / "examples/bank" / request.param / "run.sh"
    Logic(program).kill()
    return program


@pytest.fixture(scope="module")
def logic(program):
    """The bank's logic without Outrider."""
    logic = Logic(program)
    yield logic
    logic.kill()


@pytest.fixture
def alone(program):
    """Starts the bank's logic without Outrider, where it is told to listen."""
    started = []

    def start(**settings):
        started.append(Logic(program, **settings))
        return started[-1]

    yield start
    for each in started:
        each.kill()


@pytest.fixture
def start(executable, program, tmp_path):
    """Starts Outrider and the bank beside it. All share one data directory."""
    started = []

    def start():
        started.append(Sidecar(executable, tmp_path / "data", logic=[str(program)]))
        return Bank(started[-1].start())

    yield start
    for each in started:
        each.__exit__()


@pytest.fixture(scope="module")
def bank(executable, program, tmp_path_factory):
    """A bank for all tests of a module, each with accounts of its own."""
    options = [f"--projector-name={PROJECTOR}", "--projector-synchronous=true"]
    with Sidecar(executable, tmp_path_factory.mktemp("data"), logic=[str(program)], options=options) as sidecar:
        yield Bank(sidecar)
