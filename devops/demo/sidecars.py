"""The story of sidecars apart: RabbitMQ carries events between processes, which are killed one by one."""

import time

from chapters import commands_and_events, read_back, send_again, title
from clients import Clients, Load
from messages import new_root, unpack
from parts import Parts
from proofs import prove, prove_audit
from stores import shown
from watch import Watch, wait_for

ACCOUNTS, CLIENTS = 40, 8
PAUSE = 0.03  # seconds, of each client between two commands: the broker is to start beside them
RELAYS = "subscription is active"  # a command-handler logs it when it begins to relay


PICTURE = """
  clients ───► command-handler 1 and 2 ───► MongoDB ◄─── query-handler
                         │ one relays
                         ▼
                     RabbitMQ ───► projector, with a store of its own (SQLite)
                         └───────► auditor, a foreign consumer (pika)
"""


def demonstrate(executable):
    title("Each part is a process of its own")
    with Parts(executable) as parts:
        introduce(parts)
        clients = Clients(*parts.channels())
        alice = new_root()
        commands_and_events(clients, alice)
        read_back(clients, alice)
        show_audit(parts.auditor, alice)

        title(f"{CLIENTS} clients work at once, and parts are killed (SIGKILL) one after the other")
        accounts = [alice, *clients.open_accounts(ACCOUNTS - 1)]
        counts = {
            "acknowledged": lambda: len(clients.ledger.answers),  # each is one event
            "projected": clients.projected,
            "audited": lambda: len(parts.auditor.distinct),
        }
        with Watch(counts) as watch:
            with Load(clients, accounts, CLIENTS, PAUSE):
                kill_one_after_the_other(parts, watch)
            watch.say("the clients are done")
            tell_of_errors(clients)
            watch.settle()

        title("Proofs")
        streams = prove(clients, accounts)
        prove_audit(parts.auditor.seen, streams)


def introduce(parts):
    print(PICTURE)
    first, second = (each.addresses["command-handler"] for each in parts.handlers)
    places = {
        "command-handler 1": first,
        "command-handler 2": second,
        "query-handler": parts.queries.addresses["query-handler"],
        "projector": parts.projector.addresses["projector"],
        "bank, in Python": f"{parts.logic} decides, {parts.projector_logic} keeps balances",
        "MongoDB": shown(parts.store),
        "RabbitMQ": parts.broker.uri,
    }
    for part, place in places.items():
        print(f"  {part:<18} {place}")


def show_audit(auditor, root):
    wait_for("the auditor has seen four events", lambda: len(auditor.seen[root]) == 4)
    print("  the auditor saw the same: " + ", ".join(
        unpack(page.Event).DESCRIPTOR.name for page in auditor.seen[root]))


def kill_one_after_the_other(parts, watch):
    handlers = {each: f"command-handler {number}" for number, each in enumerate(parts.handlers, start=1)}
    active, other = sorted(handlers, key=lambda each: RELAYS not in each.text)
    time.sleep(2)

    active.kill()
    watch.say(f"{handlers[active]} is killed, which relayed events, too: clients turn to {handlers[other]}")
    wait_for(f"{handlers[other]} relays", lambda: RELAYS in other.text)
    watch.say(f"{handlers[other]} relays now")
    time.sleep(1)
    active.start()
    watch.say(f"{handlers[active]} is back")
    time.sleep(2)

    parts.projector.kill()
    watch.say("the projector is killed: its queue keeps events for it")
    time.sleep(2)
    parts.projector.start()
    watch.say("the projector is back")
    time.sleep(2)

    parts.broker.kill()
    watch.say("RabbitMQ is killed: commands go on, the log keeps events for it")
    parts.broker.start()
    watch.say("RabbitMQ is back")
    time.sleep(3)


def tell_of_errors(clients):
    stored = sum(answer.already_handled for _, answer in clients.ledger.answers.values())
    if clients.ledger.pending:
        send_again(clients)
    else:
        print(f"  no client saw an error: gRPC's own retries hid each death; {stored} found the command stored already")
