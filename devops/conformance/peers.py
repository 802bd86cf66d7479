"""The programs that take part: how each is started, and which cases it knows."""

import os
from pathlib import Path

CORE = """empty_unary large_unary client_streaming server_streaming ping_pong empty_stream
    timeout_on_sleeping_server cancel_after_begin cancel_after_first_response status_code_and_message
    special_status_message custom_metadata unimplemented_method unimplemented_service""".split()
MORE = "half_duplex slow_consumer".split()
SOAK = "rpc_soak channel_soak".split()
SOAK_TIMEOUT = 50
HTTP2 = """goaway rst_after_header rst_during_data rst_after_data ping max_streams data_frame_padding
    no_df_padding_sanity_test""".split()

CACHE = Path(os.environ.get(
    "OUTRIDER_PEERS",
    Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "outrider" / "peers"))
RUBY = "/usr/lib/x86_64-linux-gnu/rubygems-integration/3.1.0/gems/grpc-1.51.1/src/ruby/pb/test"


class Peer:
    """A make of gRPC: its server and its client."""

    def __init__(self, name, server=None, client=None, asks=(), answers=()):
        self.name = name
        self.server, self.client = server, client
        self.asks, self.answers = asks, answers

    def server_command(self, port):
        return [*map(str, self.server), f"--port={port}"]

    def client_command(self, port, case):
        command = [
            *map(str, self.client), "--server_host=127.0.0.1", f"--server_port={port}", f"--test_case={case}"]
        if case in SOAK:
            command += [
                "--soak_iterations=200", f"--soak_overall_timeout_seconds={SOAK_TIMEOUT}",
                "--soak_per_iteration_max_acceptable_latency_ms=2000"]
        return command


def ours(build):
    everything = CORE + MORE + SOAK + HTTP2
    return Peer("Outrider", [build / "interop-server"], [build / "interop-client"], everything, everything)


PEERS = {
    "go": Peer(
        "Go", [CACHE / "go-server"], [CACHE / "go-client"], asks=CORE, answers=CORE + MORE + SOAK),
    # Its client knows one case less, and its server's half-duplex method takes too few arguments.
    "ruby": Peer(
        "Ruby", ["ruby", f"{RUBY}/server.rb"], ["ruby", f"{RUBY}/client.rb"],
        asks=[case for case in CORE if case != "special_status_message"],
        answers=[case for case in CORE + MORE + SOAK if case != "half_duplex"]),
    "cpp": Peer(
        "C++", [CACHE / "cpp-server"], [CACHE / "cpp-client"],
        asks=CORE + MORE + SOAK, answers=CORE + MORE + SOAK),
}
