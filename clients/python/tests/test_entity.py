"""The function style, and its scenarios, without a server; then on a sidecar."""

import sys
import uuid
from collections.abc import Callable
from typing import Any

import outrider
import pytest
import savings_pb2
from cards import Account
from conftest import connect
from evented.evented_pb2 import CommandBook
from google.protobuf.wrappers_pb2 import StringValue
from outrider import Code
from outrider._payloads import pack, unpack
from outrider.entity import apply_events, handle_command
from outrider.testing import entity
from outrider.v1.entity_pb2 import ApplyRequest, HandleRequest
from readme import PROGRAMS
from savings_pb2 import (
    AccountOpened, CancelCard, CardCancelled, CardIssued, CashDeposited, CashWithdrawn, DepositCash, IssueCard,
    OpenAccount, WithdrawCash)

OPENED, FULL = AccountOpened(owner="Ann"), CashDeposited(cents=500)
CARD = "card:1"


def test_command_is_decided_for_the_entity_that_it_names() -> None:
    account = entity(Account).given(OPENED, FULL).given(CardIssued(limit_cents=300), entity=CARD)
    account.when(WithdrawCash(cents=300), entity=CARD).then(CashWithdrawn(cents=300))
    account.then_state(lambda made: (made.state.cents, made.members[CARD].spent_cents) == (200, 300))
    account.when(WithdrawCash(cents=200)).then(CashWithdrawn(cents=300), CashWithdrawn(cents=200))
    account.when(WithdrawCash(cents=1), entity=CARD).then_refused(Code.FAILED_PRECONDITION, "the balance is too low")


def test_member_comes_and_goes() -> None:
    account = entity(Account).given(OPENED, FULL).given(CardIssued(limit_cents=300), CardCancelled(), entity=CARD)
    account.when(WithdrawCash(cents=1), entity=CARD).then_refused(Code.FAILED_PRECONDITION, "there is no card:1")
    entity(Account).given(OPENED).when(CancelCard(), entity=CARD).then()


def test_handle_names_the_entity_on_its_events_and_keeps_the_order_of_commands() -> None:
    given = HandleRequest(command=CommandBook())
    given.command.pages.add(command=pack(OpenAccount(owner="Ann")))
    given.command.pages.add(command=pack(IssueCard(limit_cents=5)), entity=CARD, synchronous=True)
    pages = handle_command(Account, given).pages
    assert [(unpack(page.Event), page.entity, page.synchronous) for page in pages] == [
        (AccountOpened(owner="Ann"), "", False), (CardIssued(limit_cents=5), CARD, True)]


def test_apply_goes_on_from_the_state_and_answers_all_of_it() -> None:
    first = ApplyRequest()
    first.events.pages.add(Event=pack(OPENED))
    first.events.pages.add(Event=pack(CardIssued(limit_cents=5)), entity="card:2")
    second = ApplyRequest(state=apply_events(Account, first).state)
    second.events.pages.add(Event=pack(CardIssued(limit_cents=6)), entity=CARD)
    state = apply_events(Account, second).state
    assert unpack(state.root) == savings_pb2.Account(owner="Ann")
    assert {name: unpack(packed) for name, packed in state.members.items()} == {
        CARD: savings_pb2.Card(limit_cents=6), "card:2": savings_pb2.Card(limit_cents=5)}


def test_apply_that_does_not_fold_is_found_by_a_scenario() -> None:
    class Forgetful(Account):
        @outrider.apply
        def deposited(self, event: CashDeposited) -> None:
            self.count = getattr(self, "count", 0) + event.cents  # not kept between calls
            self.state.cents = self.count

    with pytest.raises(AssertionError, match="event by event"):
        entity(Forgetful).given(OPENED, FULL, FULL).when(DepositCash(cents=1)).then(CashDeposited(cents=1))


def test_stored_state_of_another_type_is_a_mistake() -> None:
    given = HandleRequest()
    given.state.root.CopyFrom(pack(StringValue(value="x")))
    with pytest.raises(TypeError, match="the stored state is a google.protobuf.StringValue"):
        handle_command(Account, given)


def test_class_that_cannot_work_is_refused_when_it_is_made() -> None:
    with pytest.raises(TypeError, match="annotate `state`"):
        class Formless(outrider.Entity):
            pass

    with pytest.raises(TypeError, match="logic.snapshot-events"):
        class Snapshotting(outrider.Entity):
            state: savings_pb2.Account
            snapshot_every = 100


def test_cards_of_the_readme_run_on_a_sidecar(start: Callable[..., Any]) -> None:
    sidecar = start(
        domain="savings", logic=[sys.executable, str(PROGRAMS / "cards.py")],
        options=["--style=functions", "--logic-check-apply=true", "--projector-enabled=false"])
    connection = connect(sidecar)
    accounts = outrider.Aggregates(Account, domain="savings", connection=connection)
    ann: uuid.UUID = accounts.create(OpenAccount(owner="Ann")).root
    accounts.update(ann, DepositCash(cents=500))
    for number in range(5):
        accounts.update(ann, IssueCard(limit_cents=100 * number), entity=f"card:{number}")
    accounts.update(ann, WithdrawCash(cents=400), entity="card:4")
    accounts.update(ann, CancelCard(), entity="card:3")
    with pytest.raises(outrider.Refused, match="the card's limit is reached"):
        accounts.update(ann, WithdrawCash(cents=1), entity="card:4")
    with pytest.raises(outrider.Refused, match="there is no card:3"):
        accounts.update(ann, WithdrawCash(cents=1), entity="card:3")
    accounts.update(ann, lambda account: WithdrawCash(cents=account.state.cents), entity="card:1")
    found = accounts.find(ann)
    assert found is not None
    assert (found.aggregate.state.cents, found.next_sequence) == (0, 10)
    spent = {name: card.spent_cents for name, card in found.aggregate.members.items()}
    assert spent == {"card:0": 0, "card:1": 100, "card:2": 0, "card:4": 400}
    connection.close()
