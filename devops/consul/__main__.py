"""The verbs of devops/consul/agent.sh: one server, which keeps what was put, unlike `consul agent -dev`."""

import http.client
import json
import os
import subprocess
from pathlib import Path

from brokers.certificates import certificates
from brokers.ports import choose_ports, chosen_ports
from brokers.verbs import main

TOP = Path(__file__).resolve().parents[2]
PROGRAM = os.environ["OUTRIDER_CONSUL"]
HOST = "127.0.0.1"
UNUSED = -1


class Consul:
    name = "Consul"
    variable = "CONSUL_HOST"
    default_directory = TOP / ".consul"
    own_verbs = ("kv",)

    def add_options(self, parser):
        parser.add_argument("--tls", action="store_true", help="listen for TLS, too; clients trust DIR/tls/ca.pem")
        parser.add_argument("--token", help="forbid everything without this token")

    def prepare(self, directory, options):
        names = ["http", "server", "serf"] + ["https"] * options.tls
        ports = choose_ports(directory, names, http=options.port)
        settings = {
            "server": True, "bootstrap_expect": 1, "bind_addr": HOST, "advertise_addr": HOST, "client_addr": HOST,
            "data_dir": str(directory / "data"), "node_name": "outrider", "log_level": "warn",
            "disable_update_check": True, "performance": {"raft_multiplier": 1},
            "ports": {"dns": UNUSED, "grpc": UNUSED, "serf_wan": UNUSED, "serf_lan": ports["serf"],
                      "server": ports["server"], "http": ports["http"], "https": ports.get("https", UNUSED)},
        }
        if options.token:
            settings["acl"] = {"enabled": True, "default_policy": "deny", "tokens": {"master": options.token}}
        if options.tls:
            place = certificates(directory)
            settings |= {"cert_file": str(place / "server.pem"), "key_file": str(place / "server.key")}
        (directory / "agent.json").write_text(json.dumps(settings, indent=2))
        environment = {key: value for key, value in os.environ.items() if not key.startswith("CONSUL_")}
        return [PROGRAM, "agent", f"-config-file={directory}/agent.json"], environment

    def is_ready(self, directory, log):
        """Whether it has a leader that serves: a consistent read asks it."""
        settings = json.loads((directory / "agent.json").read_text())
        token = settings.get("acl", {}).get("tokens", {}).get("master", "")
        agent = http.client.HTTPConnection(HOST, settings["ports"]["http"], timeout=5)
        try:
            agent.request("GET", "/v1/kv/?keys&consistent", headers={"x-consul-token": token})
            return agent.getresponse().status in (200, 404)
        except OSError:
            return False
        finally:
            agent.close()

    def uris(self, directory):
        ports = chosen_ports(directory)
        return [f"{HOST}:{ports[name]}" for name in ("http", "https") if name in ports]

    def variables(self, directory):
        return {}

    def welcome(self, directory):
        address = self.uris(directory)[0]
        return f"""
Consul listens, for development. Ctrl-C stops it; its data stays. In another terminal:

  CONSUL_HOST={address} make load_all            # the configurations of the examples
  devops/consul/agent.sh kv {directory} put outrider/mine @outrider.yaml
  outrider run --config consul://{address}/outrider/mine
"""

    def kv(self, directory, arguments):
        environment = os.environ | {"CONSUL_HTTP_ADDR": self.uris(directory)[0]}
        return subprocess.run([PROGRAM, "kv", *arguments.command_line], env=environment).returncode


main(Consul())
