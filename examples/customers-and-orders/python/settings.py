"""Where everything is: environment variables, each with a default for one machine."""

import logging
import os

import outrider

CUSTOMERS = os.environ.get("CUSTOMERS_ADDRESS", "127.0.0.1:8081")
HISTORY = os.environ.get("HISTORY_ADDRESS", "127.0.0.1:8082")
ORDERS = os.environ.get("ORDERS_ADDRESS", "127.0.0.1:8083")
#: The mail server.
SMTP = os.environ.get("SMTP_ADDRESS", "127.0.0.1:8025")
#: It may name a database.
MONGODB = os.environ.get("MONGODB_URI", "mongodb://127.0.0.1:27017")
DATABASE = "customers_and_orders"


def connect() -> outrider.Connection:
    """To Outrider's command-handler and query-handler."""
    logging.basicConfig(format="%(name)s: %(message)s")
    return outrider.Connection(
        os.environ.get("COMMANDS_ADDRESS", "127.0.0.1:1313"), os.environ.get("QUERIES_ADDRESS", "127.0.0.1:1314"))
