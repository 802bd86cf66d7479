"""A mail server that keeps what it gets, and may lose an answer: its client cannot know then that the mail arrived."""

import logging
from email import message_from_bytes
from email.policy import SMTP

from aiosmtpd.controller import Controller
from listening import free_port

# It tells of every connection that breaks; here, processes are killed.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


class MailServer:
    """`is_lost` says of each mail, once it is kept, whether to hang up instead of answering."""

    def __init__(self, is_lost=lambda: False):
        self.mails = []
        self.lost = 0
        self.is_lost = is_lost
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self.address = f"127.0.0.1:{self.controller.port}"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(message_from_bytes(envelope.original_content, policy=SMTP))
        if self.is_lost():
            self.lost += 1
            server.transport.close()
        return "250 OK"

    def by_id(self):
        """The copies of each mail, by its Message-ID."""
        found = {}
        for mail in list(self.mails):
            found.setdefault(mail["Message-ID"], []).append(mail.as_bytes())
        return found

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *failure):
        self.controller.stop()
