"""Opens an account at the bank that `make run` runs, pays in and withdraws."""

import uuid

import bank_pb2 as bank
import grpc
from demo import Clients, new_root, show

PORTS = {"command-handler": 1313, "query-handler": 1314}


class Running:
    def channel(self, role):
        return grpc.insecure_channel(f"127.0.0.1:{PORTS[role]}")


def main():
    clients, root = Clients(Running()), new_root()
    print(f"account {uuid.UUID(bytes=root)}")
    for command in (
        bank.OpenAccount(owner="You"),
        bank.ReceiveDeposit(cents=100_00),
        bank.WithdrawCash(cents=30_00),
        bank.WithdrawCash(cents=500_00),
    ):
        show(command, clients.send(root, command))


if __name__ == "__main__":
    main()
