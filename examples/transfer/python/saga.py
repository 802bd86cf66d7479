"""The saga of a transfer: takes the money from the payer, gives it to the payee, and gives it back where
that fails or takes too long. It holds nothing: its state comes with each input, and goes with each answer.
"""

import os
from concurrent import futures

import bank_pb2 as bank
import grpc
import transfer_pb2 as transfer
from outrider.v1 import command_outcome_pb2 as outcomes
from outrider.v1 import saga_pb2 as sagas
from outrider.v1 import saga_pb2_grpc as services

PATIENCE = float(os.environ.get("TRANSFER_PATIENCE", 30))  # seconds


def react(given):
    """What an input leads to: the one function of a saga."""
    state, answer = transfer.Transfer(), sagas.SagaReaction()
    given.state.Unpack(state)
    match given.WhichOneof("input"):
        case "events":
            started = transfer.TransferStarted()
            if not given.events.pages[0].Event.Unpack(started):
                return answer  # another event of the transfer: it needs nothing
            state.root = given.events.cover.root.value
            state.payer, state.payee, state.cents = started.payer, started.payee, started.cents
            send(answer, "bank", state.payer, bank.WithdrawCash(cents=state.cents))
            answer.timers.add(name="patience").after.FromNanoseconds(int(PATIENCE * 1e9))
        case "timer":
            state.failure = "it took too long"
        case "outcome":
            take(given.outcome, state, answer)
    answer.state.Pack(state)
    return answer


def take(outcome, state, answer):
    """A command has ended: the next one follows."""
    command = outcome.command.pages[0].command
    is_done = outcome.end == outcomes.CommandOutcome.APPENDED and not any(
        page.Event.Is(bank.WithdrawalRefused.DESCRIPTOR) for page in outcome.events.pages)
    if command.Is(bank.WithdrawCash.DESCRIPTOR):
        if not is_done:
            end(answer, state, outcome.message or "the payer's balance is too low")
        elif state.failure:
            send(answer, "bank", state.payer, bank.ReceiveDeposit(cents=state.cents))
        else:
            send(answer, "bank", state.payee, bank.ReceiveDeposit(cents=state.cents))
    elif command.Is(bank.ReceiveDeposit.DESCRIPTOR):
        if outcome.command.cover.root.value == state.payer:  # the money is back
            end(answer, state, state.failure)
        elif is_done:
            end(answer, state, "")
        else:
            state.failure = outcome.message
            send(answer, "bank", state.payer, bank.ReceiveDeposit(cents=state.cents))


def end(answer, state, failure):
    send(answer, "transfer", state.root,
         transfer.FailTransfer(reason=failure) if failure else transfer.CompleteTransfer())
    answer.finished = True


def send(answer, domain, root, message):
    command = answer.commands.add()
    command.cover.domain, command.cover.root.value = domain, root
    command.pages.add().command.Pack(message)


class Saga(services.SagaServicer):
    def React(self, request, context):
        return react(request)


def main():
    server = grpc.server(futures.ThreadPoolExecutor())
    services.add_SagaServicer_to_server(Saga(), server)
    server.add_insecure_port(os.environ.get("OUTRIDER_SAGA_ADDRESS", "127.0.0.1:1739"))
    server.start()
    print("the saga of transfers is here", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
