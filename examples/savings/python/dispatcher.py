"""The dispatcher of transfers: turns what one account sent into a command to the other. It has no state: all that it
needs is in the event, or in the command that has ended.
"""

import os
from concurrent import futures

import grpc
import savings_pb2 as savings
from outrider.v1 import command_outcome_pb2 as outcomes
from outrider.v1 import saga_pb2 as sagas
from outrider.v1 import saga_pb2_grpc as services


def dispatch(given):
    answer = sagas.SagaReaction()
    match given.WhichOneof("input"):
        case "events":
            payer = name_of(given.events.cover)
            for page in given.events.pages:
                sent = savings.TransferSent()
                if page.Event.Unpack(sent):
                    send(answer, sent.payee, savings.ReceiveTransfer(payer=payer, cents=sent.cents))
        case "outcome":
            refused = savings.ReceiveTransfer()
            is_refused = given.outcome.end == outcomes.CommandOutcome.REFUSED
            if is_refused and given.outcome.command.pages[0].command.Unpack(refused):
                send(answer, refused.payer,
                     savings.TakeTransferBack(cents=refused.cents, reason=given.outcome.message))
    return answer


def name_of(cover):
    return savings.AccountName(kind=cover.domain, root=cover.root.value)


def send(answer, account, message):
    command = answer.commands.add()
    command.cover.domain, command.cover.root.value = account.kind, account.root
    command.pages.add().command.Pack(message)


class Dispatcher(services.SagaServicer):
    def React(self, request, context):
        return dispatch(request)


def main():
    server = grpc.server(futures.ThreadPoolExecutor())
    services.add_SagaServicer_to_server(Dispatcher(), server)
    server.add_insecure_port(os.environ.get("OUTRIDER_SAGA_ADDRESS", "127.0.0.1:1739"))
    server.start()
    print("the dispatcher of transfers is here", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
