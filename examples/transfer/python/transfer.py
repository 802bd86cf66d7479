"""Transfers: each is started once, and then completed or failed, as its saga says.

The saga, in saga.py, has the money moved. ../shop.yaml starts both.
"""

import os
from concurrent import futures

import grpc
import transfer_pb2 as transfer
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services


class Transfers(services.BusinessLogicServicer):
    def Handle(self, request, context):
        names = [page.Event.TypeName() for page in request.events.pages]
        answer = evented.EventBook(cover=request.command.cover)
        for page in request.command.pages:
            event = decide(names, page.command, context)
            if event is not None:
                answer.pages.add().Event.Pack(event)
        return answer


def decide(past, command, context):
    is_over = {"transfer.TransferCompleted", "transfer.TransferFailed"} & set(past)
    start, fail = transfer.StartTransfer(), transfer.FailTransfer()
    if command.Unpack(start):
        if past:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "the transfer was started before")
        if start.cents <= 0:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "cents must be positive")
        return transfer.TransferStarted(payer=start.payer, payee=start.payee, cents=start.cents)
    if is_over:
        return None
    if command.Unpack(fail):
        return transfer.TransferFailed(reason=fail.reason)
    return transfer.TransferCompleted()


def main():
    server = grpc.server(futures.ThreadPoolExecutor())
    services.add_BusinessLogicServicer_to_server(Transfers(), server)
    server.add_insecure_port(os.environ.get("OUTRIDER_LOGIC_ADDRESS", "127.0.0.1:1737"))
    server.start()
    print("transfers are taken", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
