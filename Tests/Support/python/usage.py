"""What a process uses of the machine."""

import os
import re
from pathlib import Path


def cpu_seconds(pid):
    """The processor time that it has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid):
    return _memory(pid, "VmRSS")


def peak_resident_bytes(pid):
    """The most that was resident since the process began."""
    return _memory(pid, "VmHWM")


def _memory(pid, field):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+)", status)[1]) * 1024
