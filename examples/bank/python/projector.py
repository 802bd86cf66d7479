"""Keeps every account's balance, as a projection that anyone can ask Outrider for.

An event book carries the projection that was answered last and the events since, so nothing is
stored here. `bank.py` starts it; by itself it runs as  python3 examples/bank/python/projector.py
"""

import os
from concurrent import futures

import bank_pb2 as bank
import grpc
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services


class Balances(services.ProjectorServicer):
    def HandleSync(self, book, context):
        balance = bank.Balance()
        book.projection.projection.Unpack(balance)  # leaves it as it is for the first events
        for page in book.pages:
            add(balance, page.Event)
        answer = evented.Projection()
        answer.projection.Pack(balance)
        return answer


def add(balance, event):
    opened, deposit, withdrawal = bank.AccountOpened(), bank.DepositReceived(), bank.CashWithdrawn()
    if event.Unpack(opened):
        balance.owner = opened.owner
    elif event.Unpack(deposit):
        balance.cents += deposit.cents
    elif event.Unpack(withdrawal):
        balance.cents -= withdrawal.cents
    elif event.Is(bank.WithdrawalRefused.DESCRIPTOR):
        balance.refused_withdrawals += 1


def start():
    server = grpc.server(futures.ThreadPoolExecutor())
    services.add_ProjectorServicer_to_server(Balances(), server)
    server.add_insecure_port(os.environ.get("OUTRIDER_PROJECTOR_ADDRESS", "127.0.0.1:1738"))
    server.start()
    return server


if __name__ == "__main__":
    start().wait_for_termination()
