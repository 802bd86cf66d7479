"""Bearer tokens, and the keys that check them."""

import base64
import hmac
import json
import time

SECRET = bytes(range(32))


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def key_set(secret=SECRET):
    return json.dumps({"keys": [{"kty": "oct", "k": encoded(secret).decode()}]})


def token(subject, lifetime=60, secret=SECRET):
    head = encoded(b'{"alg": "HS256"}')
    claims = {"sub": subject, "exp": int(time.time()) + lifetime}
    signed = head + b"." + encoded(json.dumps(claims).encode())
    return (signed + b"." + encoded(hmac.digest(secret, signed, "sha256"))).decode()
