"""What other services ask the service of customers."""

import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen
from uuid import UUID

import settings

TIMEOUT = 5.0  # seconds


class CustomersAway(Exception):
    """The service does not answer, or not as it should."""


def find(customer: UUID) -> dict[str, Any] | None:
    """A customer as `GET /customers/ID` shows it; None if there is none. Raises `CustomersAway`."""
    try:
        with urlopen(f"http://{settings.CUSTOMERS}/customers/{customer}", timeout=TIMEOUT) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except HTTPError as error:
        if error.code == 404:
            return None
        raise CustomersAway(f"the service of customers answers {error.code}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise CustomersAway(f"the service of customers does not answer: {error}") from error
