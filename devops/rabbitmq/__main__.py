"""The verbs of devops/rabbitmq/broker.sh. RabbitMQ is Debian's; it runs without systemd, as any user."""

import subprocess
import sys
from pathlib import Path

from brokers.certificates import certificates
from brokers.ports import choose_ports, chosen_ports
from brokers.verbs import main

from .server import environment, server_home, write_cookie

TOP = Path(__file__).resolve().parents[2]


class RabbitMQ:
    name = "RabbitMQ"
    variable = "OUTRIDER_TEST_RABBITMQ_URI"
    default_directory = TOP / ".rabbitmq"
    own_verbs = ("ctl",)

    def add_options(self, parser):
        parser.add_argument("--tls", action="store_true", help="listen for TLS, too; clients trust DIR/tls/ca.pem")
        parser.add_argument("--stomp", action="store_true", help="speak STOMP, too, by RabbitMQ's own plugin")
        parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="put this into rabbitmq.conf")

    def prepare(self, directory, options):
        if " " in str(directory):
            sys.exit(f"RabbitMQ's scripts take no path with a space: {directory}")
        plugins = ["rabbitmq_stomp"] * options.stomp
        names = ["amqp", "distribution"] + ["amqps"] * options.tls + ["stomp"] * options.stomp
        ports = choose_ports(directory, names, amqp=options.port)
        settings = {"log.console": "true", "listeners.tcp.1": f"127.0.0.1:{ports['amqp']}"}
        if options.tls:
            settings |= tls_settings(ports["amqps"], certificates(directory))
        if options.stomp:
            settings["stomp.listeners.tcp.1"] = f"127.0.0.1:{ports['stomp']}"
        settings |= dict(each.split("=", 1) for each in options.set)
        (directory / "rabbitmq.conf").write_text("".join(f"{key} = {value}\n" for key, value in settings.items()))
        (directory / "enabled_plugins").write_text(f"[{','.join(plugins)}].\n")
        write_cookie(directory)
        return [server_home(directory, plugins) / "sbin/rabbitmq-server"], environment(directory, ports["distribution"])

    def is_ready(self, directory, log):
        return "Server startup complete" in log

    def uris(self, directory):
        ports = chosen_ports(directory)
        return [f"{scheme}://guest:guest@127.0.0.1:{ports[scheme]}/" for scheme in ("amqp", "amqps", "stomp") if scheme in ports]

    def variables(self, directory):
        return {"OUTRIDER_TEST_RABBITMQ_DIRECTORY": str(directory)}

    def welcome(self, directory):
        uri = self.uris(directory)[0]
        return f"""
RabbitMQ listens, for development. Ctrl-C stops it; its data stays. In outrider.yaml:

  channel: {uri}

In another terminal:

  .venv/bin/python examples/channels/rabbitmq_consumer.py {uri} bank
  devops/rabbitmq/broker.sh ctl {directory} list_queues
"""

    def ctl(self, directory, arguments):
        command = [server_home(directory) / "sbin/rabbitmqctl", *arguments.command_line]
        return subprocess.run(command, env=environment(directory, chosen_ports(directory)["distribution"])).returncode


def tls_settings(port, place):
    return {
        "listeners.ssl.1": f"127.0.0.1:{port}",
        "ssl_options.cacertfile": place / "ca.pem",
        "ssl_options.certfile": place / "server.pem",
        "ssl_options.keyfile": place / "server.key",
        "ssl_options.verify": "verify_none",  # of clients
    }


main(RabbitMQ())
