"""The programs of README.md run as they stand there, on a sidecar."""

import json
import signal
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from conftest import BANK
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services
from google.protobuf.any_pb2 import Any as Packed
from listening import free_address

CONFIGURATION = """
domains:
  - name: bank
    logic:
      command: [{bank}]
  - name: transfer
    logic:
      command: [{bank}, transfer]
sagas:
  - name: transfer
    domains: [transfer]
    logic:
      address: {saga}
      command: [{bank}, transfers]
"""


class Client:
    """A stranger to the framework, who speaks gRPC and JSON."""

    def __init__(self, sidecar: Any) -> None:
        self.commands = services.BusinessCoordinatorStub(sidecar.channel("command-handler"))
        self.queries = services.EventQueryStub(sidecar.channel("query-handler"))

    def send(self, domain: str, name: str, root: uuid.UUID | None = None, **fields: Any) -> uuid.UUID:
        root = root or uuid.uuid4()
        book = evented.CommandBook(
            cover=evented.Cover(domain=domain, root=evented.UUID(value=root.bytes)), command_id=str(uuid.uuid4()))
        book.pages.add(command=Packed(type_url=f"json/{name}", value=json.dumps(fields).encode()))
        self.commands.Handle(book, timeout=30, wait_for_ready=True)
        return root

    def events(self, domain: str, root: uuid.UUID) -> list[tuple[str, dict[str, Any]]]:
        query = evented.Query(domain=domain, root=evented.UUID(value=root.bytes))
        return [(page.Event.type_url.removeprefix("json/"), json.loads(page.Event.value))
                for book in self.queries.GetEvents(query, timeout=30) for page in book.pages]

    def deposits(self, root: uuid.UUID) -> list[int]:
        return [fields["cents"] for name, fields in self.events("bank", root) if name == "DepositReceived"]


def eventually(condition: Callable[[], object], timeout: float = 60) -> None:
    """Waits for what another process does, which no event of this one tells."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.01)


@pytest.mark.parametrize("style", ["classic", "functions"])
def test_customer_does_what_it_says(start: Callable[..., Any], launch: Callable[..., Any], style: str) -> None:
    sidecar = start(logic=[BANK], options=[f"--logic-style={style}"])
    customer = launch(sidecar.addresses, "customer")
    assert customer.communicate(timeout=60)[0].splitlines() == [
        "250 cents after 3 events", "refused: the balance is too low", "Ann has 250 cents"]
    assert customer.returncode == 0


def test_handlers_pay_the_bonus_once_however_often_they_are_killed(
    start: Callable[..., Any], launch: Callable[..., Any]
) -> None:
    sidecar = start(logic=[BANK])
    client = Client(sidecar)
    roots = [client.send("bank", "OpenAccount", owner="Ann") for _ in range(40)]
    for _ in range(3):
        handlers = launch(sidecar.addresses, "handlers")
        assert "a letter to Ann" in handlers.stdout.readline()
        handlers.kill()
    handlers = launch(sidecar.addresses, "handlers")
    eventually(lambda: all(client.deposits(root) for root in roots))
    # They go on, and end in order.
    roots.append(client.send("bank", "OpenAccount", owner="Bob"))
    eventually(lambda: client.deposits(roots[-1]))
    handlers.send_signal(signal.SIGTERM)
    assert handlers.wait(30) == 0
    assert [client.deposits(root) for root in roots] == [[1000]] * len(roots)


def test_transfers_move_money(start: Callable[..., Any], tmp_path: Path) -> None:
    configuration = tmp_path / "outrider.yaml"
    configuration.write_text(CONFIGURATION.format(bank=BANK, saga=free_address()))
    client = Client(start(config=configuration))
    ann, bob = (client.send("bank", "OpenAccount", owner=owner) for owner in ("Ann", "Bob"))
    client.send("bank", "ReceiveDeposit", ann, cents=100)

    def end(payee: uuid.UUID, cents: int) -> tuple[str, dict[str, Any]]:
        transfer = client.send("transfer", "StartTransfer", payer=str(ann), payee=str(payee), cents=cents)
        eventually(lambda: len(client.events("transfer", transfer)) == 2)
        return client.events("transfer", transfer)[1]

    assert end(bob, 60) == ("TransferCompleted", {})
    assert end(uuid.uuid4(), 30) == ("TransferFailed", {"reason": "there is no such account"})
    assert end(bob, 500) == ("TransferFailed", {"reason": "the balance is too low"})
    assert client.deposits(ann) == [100, 30]
    assert client.deposits(bob) == [60]


def test_sidecar_that_is_away_is_waited_for(start: Callable[..., Any], launch: Callable[..., Any]) -> None:
    """The program begins while nobody listens, and goes on when the sidecar is there."""
    addresses = {"command-handler": free_address(), "query-handler": free_address()}
    customer = launch(addresses, "customer")
    start(logic=[BANK], options=[f"--port-{role}={address.rpartition(':')[2]}" for role, address in addresses.items()])
    assert customer.communicate(timeout=60)[0].startswith("250 cents")
    assert customer.returncode == 0


def test_second_program_at_an_address_is_told() -> None:
    address = free_address()
    variables = {"OUTRIDER_LOGIC_ADDRESS": address, "OUTRIDER_PROJECTOR_ADDRESS": free_address()}
    with subprocess.Popen([str(BANK)], env=variables, stderr=subprocess.PIPE, text=True) as first:
        with grpc.insecure_channel(address) as channel:
            grpc.channel_ready_future(channel).result(30)
        second = subprocess.run([str(BANK)], env=variables, capture_output=True, text=True, timeout=30)
        first.terminate()
        assert first.wait(30) == 0
    assert second.returncode != 0
    # Both of its addresses are in use; the one that it tried first is named.
    assert "is in use: somebody else listens there" in second.stderr
