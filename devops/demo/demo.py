"""Shows an example at work, kills parts of it under load, and proves that nothing is lost.

Plain gRPC clients. Exits with 0 only if every proof holds.

    demo.py EXECUTABLE [--store sqlite|mongodb]    Outrider is one process
    demo.py EXECUTABLE --topology sidecars         each role is a process of its own
    demo.py EXECUTABLE --example transfer          a saga moves money between accounts, in one process
    demo.py EXECUTABLE --example savings           accounts with cards are two functions; transfers between them
    demo.py EXECUTABLE --example customers-and-orders
                                                   event handlers see to orders, their history and mails
    demo.py EXECUTABLE --example customers-and-orders --part swift
                                                   the same, with the service of customers in Swift
"""

import argparse
import random
import signal
import sys

import customers_and_orders
import one_process
import savings
import sidecars
import transfer
from sidecar import DidNotStart

#: Those that are made again by their seed.
STORIES = {
    "transfer": transfer.demonstrate, "savings": savings.demonstrate,
    "customers-and-orders": customers_and_orders.demonstrate}


def main():
    parser = argparse.ArgumentParser(prog="demo.py")
    parser.add_argument("executable")
    parser.add_argument("--store", choices=["sqlite", "mongodb"], default="sqlite")
    parser.add_argument("--topology", choices=["one-process", "sidecars"], default="one-process")
    parser.add_argument("--example", choices=["bank", *STORIES], default="bank")
    parser.add_argument("--seed", help="of the transfers, commands or orders, and of what is killed when")
    parser.add_argument("--part", choices=["python", "swift"], default="python", help="of customers-and-orders")
    chosen = parser.parse_args()
    if chosen.example in STORIES and chosen.topology == "sidecars":
        parser.error(f"the example {chosen.example} is shown in one process only")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all that was started is stopped
    try:
        if story := STORIES.get(chosen.example):
            seed = chosen.seed or str(random.getrandbits(32))
            parts = {"part": chosen.part} if story is customers_and_orders.demonstrate else {}
            story(chosen.executable, chosen.store, seed, **parts)
        elif chosen.topology == "sidecars":
            sidecars.demonstrate(chosen.executable)
        else:
            one_process.demonstrate(chosen.executable, chosen.store)
    except DidNotStart as output:
        sys.exit(f"FAILED: Outrider did not start:\n{output}")
    except KeyboardInterrupt:
        sys.exit("interrupted")


if __name__ == "__main__":
    main()
