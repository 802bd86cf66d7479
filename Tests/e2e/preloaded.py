"""Libraries in C that stand before the system's own."""

import shutil
import subprocess
from pathlib import Path

COMPILER = shutil.which("cc") or shutil.which("clang")


def library(name, directory):
    """Builds `name.c`, for `LD_PRELOAD`."""
    built = directory / f"{name}.so"
    source = Path(__file__).with_name(f"{name}.c")
    subprocess.run([COMPILER, "-shared", "-fPIC", "-o", built, source, "-ldl"], check=True)
    return built
