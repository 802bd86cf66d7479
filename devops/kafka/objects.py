"""As much of S3 as tansu needs to keep its records in a directory: get, put with a condition, list and delete.

tansu's other storage is its memory. Nothing is synced to disk: it outlives the death of any process, not the machine's.
"""

import bisect
import hashlib
import re
import sys
import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "/tansu/"


def serve_objects(directory):
    """Serves on a free port, in threads, until the process ends. Returns the port."""
    directory.mkdir(exist_ok=True)
    server = Server(("127.0.0.1", 0), Request)
    server.store = Store(directory)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class Store:
    """Each object is a file at its key. A rename replaces it whole. Names, sizes and tags are in memory, too, for listing."""

    def __init__(self, directory):
        self.directory = directory
        self.lock = threading.Lock()
        self.known = {}
        for path in directory.rglob("*"):
            if path.is_file() and path != self.part:
                value = path.read_bytes()
                self.known[path.relative_to(directory).as_posix()] = (len(value), tag(value))
        self.sorted = sorted(self.known)

    @property
    def part(self):
        return self.directory / ".part"

    def get(self, key):
        try:
            return self.path(key).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, key, value, condition):
        """Whether the condition, which gets the present tag or None, allowed it."""
        with self.lock:
            if not condition(self.known[key][1] if key in self.known else None):
                return False
            path = self.path(key)
            path.parent.mkdir(parents=True, exist_ok=True)
            self.part.write_bytes(value)
            self.part.rename(path)
            if key not in self.known:
                bisect.insort(self.sorted, key)
            self.known[key] = (len(value), tag(value))
            return True

    def delete(self, key):
        with self.lock:
            if self.known.pop(key, None):
                self.sorted.remove(key)
                self.path(key).unlink()

    def list(self, prefix):
        """Key, size and tag of each object whose key begins so, in order."""
        with self.lock:
            first = bisect.bisect_left(self.sorted, prefix)
            last = bisect.bisect_left(self.sorted, prefix + chr(sys.maxunicode))
            return [(key, *self.known[key]) for key in self.sorted[first:last]]

    def path(self, key):
        if not all(part.strip(".") for part in key.split("/")):
            raise ValueError(f"{key} is no key")
        return self.directory / key


def tag(value):
    return f'"{hashlib.md5(value).hexdigest()}"'


class Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body in one packet

    def log_message(self, *arguments):
        pass

    def handle_one_request(self):
        super().handle_one_request()
        if not self.wfile.closed:
            self.wfile.flush()

    @property
    def key(self):
        return unquote(urlsplit(self.path).path.removeprefix(BUCKET))

    def parameters(self):
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query, keep_blank_values=True).items()}

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def fail(self, status, code):
        self.answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode(), Content_Type="application/xml")

    def do_GET(self):
        if "list-type" in self.parameters():
            return self.list()
        value = self.server.store.get(self.key)
        if value is None:
            return self.fail(404, "NoSuchKey")
        headers = {"ETag": tag(value), "Last_Modified": formatdate(usegmt=True)}
        if wanted := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first, last = int(wanted[1]), min(int(wanted[2] or len(value) - 1), len(value) - 1)
            return self.answer(206, value[first:last + 1], Content_Range=f"bytes {first}-{last}/{len(value)}", **headers)
        if self.headers.get("If-None-Match") == headers["ETag"]:
            return self.answer(304, **headers)
        self.answer(200, value, **headers)

    do_HEAD = do_GET

    def do_PUT(self):
        value, if_match, if_none = self.body(), self.headers.get("If-Match"), self.headers.get("If-None-Match")

        def condition(present):
            if if_none == "*":
                return present is None
            return if_match in (None, present)

        if self.server.store.put(self.key, value, condition):
            self.answer(200, ETag=tag(value))
        else:
            self.fail(412, "PreconditionFailed")

    def do_DELETE(self):
        self.server.store.delete(self.key)
        self.answer(204)

    def do_POST(self):
        """Deletes many."""
        keys = re.findall(r"<Key>(.*?)</Key>", self.body().decode())
        for key in keys:
            self.server.store.delete(key)
        deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        self.answer(200, f"<DeleteResult>{deleted}</DeleteResult>".encode(), Content_Type="application/xml")

    def list(self):
        asked = self.parameters()
        prefix, delimiter = asked.get("prefix", ""), asked.get("delimiter", "")
        contents, folders = [], {}
        for key, size, its_tag in self.server.store.list(prefix):
            rest = key[len(prefix):]
            if delimiter and delimiter in rest:
                folders[prefix + rest.split(delimiter)[0] + delimiter] = None
            elif key > asked.get("start-after", ""):
                contents.append(
                    f"<Contents><Key>{escape(key)}</Key><Size>{size}</Size><ETag>{escape(its_tag)}</ETag>"
                    "<LastModified>2000-01-01T00:00:00.000Z</LastModified></Contents>")
        names = "".join(f"<CommonPrefixes><Prefix>{escape(each)}</Prefix></CommonPrefixes>" for each in folders)
        self.answer(
            200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{''.join(contents)}{names}</ListBucketResult>".encode(),
            Content_Type="application/xml")
