"""How a broker is to be: what broker.sh takes, and hands on to the broker's first process."""


def add_options(parser):
    parser.add_argument("--memory", action="store_true", help="keep nothing in DIR: faster, and empty after a stop")
    parser.add_argument("--tls", action="store_true", help="speak TLS instead of plain text; clients trust DIR/tls/ca.pem")
    parser.add_argument("--client-certificates", action="store_true", help="with --tls: only for clients that DIR/tls/ca.pem vouches for")
    parser.add_argument("--user", default="", help="ask clients for this name by SASL: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512")
    parser.add_argument("--password", default="", help="of that user")


def command_line(options):
    """The same options again."""
    flags = [f"--{name.replace('_', '-')}" for name in ("memory", "tls", "client_certificates") if getattr(options, name)]
    return [*flags, f"--user={options.user}", f"--password={options.password}"]
