"""The bank's messages, and what they amount to."""

import time
import uuid

import bank_pb2 as bank
from evented import evented_pb2 as evented
from sidecar import DOMAIN

EVENTS = (bank.AccountOpened, bank.DepositReceived, bank.CashWithdrawn, bank.WithdrawalRefused)


def new_root():
    """A time-ordered UUID (version 7), which is stored fastest."""
    random = uuid.uuid4().bytes
    stamp = time.time_ns() // 1_000_000
    return stamp.to_bytes(6, "big") + bytes([0x70 | random[6] & 0x0F]) + random[7:]


def name(root):
    return f"account {uuid.UUID(bytes=root)}"


def cover(root):
    return evented.Cover(domain=DOMAIN, root=evented.UUID(value=root))


def unpack(packed):
    for message in (kind() for kind in EVENTS):
        if packed.Unpack(message):
            return message
    raise SystemExit(f"FAILED: the bank knows no event {packed.type_url}")


def text(message):
    fields = ", ".join(f"{field.name} {value}" for field, value in message.ListFields())
    return f"{message.DESCRIPTOR.name}({fields})"


def recount(pages):
    """The balance as a bank clerk would work it out, independent of the projector."""
    balance = bank.Balance()
    for event in (unpack(page.Event) for page in pages):
        match event:
            case bank.AccountOpened():
                balance.owner = event.owner
            case bank.DepositReceived():
                balance.cents += event.cents
            case bank.CashWithdrawn():
                balance.cents -= event.cents
            case bank.WithdrawalRefused():
                balance.refused_withdrawals += 1
    return balance
