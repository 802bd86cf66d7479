"""The dispatcher of transfers: turns what one account sent into a command to the other. It has no state: all that it
needs is in the event, or in the command that has ended.
"""

import os
import uuid
from concurrent import futures

import grpc
from outrider.v1 import command_outcome_pb2 as outcomes
from outrider.v1 import saga_pb2 as sagas
from outrider.v1 import saga_pb2_grpc as services
from over_grpc import packed, unpacked


def dispatch(given):
    answer = sagas.SagaReaction()
    match given.WhichOneof("input"):
        case "events":
            payer = name_of(given.events.cover)
            for page in given.events.pages:
                match unpacked(page.Event):
                    case "TransferSent", {"payee": payee, "amount": amount}:
                        send(answer, payee, ("ReceiveTransfer", {"payer": payer, "amount": amount}))
        case "outcome" if given.outcome.end == outcomes.CommandOutcome.REFUSED:
            match unpacked(given.outcome.command.pages[0].command):
                case "ReceiveTransfer", {"payer": payer, "amount": amount}:
                    back = {"amount": amount, "reason": given.outcome.message}
                    send(answer, payer, ("TakeTransferBack", back))
    return answer


def name_of(cover):
    return {"kind": cover.domain, "root": str(uuid.UUID(bytes=cover.root.value))}


def send(answer, account, record):
    command = answer.commands.add()
    command.cover.domain, command.cover.root.value = account["kind"], uuid.UUID(account["root"]).bytes
    command.pages.add().command.CopyFrom(packed(record))


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
