"""Compares how passwords are prepared for SCRAM (SASLprep, RFC 4013): by the ICU of an image and by this machine's.
Usage: saslprep.py LIBRARY DIRECTORY"""

import ctypes
import hashlib
import os
import random
import subprocess
import sys

PROFILE = 10  # USPREP_RFC4013_SASLPREP
LENGTH_MAX = 8


def main(library, directory):
    here, there = (digest(library, environment) for environment in (
        os.environ, os.environ | {"LD_LIBRARY_PATH": directory}))
    assert here == there, f"the ICU in {directory} prepares passwords otherwise than this machine's"


def digest(library, environment):
    return subprocess.run(
        [sys.executable, __file__, library], env=environment, check=True, stdout=subprocess.PIPE).stdout


def prepared(library):
    """A digest of what becomes of every character, and of texts of many scripts."""
    icu, version = ctypes.CDLL(library), library.rsplit(".", 1)[1]
    opening, preparing = (getattr(icu, f"usprep_{what}_{version}") for what in ("openByType", "prepare"))
    opening.restype = ctypes.c_void_p
    code = ctypes.c_int(0)
    profile = ctypes.c_void_p(opening(PROFILE, ctypes.byref(code)))
    assert code.value <= 0, f"{library} has no profile for SASLprep: error {code.value}"
    result = ctypes.create_string_buffer(64 * LENGTH_MAX)
    outcomes = hashlib.sha256()
    for text in texts():
        units = text.encode("utf-16-le", "surrogatepass")
        code.value = 0
        length = preparing(
            profile, units, len(units) // 2, result, len(result) // 2, 0, None, ctypes.byref(code))
        outcomes.update(b"%d %s\n" % (code.value, result.raw[:2 * length] if code.value <= 0 else b""))
    return outcomes.hexdigest()


def texts():
    yield from map(chr, range(1, 0x110000))
    choose = random.Random(1)
    ranges = [(0x20, 0x7f), (0xa0, 0x2ff), (0x300, 0x370), (0x590, 0x700), (0xac00, 0xd7a4), (0x20000, 0x30000)]
    for _ in range(200_000):
        length = choose.randint(1, LENGTH_MAX)
        yield "".join(chr(choose.randrange(*choose.choice(ranges))) for _ in range(length))


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(prepared(sys.argv[1]))
    else:
        main(*sys.argv[1:])
