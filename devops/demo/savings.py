"""The story of functions: accounts with cards, and transfers between them, while Outrider and all logic are killed."""

import os
import random
import signal
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import grpc
from chapters import title
from savings_books import ENDS, LIMIT
from savings_clients import KINDS, OPENED_WITH, SavingsClients, SavingsLoad
from savings_proofs import prove_books, prove_states
from savings_records import account_name, record
from savings_states import snapshots, states
from sidecar import TOP, Sidecar
from stores import new_store, shown
from watch import Watch, wait_for

ACCOUNTS, CLIENTS = 12, 8
PAUSE = 0.02  # seconds, of each client between two commands
VICTIMS = ["Outrider"] * 4 + ["savings"] * 6 + ["dispatcher"] * 2
BETWEEN = 10, 60  # commands that are answered between two kills

PICTURE = """
  clients ──► checking ─┐   three domains, each with the two functions `handle` and `apply`
          ──► savings  ─┼──► dispatcher ──► the other account of a transfer, of any domain
          ──► credit   ─┘
"""


def demonstrate(executable, store, seed):
    print(f"Kills and commands follow from the seed {seed}: SEED={seed} has them again")
    # The example's logic is started by Outrider, as `python3`.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.chdir(TOP)
    with new_store(store) as data:
        if store == "mongodb":
            print(f"The store is MongoDB at {shown(data)}")
        with Sidecar(executable, data, config=TOP / "examples/savings/savings.yaml") as sidecar:
            clients, streams = tell(sidecar, seed)
        found, stored = states(executable, data, clients.accounts), snapshots(executable, data, clients.accounts)
        prove_states(streams, found, stored)
        tell_of_all(clients)


def tell(sidecar, seed):
    title("Outrider runs, with accounts and a dispatcher in Python beside it")
    print(PICTURE)
    clients = SavingsClients(sidecar.addresses)
    wait_for("the logic is there", lambda: len(sidecar.processes()) == len(KINDS) + 1)
    clients.open_accounts(ACCOUNTS)
    tell_of_each(clients)

    title(f"{CLIENTS} clients work at once, and Outrider and all logic are killed (SIGKILL)")
    counts = {"transfers sent": clients.sent, "ended": clients.ended}
    with Watch(counts) as watch:
        with SavingsLoad(clients, CLIENTS, PAUSE, seed):
            kill(sidecar, clients, watch, random.Random(f"{seed} kills"))
        watch.say(f"the clients are done: {len(clients.answers)} commands stored, {len(clients.refusals)} refused")
        watch.settle()
        wait_for("the dispatcher waits for nothing", lambda: not clients.pending())

        wait_for("the logs are settled", clients.is_settled)

    title("Proofs")
    return clients, prove_books(clients)


def tell_of_each(clients):
    """One command of every kind, to the first account and its first card."""
    payer, payee = clients.accounts[:2]
    to, stranger = account_name(*payee), account_name(*clients.stranger)
    for card, command in (
        ("", record("DepositCash", amount=20_00)),
        ("", record("WithdrawCash", amount=5_00)),
        ("card:1", record("WithdrawCash", amount=10_00)),
        ("card:1", record("WithdrawCash", amount=LIMIT)),
        ("card:9", record("WithdrawCash", amount=1_00)),
        ("", record("WithdrawCash", amount=2 * OPENED_WITH)),
        ("", record("SendTransfer", payee=to, amount=10_00)),
        ("", record("SendTransfer", payee=stranger, amount=10_00)),
    ):
        who = card or f"{payer[0]} account"
        what = f"{command[0]} {command[1]['amount'] / 100:.2f}"
        print(f"  {who:<17} {what:<23} → {outcome(clients, payer, card, command)}")
    wait_for("both transfers end", lambda: clients.ended() == 2)
    for kind, fields in (event for name in (payee, payer) for event in clients.events(name)):
        if kind in ENDS:
            how = fields.get("reason", "the money is there")
            print(f"  {'dispatcher':<17} {'':<23} → {kind}: {how}")


def outcome(clients, name, card, command):
    answer = clients.send(name, command, card)
    if isinstance(answer, grpc.RpcError):
        return f"refused: {answer.details()}"
    return ", ".join(kind for kind, _ in answer)


def kill(sidecar, clients, watch, chance):
    """Outrider, the functions of any kind of account, and the dispatcher, in any order."""
    for victim in chance.sample(VICTIMS, len(VICTIMS)):
        more = clients.answered() + chance.randint(*BETWEEN)
        wait_for("commands are answered", lambda: clients.answered() >= more)
        if victim == "Outrider":
            sidecar.kill()
            sidecar.start()
            clients.connect(sidecar.addresses)
            watch.say(f"Outrider was killed, and started again in {sidecar.start_seconds:.2f} s")
            continue
        wait_for(f"{victim} runs", lambda: victim in sidecar.programs())
        process = chance.choice(sorted(number for name, number in sidecar.processes() if name == victim))
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        watch.say(f"{victim}.py, process {process}, was killed: Outrider starts it again")


def tell_of_all(clients):
    print(f"\n  {clients.answered()} commands, {len(VICTIMS)} kills, and every proof holds; refused were")
    for reason, count in Counter(clients.refusals.values()).most_common():
        print(f"  {count:>5}  {reason}")
