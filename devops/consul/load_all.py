"""Puts the configuration of each example into Consul: examples/transfer/shop.yaml under outrider/shop.

Consul's agent is at CONSUL_HOST, 127.0.0.1:8500 unless set; CONSUL_HTTP_TOKEN is shown to it.
"""

import http.client
import os
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PREFIX = "outrider"


def main():
    host = os.environ.get("CONSUL_HOST") or "127.0.0.1"
    address = host if ":" in host else f"{host}:8500"
    for file in sorted((TOP / "examples").glob("*/*.yaml")):
        key = f"{PREFIX}/{file.stem}"
        put(address, key, file.read_bytes())
        print(f"{file.relative_to(TOP)} is {key} now. To run it:\n\n"
              f"  PATH=\"$PWD/.venv/bin:$PATH\" outrider run --config consul://{address}/{key}\n")


def put(address, key, value):
    try:
        agent = http.client.HTTPConnection(address, timeout=10)
        agent.request("PUT", f"/v1/kv/{key}", value, {"x-consul-token": os.environ.get("CONSUL_HTTP_TOKEN", "")})
        answer = agent.getresponse()
        said = answer.read().decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"load_all: the Consul agent at {address} does not answer: {error}. "
                 "Start one with make consul, or say with CONSUL_HOST where it is")
    if answer.status != 200 or said != "true":
        sys.exit(f"load_all: the Consul agent at {address} does not take {key}: {answer.status} {said}")


main()
