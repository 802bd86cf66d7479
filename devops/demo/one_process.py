"""The story of `outrider run`: all roles in one process, which is killed."""

import time

from chapters import commands_and_events, read_back, send_again, title
from clients import Clients, Load
from messages import new_root
from proofs import prove
from sidecar import BANK, Sidecar
from stores import new_store, shown

ACCOUNTS, CLIENTS, LOAD_SECONDS = 40, 16, 3


def demonstrate(executable, store):
    with new_store(store) as data:
        if store == "mongodb":
            print(f"The store is MongoDB at {shown(data)}")
        with Sidecar(executable, data, BANK) as sidecar:
            tell(sidecar)


def tell(sidecar):
    title("Outrider runs, with a bank in Python beside it")
    for role, address in sorted(sidecar.addresses.items()):
        print(f"  {role:<16} {address}")
    clients = Clients(*channels(sidecar))
    alice = new_root()
    commands_and_events(clients, alice)
    read_back(clients, alice)

    title(f"{CLIENTS} clients work at once, and Outrider is killed (SIGKILL)")
    accounts = [alice, *clients.open_accounts(ACCOUNTS - 1)]
    answers = clients.ledger.answers
    load = Load(clients, accounts, CLIENTS)
    time.sleep(LOAD_SECONDS / 2)
    sidecar.kill()
    load.stop()
    before = len(answers)
    print(f"  {before} commands acknowledged, {len(clients.ledger.pending)} without an answer")

    sidecar.start()
    print(f"  started again on the same data in {sidecar.start_seconds:.2f} s")
    clients.connect(*channels(sidecar))
    repeated = send_again(clients)
    load = Load(clients, accounts, CLIENTS)
    time.sleep(LOAD_SECONDS / 2)
    load.stop()
    print(f"  {len(answers) - before - repeated} more commands acknowledged since")

    title("Proofs")
    prove(clients, accounts)


def channels(sidecar):
    """To commands, queries and projections."""
    queries = sidecar.channel("query-handler")
    return sidecar.channel("command-handler"), queries, queries
