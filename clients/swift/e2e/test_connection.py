"""Programs in Swift on a sidecar with TLS, with tokens, and several of one name."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from built import built
from certificates import issue, sign_itself
from test_readme import eventually
from tokens import key_set, token

OWNERS = [f"owner-{number}" for number in range(40)]


class Program:
    """Runs in the background; its lines are read as they come."""

    def __init__(self, command: list[str], variables: dict[str, str]) -> None:
        # Line by line, although nobody sees them.
        self.process = subprocess.Popen(
            ["stdbuf", "-oL", *command], env=os.environ | variables, stdout=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self) -> None:
        for line in self.process.stdout or []:
            self.lines.append(line.strip())


@pytest.fixture(scope="session")
def client() -> str:
    return str(built("swift-client", "OUTRIDER_TEST_SWIFT_CLIENT"))


@pytest.fixture
def run(client: str) -> Iterator[Callable[..., Program]]:
    """Starts the program, told where the sidecar is, and leaves none behind."""
    programs: list[Program] = []

    def run(sidecar: Any, *arguments: str, **variables: str) -> Program:
        addresses = {"COMMANDS_ADDRESS": sidecar.addresses["command-handler"],
                     "QUERIES_ADDRESS": sidecar.addresses["query-handler"]}
        programs.append(Program([client, *arguments], addresses | variables))
        return programs[-1]

    yield run
    for program in programs:
        program.process.kill()
        program.process.wait()
        program.thread.join()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("certificates")
    sign_itself(directory, "ca")
    sign_itself(directory, "other")
    issue(directory, "server", "IP:127.0.0.1")
    return directory


@pytest.fixture
def begin(start: Callable[..., Any], client: str) -> Callable[..., Any]:
    def begin(*options: str) -> Any:
        return start(logic=[client], options=["--projector-enabled=false", *options])

    return begin


def lines(program: Program) -> list[str]:
    """All of a program that ends by itself."""
    program.process.wait(60)
    program.thread.join()
    return program.lines


def secured(certificates: Path) -> list[str]:
    return [f"--tls-certificate={certificates}/server.pem", f"--tls-key={certificates}/server.key"]


def test_tls_carries_commands_and_events(
    begin: Callable[..., Any], run: Callable[..., Program], certificates: Path
) -> None:
    sidecar, authorities = begin(*secured(certificates)), str(certificates / "ca.pem")
    handler = run(sidecar, "handle", "letters", "1", AUTHORITIES=authorities)
    assert len(lines(run(sidecar, "open", "Ann", "Bob", AUTHORITIES=authorities))) == 2
    eventually(lambda: handler.lines == ["Ann", "Bob"])


def test_server_that_is_not_trusted_gets_no_command(
    begin: Callable[..., Any], run: Callable[..., Program], certificates: Path
) -> None:
    sidecar = begin(*secured(certificates))
    for variables in ({"AUTHORITIES": str(certificates / "other.pem")}, {}):
        answer = lines(run(sidecar, "open", "Ann", **variables))
        assert len(answer) == 1 and answer[0].startswith("unavailable: "), answer
    handler = run(sidecar, "handle", "letters", "1", AUTHORITIES=str(certificates / "ca.pem"))
    assert len(lines(run(sidecar, "open", "Bob", AUTHORITIES=str(certificates / "ca.pem")))) == 1
    eventually(lambda: handler.lines)
    assert handler.lines == ["Bob"]


def test_each_call_shows_the_token_of_the_moment(
    begin: Callable[..., Any], run: Callable[..., Program], certificates: Path, tmp_path: Path
) -> None:
    keys, shown, policy = tmp_path / "keys.json", tmp_path / "token", tmp_path / "outrider.yaml"
    keys.write_text(key_set())
    policy.write_text(json.dumps({"policy": [{"callers": ["web"]}]}))
    sidecar = begin(*secured(certificates), f"--tokens-keys={keys}", f"--config={policy}")
    variables = {"AUTHORITIES": str(certificates / "ca.pem")}

    def opened(owner: str, file: Path | None = shown) -> str:
        return lines(run(sidecar, "open", owner, **variables, **({"TOKEN_FILE": str(file)} if file else {})))[0]

    assert opened("nobody", None).startswith("refused: UNAUTHENTICATED")
    shown.write_text(token("stranger"))
    assert opened("nobody").startswith("refused: PERMISSION_DENIED")
    # A call ends with its token, and the subscriber's next one shows the next. Clocks may differ by a minute, so
    # this one is taken for ten more seconds.
    old = tmp_path / "old"
    old.write_text(token("web", -50))
    shown.write_text(old.read_text())
    handler = run(sidecar, "handle", "letters", "1", **variables, TOKEN_FILE=str(shown))
    assert not opened("Ann").startswith("refused")
    eventually(lambda: handler.lines[:1] == ["Ann"])
    shown.write_text(token("web", 600))
    eventually(lambda: opened("meanwhile", old).startswith("refused: UNAUTHENTICATED"))
    assert not opened("Bob").startswith("refused")
    eventually(lambda: handler.lines[-1] == "Bob")


def test_two_consumers_share_the_lanes_and_one_takes_over(
    begin: Callable[..., Any], run: Callable[..., Program]
) -> None:
    sidecar = begin()
    assert len(lines(run(sidecar, "open", "first"))) == 1
    both = [run(sidecar, "handle", "letters", "8") for _ in range(2)]

    def owners() -> list[str]:
        return sorted(both[0].lines + both[1].lines)

    # Until each has its share, one may have all.
    rounds: list[str] = ["first"]

    def shared() -> bool:
        names = [f"{owner} {len(rounds)}" for owner in OWNERS]
        before = [len(program.lines) for program in both]
        lines(run(sidecar, "open", *names))
        rounds.extend(names)
        eventually(lambda: set(owners()) == set(rounds))
        return all(len(program.lines) > count for program, count in zip(both, before))

    eventually(shared)
    assert owners() == sorted(rounds)  # once: lanes change hands when their events are acknowledged
    both[0].process.kill()
    both[0].process.wait()
    taken = [f"late {owner}" for owner in OWNERS]
    lines(run(sidecar, "open", *taken))
    eventually(lambda: set(taken) <= set(both[1].lines))
    both[1].process.send_signal(signal.SIGTERM)
    assert both[1].process.wait(30) == 0
