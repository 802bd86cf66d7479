"""The story of event handlers: orders are placed, approved or rejected, and confirmed, while all parts are killed."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import grpc
from chapters import title
from mail_server import MailServer
from order_history import OrderHistory
from order_load import OrderLoad
from order_log import OrderLog
from order_proofs import prove_orders, prove_repeats
from place_order import tell_of_place_order
from shop import Shop
from stores import new_store, shown
from watch import Watch, wait_for

CLIENTS = 8
PAUSE = 0.2  # seconds, of each client between two orders
VICTIMS = ["outrider", "customers", "orders", "history", "confirmations", "confirmations"] * 2
BETWEEN = 5, 40  # orders that end between two kills
ANSWERS_LOST = 0.05  # of the mail server's

PICTURE = """
  client ──► orders ─────────► Outrider ───────► history ─────────► MongoDB
               │ is there        │   ▲   events
               ▼ a customer?     ▼   │  ───────► confirmations ───► mail server
             customers ──────────────┘
               reserves credit for each order
"""


def demonstrate(executable, store, seed, part="python"):
    print(f"Kills and orders follow from the seed {seed}: SEED={seed} has them again")
    losing = random.Random(f"{seed} answers")
    with (new_store(store) as data, new_store("mongodb") as views,
          MailServer(lambda: losing.random() < ANSWERS_LOST) as mails,
          Shop(executable, data, views, mails.address, part) as shop,
          OrderHistory(views) as history, ThreadPoolExecutor(CLIENTS) as pool):
        log = OrderLog(shop.addresses["queries"])
        load = OrderLoad(shop, PAUSE, seed)
        title("Outrider runs, with four services in Python" if part == "python" else
              "Outrider runs, with the service of customers in Swift, and three in Python")
        print(PICTURE)
        print(f"  The order history is in MongoDB at {shown(views)}; mails go to {mails.address}")
        tell_of_place_order(shop, log, mails, load)
        place_and_kill(shop, log, history, load, random.Random(f"{seed} kills"))
        wait_for("every event is handled", lambda: not log.unhandled())

        title("Proofs")
        prove_orders(shop, log, history, mails, load, pool)
        prove_repeats(log, history, mails)
        tell_of_all(log.orders(), mails)


def place_and_kill(shop, log, history, load, chance):
    title(f"{CLIENTS} clients place orders, and all parts are killed (SIGKILL)")
    counts = {"placed": lambda: len(load.placed), "ended": lambda: away(log.ended), "in history": history.ended}
    with Watch(counts) as watch:
        with load.by(CLIENTS):
            kill(shop, log, watch, chance)
        watch.say("the clients are done")
        watch.settle()


def kill(shop, log, watch, chance):
    """Each part twice, the confirmations four times, in any order."""
    for victim in chance.sample(VICTIMS, len(VICTIMS)):
        more = log.ended() + chance.randint(*BETWEEN)
        wait_for("orders end", lambda: log.ended() >= more)
        shop.kill(victim)
        watch.say(f"{victim} was killed")
        shop.start(victim)


def away(count):
    try:
        return count()
    except grpc.RpcError:
        return None


def tell_of_all(orders, mails):
    ends = Counter(": ".join(filter(None, (order.state.lower(), order.reason))) for order in orders.values())
    print(f"\n  {len(orders)} orders, {len(VICTIMS)} kills, and every proof holds")
    for end, count in ends.most_common():
        print(f"  {count:>5}  {end}")
    copies = len(mails.mails) - len(mails.by_id())
    print(f"  {len(mails.by_id()):>5}  mails by their Message-IDs, and {copies} copies: "
          f"{mails.lost} answers of the server were lost")
