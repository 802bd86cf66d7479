"""Sagas whose logic, commands or processes go wrong, one thing at a time."""

import grpc
import pytest
from client import Client, eventually, new_root
from logic import Logic
from test_sagas import book, commanding, events, instance, shop  # noqa: F401


@pytest.fixture
def logic():
    logic = Logic()
    yield logic
    logic.stop()


def sent_to(logic, root):
    """The commands that business logic was given for an aggregate."""
    return [request for request in logic.requests if request.command.cover.root.value == root]


def steps(client, key):
    """Those of an instance; none where there is none yet."""
    try:
        return [recorded.step for recorded in instance(client, key).steps]
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.NOT_FOUND
        return []


def test_a_command_that_has_ended_is_not_sent_again_while_another_end_is_refused(shop, logic):
    """Both are of one step, which is delivered again until the second end is taken."""
    sold_out, there = new_root(), new_root()
    tries = []

    def answer(request, context):
        made = request.events.__class__(cover=request.command.cover)
        if request.command.cover.root.value == sold_out and len(sent_to(logic, sold_out)) == 1:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "sold out")
        made.pages.add().Event.CopyFrom(request.command.pages[0].command)
        return made

    both = commanding("stock", sold_out, there)

    def react(given, context):
        if given.HasField("outcome") and given.outcome.command.cover.root.value == there:
            # The first tries that count come once the other's end is stored: these have the step delivered again.
            if len(steps(client, "case")) == 2:
                tries.append(given)
            if len(tries) < 3:
                context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        return both(given, context)

    logic.answer, logic.react = answer, react
    client = shop()
    client.handle(book("order", new_root(), b"one", correlation="case"))
    eventually(lambda: len(steps(client, "case")) == 3)
    assert len(sent_to(logic, sold_out)) == 1
    assert events(client, "stock", sold_out) == []
