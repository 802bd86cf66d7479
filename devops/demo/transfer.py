"""The story of sagas: money between accounts, while Outrider and all logic are killed."""

import os
import random
import signal
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import transfer_pb2 as transfer
from chapters import title
from sidecar import TOP, Sidecar
from stores import new_store, shown
from transfer_proofs import prove_transfers
from transfers import OPENED_WITH, TransferLoad, Transfers
from watch import Watch, wait_for

ACCOUNTS, CLIENTS = 20, 8
VICTIMS = ["Outrider", "bank", "transfer", "saga"] * 2
PAUSE = 0.1  # seconds, of each client between two transfers
BETWEEN = 5, 40  # transfers that end between two kills
PATIENCE = 0.4  # seconds, that a transfer may take: less than it takes where something was killed

PICTURE = """
  clients ──► transfer ──► saga ──► bank    takes from the payer, gives to the payee,
                 ▲           │              gives back what could not be given
                 └───────────┘ says how it ended
"""


def demonstrate(executable, store, seed):
    print(f"Kills and transfers follow from the seed {seed}: SEED={seed} has them again")
    # The example's logic is started by Outrider, as `python3`; it is impatient here.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.environ["TRANSFER_PATIENCE"] = str(PATIENCE)
    os.chdir(TOP)
    with new_store(store) as data:
        if store == "mongodb":
            print(f"The store is MongoDB at {shown(data)}")
        with Sidecar(executable, data, config=TOP / "examples/transfer/shop.yaml") as sidecar:
            tell(sidecar, seed)


def tell(sidecar, seed):
    title("Outrider runs, with bank, transfer and saga in Python beside it")
    print(PICTURE)
    transfers = Transfers(sidecar.addresses)
    transfers.open_accounts(ACCOUNTS)
    wait_for("the logic is there", lambda: len(sidecar.programs()) == 3)
    tell_of_one(transfers, "paid", transfers.accounts[0], transfers.accounts[1], 20_00)
    tell_of_one(transfers, "too much", transfers.accounts[0], transfers.accounts[1], OPENED_WITH)
    tell_of_one(transfers, "no such payee", transfers.accounts[0], transfers.stranger, 20_00)

    title(f"{CLIENTS} clients start transfers, and Outrider and all logic are killed (SIGKILL)")
    counts = {"started": lambda: len(transfers.started), "ended": transfers.ended}
    with Watch(counts) as watch:
        with TransferLoad(transfers, CLIENTS, PAUSE, seed):
            kill(sidecar, transfers, watch, random.Random(f"{seed} kills"))
        watch.say("the clients are done")
        watch.settle()
        wait_for("every instance is finished", lambda: not transfers.unfinished())

    title("Proofs")
    prove_transfers(transfers)
    tell_of_reasons(transfers)


def tell_of_one(transfers, what, payer, payee, cents):
    key = transfers.begin(payer, payee, cents)
    wait_for(f"the transfer ends: {what}", lambda: ended(transfers, key))
    [event] = ended(transfers, key)
    print(f"  {what:<16} → {event.DESCRIPTOR.name}: {getattr(event, 'reason', 'the money is there')}")


def ended(transfers, key=None):
    """The events with which that transfer has ended, or every one."""
    kinds = transfer.TransferCompleted, transfer.TransferFailed
    return [event for entry in transfers.log("transfer") if key in (None, entry.book.correlation)
            for page in entry.book.pages for event in (kind() for kind in kinds) if page.Event.Unpack(event)]


def kill(sidecar, transfers, watch, chance):
    """Outrider and each logic twice, in any order."""
    for victim in chance.sample(VICTIMS, len(VICTIMS)):
        more = (transfers.ended() or 0) + chance.randint(*BETWEEN)
        wait_for("transfers end", lambda: (transfers.ended() or 0) >= more)
        if victim == "Outrider":
            sidecar.kill()
            sidecar.start()
            transfers.connect(sidecar.addresses)
            watch.say(f"Outrider was killed, and started again in {sidecar.start_seconds:.2f} s")
        else:
            with suppress(KeyError, ProcessLookupError):  # it is just being started again
                os.kill(sidecar.programs()[victim], signal.SIGKILL)
                watch.say(f"the logic of {victim} was killed: Outrider starts it again")


def tell_of_reasons(transfers):
    print(f"\n  {len(transfers.started)} transfers, of which failed")
    reasons = Counter(event.reason for event in ended(transfers) if isinstance(event, transfer.TransferFailed))
    for reason, count in reasons.most_common():
        print(f"  {count:>5}  {reason}")
