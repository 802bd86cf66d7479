"""Starts and kills the services of examples/customers-and-orders, and asks them over HTTP."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from http.client import HTTPException
from pathlib import Path

from listening import free_address
from sidecar import TOP, Sidecar

EXAMPLE = TOP / "examples/customers-and-orders"
SERVICES = {"python": "services.yaml", "swift": "services-swift.yaml"}
TIMEOUT, PATIENCE, PAUSE = 15, 60, 0.05  # seconds of one request, of all tries, and between two


class Shop:
    """Outrider, which starts the services of customers and of orders; the order history and the confirmations beside
    it. All keep their addresses when they are started again. `mongodb` is the URI of the database of the views. With
    `part` "swift" the service of customers is the one in Swift.
    """

    def __init__(self, executable, data, mongodb, smtp, part="python"):
        self.addresses = {name: free_address() for name in ("commands", "queries", "customers", "orders", "history")}
        self.environment = {
            "COMMANDS_ADDRESS": self.addresses["commands"], "QUERIES_ADDRESS": self.addresses["queries"],
            "CUSTOMERS_ADDRESS": self.addresses["customers"], "ORDERS_ADDRESS": self.addresses["orders"],
            "HISTORY_ADDRESS": self.addresses["history"], "MONGODB_URI": mongodb, "SMTP_ADDRESS": smtp,
            # Outrider starts its logic as `python3`.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        ports = {role: self.addresses[name].rpartition(":")[2]
                 for role, name in (("command-handler", "commands"), ("query-handler", "queries"))}
        self.outrider = Sidecar(
            Path(executable).resolve(), data, config=EXAMPLE / SERVICES[part],
            options=[f"--port-{role}={port}" for role, port in ports.items()],
            wrapper=["env", f"--chdir={TOP}", *(f"{name}={value}" for name, value in self.environment.items())])
        self.outrider.roles.remove("projector")  # the file has none
        self.programs = {name: Program(name, self.environment) for name in ("history", "confirmations")}

    def __enter__(self):
        with ExitStack() as stack:
            stack.enter_context(self.outrider)
            for program in self.programs.values():
                stack.enter_context(program)
            self.wait_for_services()
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *failure):
        return self.stack.__exit__(*failure)

    def wait_for_services(self):
        for name in ("customers", "orders", "history"):
            if not soon(lambda: self.try_asking("GET", name, "/")):
                raise RuntimeError(f"{name} does not answer:\n{self.text}")

    def kill(self, name):
        """With SIGKILL. Outrider starts its logic again; others are to be started."""
        if name == "outrider":
            self.outrider.kill()
        elif name in self.programs:
            self.programs[name].kill()
        else:
            # It may just be being started again.
            os.kill(soon(lambda: self.outrider.programs().get(name)), signal.SIGKILL)

    def start(self, name):
        if name == "outrider":
            self.outrider.start()
        elif name in self.programs:
            self.programs[name].start()

    def ask(self, method, service, path, fields=None, key=None):
        """The status and the fields of the answer. Asks again while nobody is there: give what changes things a key."""
        def answered():
            answer = self.try_asking(method, service, path, fields, key)
            return answer if answer and answer[0] != 503 else None

        if answer := soon(answered):
            return answer
        raise SystemExit(f"FAILED: {method} {path} of {service} is not answered:\n{self.text}")

    def try_asking(self, method, service, path, fields=None, key=None):
        """None: nobody answered."""
        request = urllib.request.Request(
            f"http://{self.addresses[service]}{path}", method=method,
            data=json.dumps(fields).encode() if fields is not None else None,
            headers={"Idempotency-Key": str(key)} if key else {})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)
        except (OSError, HTTPException, ValueError):
            return None

    @property
    def text(self):
        """The last of what all have printed."""
        return "".join(each.text[-4000:] for each in (self.outrider, *self.programs.values()))

    def create_customer(self, name, limit, key=None):
        status, answer = self.ask("POST", "customers", "/customers", {
            "name": name, "email": f"{name.replace(' ', '.').lower()}@example.com", "creditLimit": {"amount": limit}}, key)
        assert status == 200, answer
        return answer["customerId"]

    def place_order(self, customer, total, key=None):
        return self.ask(
            "POST", "orders", "/orders", {"customerId": str(customer), "orderTotal": {"amount": total}}, key)


def soon(condition):
    """What it returns, once that is something; else None."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(PAUSE)
    return found


class Program:
    """One that runs beside Outrider, and is started again by whoever killed it."""

    def __init__(self, name, environment):
        self.command = [sys.executable, str(EXAMPLE / f"python/{name}.py")]
        self.environment = os.environ | environment
        self.output = tempfile.TemporaryFile("w+")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            self.command, env=self.environment, cwd=TOP, stdin=subprocess.DEVNULL, stdout=self.output,
            stderr=subprocess.STDOUT, start_new_session=True)

    def kill(self):
        self.process.kill()
        self.process.wait()

    @property
    def text(self):
        self.output.seek(0)
        return self.output.read()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *failure):
        self.kill()
        self.output.close()
