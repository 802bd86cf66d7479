"""Sends the customer an e-mail when an order is approved, by SMTP.

A mail is sent, then noted, then the event is acknowledged. So every approved order has its mail, and none is sent
after it was noted. The mail server may get one twice if this process dies, or the answer is lost, between the two.
Both copies are the same to the byte, with the same Message-ID, which is made of the event's id.
"""

import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

import customer_client
import outrider
import settings
from pymongo import MongoClient
from pymongo.errors import DuplicateKeyError
from shop_pb2 import OrderApproved

SENDER = "orders@shop.example"
TIMEOUT = 10.0  # seconds

database = MongoClient[dict[str, object]](settings.MONGODB, w="majority").get_default_database(
    settings.DATABASE)
sent = database["confirmations"]
subscriber = outrider.Subscriber("confirmations", ["order"], connection=settings.connect())


@subscriber.on
def confirm(approved: OrderApproved, event: outrider.Event) -> None:
    if sent.find_one({"_id": event.id}):
        return
    customer = customer_client.find(UUID(bytes=approved.customer))
    if not customer:
        raise LookupError(f"order {event.root} was approved without a customer")
    send(mail(approved, event, customer["name"], customer["email"]))
    try:
        sent.insert_one({"_id": event.id, "sentAt": datetime.now(UTC)})
    except DuplicateKeyError:
        pass  # another process of this subscription was at it, too


def mail(approved: OrderApproved, event: outrider.Event, name: str, email: str) -> EmailMessage:
    """The same each time. The name of a customer never changes, nor does the address."""
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = f"<{event.id.replace('/', '.')}@shop.example>"
    message["Date"] = event.created_at
    message["From"], message["To"] = SENDER, email
    message["Subject"] = f"Your order {event.root} is approved"
    message.set_content(f"Dear {name},\n\nyour order over {approved.total_cents / 100:.2f} is approved.\n")
    return message


def send(message: EmailMessage) -> None:
    """Returns when the mail server has taken it on. Raises where that is not known."""
    host, _, port = settings.SMTP.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=TIMEOUT) as server:
        server.send_message(message)


if __name__ == "__main__":
    subscriber.run()
