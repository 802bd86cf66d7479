"""Place Order, step by step: what each part does of it, as logs, documents and mails show."""

import random
import uuid

from chapters import title
from watch import wait_for

LIMIT, WITHIN, OVER = 1000_00, 720_00, 1001_00  # cents


def tell_of_place_order(shop, log, mails, load):
    chance = random.Random(f"{load.seed} place order")
    title("Place Order, within the credit limit")
    customer = load.create_customer("Ann Smith", LIMIT, chance)
    steps = Steps(shop, log)
    order = steps.place(load, customer, WITHIN, chance)
    steps.follow(order)
    steps.confirm(order, mails)
    steps.read(order, customer, "APPROVED")

    title("Place Order, over the credit limit")
    steps = Steps(shop, log)
    order = steps.place(load, customer, OVER, chance)
    steps.follow(order)
    steps.say("confirmations", "nothing: no mail for an order that is rejected")
    steps.read(order, customer, "REJECTED")

    title("Place Order, for a customer that does not exist")
    steps = Steps(shop, log)
    status, _ = load.place(load.stranger, WITHIN, chance)
    steps.say("client", f"POST /orders over {money(WITHIN)}")
    steps.say("orders", f"asks customers for {short(load.stranger)}: 404")
    steps.say("client", f"is answered {status}; no order was created")
    steps = Steps(shop, log)
    order = load.place_unasked(load.stranger, WITHIN, chance)
    steps.say("client", "sends CreateOrder to Outrider itself, so nobody asks")
    steps.follow(order)
    steps.read(order, None, "REJECTED")


class Steps:
    """Numbers what is told. What is told of the logs is read there."""

    def __init__(self, shop, log):
        self.shop, self.log, self.number = shop, log, 0

    def say(self, who, what):
        self.number += 1
        print(f"  {self.number:>2}  {who:<14} {what}", flush=True)

    def place(self, load, customer, cents, chance):
        _, order = load.place(customer, cents, chance)
        self.say("client", f"POST /orders over {money(cents)}, and gets the order's id, {short(order)}")
        self.say("orders", f"asks customers for {short(customer)}: there is such a customer")
        return order

    def follow(self, order):
        """From command to event to command, by the cause that each commit names."""
        wait_for("the order ends", lambda: len(self.of(order)) == 2)
        created, ended = self.of(order)
        [answer] = [fact for fact in self.log.read("customer") if getattr(fact.event, "order", b"") == order.bytes]
        if (cause_of(answer), cause_of(ended)) != ((created.root, 0), (answer.root, answer.sequence)):
            raise SystemExit(f"FAILED: order {order} has the causes {cause_of(answer)} and {cause_of(ended)}")
        self.say("Order", f"CreateOrder → {created.kind}, {place(created)}")
        self.say("customers", f"gets {created.kind}, and sends ReserveCredit with the id {answer.book.command_id[:8]}…")
        self.say("Customer", f"ReserveCredit → {answer.kind}, {place(answer)}")
        self.say("orders", f"gets {answer.kind}, and ends the order with the command {ended.book.command_id[:8]}…")
        self.say("Order", f"→ {ended.kind}{reason(ended)}, {place(ended)}")
        state = "APPROVED" if ended.kind == "OrderApproved" else "REJECTED"
        wait_for("the history has the order", lambda: self.in_history(order) == (200, state))
        self.say("history", f"its document of the order says {state}")

    def of(self, order):
        return [fact for fact in self.log.read("order") if fact.root == order]

    def in_history(self, order):
        status, answer = self.shop.ask("GET", "history", f"/orders/{order}")
        return status, answer.get("state")

    def confirm(self, order, mails):
        wait_for("the mail is there", lambda: self.mails_of(order, mails))
        mail = self.mails_of(order, mails)[0]
        self.say("confirmations", f"gets OrderApproved, and sends {mail['Message-ID']}")
        self.say("mail server", f"To: {mail['To']}, Subject: {mail['Subject']}")

    def mails_of(self, order, mails):
        return [mail for mail in mails.mails if str(order) in mail["Subject"]]

    def read(self, order, customer, state):
        _, found = self.shop.ask("GET", "orders", f"/orders/{order}")
        if found["state"] != state:
            raise SystemExit(f"FAILED: order {order} should be {state}: {found}")
        left = f"; {self.credit(customer)} of credit are left" if customer else ""
        self.say("client", f"GET /orders/{short(order)} → {found['state']}{left}")

    def credit(self, customer):
        return money(self.shop.ask("GET", "customers", f"/customers/{customer}")[1]["money"]["amount"] * 100)


def cause_of(fact):
    return uuid.UUID(bytes=fact.book.cause.cover.root.value), fact.book.cause.sequence


def reason(fact):
    return f" ({fact.event.reason})" if fact.kind == "OrderRejected" else ""


def place(fact):
    return f"at position {fact.position} of the log of {fact.book.cover.domain}s"


def short(root):
    return f"{str(root)[:8]}…"


def money(cents):
    return f"{cents / 100:,.2f}"
