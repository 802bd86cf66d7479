"""A root and a server's certificate for 127.0.0.1, made by openssl, kept in DIR/tls."""

import subprocess

DAYS = "3650"
NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", DAYS]


def certificates(directory):
    """The directory with ca.pem, server.pem and server.key."""
    place = directory / "tls"
    if not (place / "server.pem").exists():
        place.mkdir(exist_ok=True)
        openssl(place, "req", "-x509", *NEW_KEY, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=outrider-development")
        openssl(place, "req", *NEW_KEY, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
        (place / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost")
        openssl(place, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-out", "server.pem", "-days", DAYS, "-extfile", "names")
    return place


def openssl(directory, *arguments):
    subprocess.run(["openssl", *arguments], cwd=directory, check=True, stdin=subprocess.DEVNULL, capture_output=True)
