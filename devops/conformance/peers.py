"""The programs that take part: how each is started, and which cases it knows."""

import os
from pathlib import Path

CORE = """empty_unary large_unary client_streaming server_streaming ping_pong empty_stream
    timeout_on_sleeping_server cancel_after_begin cancel_after_first_response status_code_and_message
    special_status_message custom_metadata unimplemented_method unimplemented_service""".split()
MORE = "half_duplex slow_consumer".split()
COMPRESSION = """client_compressed_unary server_compressed_unary client_compressed_streaming
    server_compressed_streaming""".split()
SOAK = "rpc_soak channel_soak".split()
SOAK_TIMEOUT = 50
TLS = "empty_unary large_unary ping_pong status_code_and_message".split()
HTTP2 = """goaway rst_after_header rst_during_data rst_after_data ping max_streams data_frame_padding
    no_df_padding_sanity_test""".split()

CACHE = Path(os.environ.get(
    "OUTRIDER_PEERS",
    Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "outrider" / "peers"))
# Where gRPC C++ finds the authorities that it trusts.
CPP_ROOTS = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"
RUBY = "/usr/lib/x86_64-linux-gnu/rubygems-integration/3.1.0/gems/grpc-1.51.1/src/ruby/pb/test"


class Peer:
    """A make of gRPC: its server and its client. `trust` are the flags by which its client trusts an authority."""

    def __init__(self, name, server=None, client=None, asks=(), answers=(), trust=None):
        self.name = name
        self.server, self.client = server, client
        self.asks, self.answers = asks, answers
        self.trust = trust

    def server_command(self, port, certificates=None):
        """With a directory of certificates: over TLS."""
        command = [*map(str, self.server), f"--port={port}"]
        if certificates:
            command += [
                "--use_tls=true", f"--tls_cert_file={certificates}/server.pem",
                f"--tls_key_file={certificates}/server.key"]
        return command

    def client_command(self, port, case, certificates=None):
        command = [
            *map(str, self.client), "--server_host=127.0.0.1", f"--server_port={port}", f"--test_case={case}"]
        if certificates:
            command += ["--use_tls=true", *self.trust(f"{certificates}/ca.pem")]
        if case in SOAK:
            command += [
                "--soak_iterations=200", f"--soak_overall_timeout_seconds={SOAK_TIMEOUT}",
                "--soak_per_iteration_max_acceptable_latency_ms=2000"]
        return command


def ours(build):
    everything = CORE + MORE + COMPRESSION + SOAK + HTTP2
    # A call of ours compresses all its requests or none.
    asks = [case for case in everything if case != "client_compressed_streaming"]
    return Peer(
        "Outrider", [build / "interop-server"], [build / "interop-client"], asks, everything,
        trust=lambda authority: [f"--ca_file={authority}"])


PEERS = {
    "go": Peer(
        "Go", [CACHE / "go-server"], [CACHE / "go-client"], asks=CORE, answers=CORE + MORE + SOAK,
        trust=lambda authority: ["--use_test_ca=true", f"--ca_file={authority}"]),
    # Its client knows one case less, and its server's half-duplex method takes too few arguments.
    "ruby": Peer(
        "Ruby", ["ruby", f"{RUBY}/server.rb"], ["ruby", f"{RUBY}/client.rb"],
        asks=[case for case in CORE if case != "special_status_message"],
        answers=[case for case in CORE + MORE + SOAK if case != "half_duplex"]),
    "cpp": Peer(
        "C++", [CACHE / "cpp-server"], [CACHE / "cpp-client"],
        asks=CORE + MORE + COMPRESSION + SOAK, answers=CORE + MORE + COMPRESSION + SOAK,
        # Its own flag means the authority that is compiled in; the environment means any (see `CPP_ROOTS`).
        trust=lambda authority: []),
}
