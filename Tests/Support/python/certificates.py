"""Certificates for a while, made by openssl, as files in a directory."""

import subprocess
import time

NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
DAYS = 2
#: What `openssl ca` wants to know; no other command of openssl 3.0 ends a certificate at a given second.
AUTHORITY = """
[ca]
default_ca = this
[this]
database = issued
new_certs_dir = .
default_md = sha256
rand_serial = yes
unique_subject = no
policy = any
[any]
commonName = supplied
"""


def openssl(directory, *arguments):
    subprocess.run(["openssl", *map(str, arguments)], cwd=directory, check=True, capture_output=True)


def sign_itself(directory, name, alternatives=None, days=DAYS):
    """NAME.pem that no one else signed, and its NAME.key. `alternatives` are its names, as "IP:127.0.0.1"."""
    extension = ["-addext", f"subjectAltName={alternatives}"] if alternatives else []
    openssl(directory, "req", "-x509", *NEW_KEY, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}",
            "-days", days, *extension)


def issue(directory, name, alternatives, seconds=None):
    """NAME.pem with these names, and its NAME.key, signed by ca.pem, which `sign_itself` made.

    It expires so many seconds from now, or in two days.
    """
    (directory / "names").write_text(f"subjectAltName={alternatives}")
    openssl(directory, "req", *NEW_KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    if seconds is None:
        openssl(directory, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-out", f"{name}.pem", "-days", DAYS, "-extfile", "names")
    else:
        (directory / "authority").write_text(AUTHORITY)
        (directory / "issued").touch()
        end = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds))
        openssl(directory, "ca", "-batch", "-notext", "-config", "authority", "-cert", "ca.pem", "-keyfile", "ca.key",
                "-in", f"{name}.csr", "-out", f"{name}.pem", "-enddate", end, "-extfile", "names")
