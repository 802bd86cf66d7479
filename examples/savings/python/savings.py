"""Checking, savings and credit accounts as two functions: one decides, one folds. Outrider keeps the state.

An account has a kind, its domain, and may have cards, its members. Try it, here:
  outrider run --domain savings --style functions --schema savings.avsc -- python3 savings.py
"""

import os
import re

from refusal import Refused

KINDS = "checking", "savings", "credit"
SAVINGS_MAX = 500_00  # cents, that may leave a savings account at once
ROOT = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def handle(kind, account, cards, name, command):
    """What a command leads to: an event, or a refusal. `name` is that of the card that is meant, if one is."""
    if not account["owner"] and command[0] != "OpenAccount":
        raise Refused("there is no such account")
    if command[1].get("amount", 1) <= 0:
        raise Refused("the amount must be positive")
    match command:
        case "OpenAccount", {"owner": owner, "credit": credit}:
            if account["owner"]:
                raise Refused("the account is open already")
            if credit and kind != "credit":
                raise Refused(f"a {kind} account gives no credit")
            return "AccountOpened", {"owner": owner, "credit": credit}
        case "IssueCard", {"limit": limit}:
            if not name or name in cards:
                raise Refused("a new card needs a name of its own")
            return "CardIssued", {"limit": limit}
        case "CancelCard", _:
            card_of(cards, name)
            return "CardCancelled", {}
        case "DepositCash", {"amount": amount}:
            return "CashDeposited", {"amount": amount}
        case "WithdrawCash", {"amount": amount}:
            spend(kind, account, amount)
            if name:
                card = card_of(cards, name)
                if card["spent"] + amount > card["limit"]:
                    raise Refused("the card's limit is reached")
            return "CashWithdrawn", {"amount": amount}
        case "SendTransfer", {"payee": payee, "amount": amount}:
            if payee["kind"] not in KINDS or not ROOT.fullmatch(payee["root"]):
                raise Refused("that names no account")
            spend(kind, account, amount)
            return "TransferSent", {"payee": payee, "amount": amount}
        case "ReceiveTransfer", fields:
            return "TransferReceived", fields
        case "TakeTransferBack", fields:
            return "TransferTakenBack", fields
    raise Refused(f"{command[0]} is no command")


def spend(kind, account, amount):
    """Refuses what an account of the kind does not give."""
    if amount > account["balance"] + account["credit"]:
        raise Refused("the balance is too low")
    if kind == "savings" and amount > SAVINGS_MAX:
        raise Refused("that is too much at once for a savings account")


def card_of(cards, name):
    if name not in cards:
        raise Refused("there is no such card")
    return cards[name]


def apply(account, cards, name, event):
    """What an event does to the states of the account and its cards."""
    match event:
        case "AccountOpened", {"owner": owner, "credit": credit}:
            account["owner"], account["credit"] = owner, credit
        case "CardIssued", {"limit": limit}:
            cards[name] = {"limit": limit, "spent": 0}
        case "CardCancelled", _:
            del cards[name]
        case ("CashDeposited" | "TransferReceived" | "TransferTakenBack"), {"amount": amount}:
            account["balance"] += amount
        case ("CashWithdrawn" | "TransferSent"), {"amount": amount}:
            account["balance"] -= amount
            if name:
                cards[name]["spent"] += amount


# The same for every kind of aggregate: commands, events and states as records, in and out.


def decide(kind, commands, root, members):
    """The events that commands lead to. Each of either is a pair: the member that is meant, or None, and a record."""
    account, cards = open_state(root, members)
    events = []
    for name, command in commands:
        event = handle(kind, account, cards, name, command)
        apply(account, cards, name, event)  # the next command of the batch sees it
        events.append((name, event))
    return events


def fold(events, root, members):
    """The states after events: of the root, and of the members by their names."""
    account, cards = open_state(root, members)
    for name, event in events:
        apply(account, cards, name, event)
    return ("Account", account), {name: ("Card", card) for name, card in cards.items()}


def open_state(root, members):
    account = root[1] if root else {"owner": "", "balance": 0, "credit": 0}
    return account, {name: card for name, (_, card) in members.items()}


def main():
    if os.environ.get("OUTRIDER_LOGIC_PROTOCOL") == "http":
        from over_http import serve
    else:
        from over_grpc import serve
    serve(decide, fold, os.environ.get("OUTRIDER_LOGIC_ADDRESS", "127.0.0.1:1737"))


if __name__ == "__main__":
    main()
