#!/usr/bin/env python3
"""Runs the programs built with AddressSanitizer, and fails if it finds that they leak, or misuse memory."""

import os
import sys
from pathlib import Path

from programs import Server, client

SECONDS = 15


def main():
    build = Path(sys.argv[1]).resolve()
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:exitcode=23")
    server = Server(build, environment)
    failed = False
    process = client(build, server.port, "leak", SECONDS, environment=environment)
    if "LeakSanitizer" not in process.communicate(timeout=60)[1]:
        failed = True
        print("what leaks on purpose is not found: nothing is checked")
    for case in ("mixed", "channel_soak"):
        process = client(build, server.port, case, SECONDS, environment=environment)
        output, errors = process.communicate(timeout=SECONDS + 120)
        print(f"client, {case}: {output.strip() or 'nothing'}, exit {process.returncode}")
        if process.returncode != 0:
            failed = True
            print(errors[-4000:])
    errors, code = server.stop()
    print(f"server: exit {code}")
    if code != 0:
        failed = True
        print(errors[-4000:])
    print("AddressSanitizer and its leak check: " + ("FAILED" if failed else "clean"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
