"""A zone-aware service in Python's standard library alone.

  GET  /readyz         200 once it serves
  GET  /greet          where it was answered, and what the signed tag says of the request
  POST /greet          the same, with the body it was sent

All it knows of its zone stands in the file that EZONE_SERVICE_CONFIG names. It believes nobody but the routers and SOA
proxies of its testbed, who sign what they decided; and it refuses what they decided for another zone.
"""

import base64
import hashlib
import hmac
import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONFIG_FILE = os.environ["EZONE_SERVICE_CONFIG"]
BODY_BYTES_MAX = 64 * 1024

with open(CONFIG_FILE, encoding="utf-8") as file:
    CONFIG = json.load(file)


class Refused(Exception):
    """An answer that is an error, in the form that all of the platform has."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status = status
        self.body = {"error": {"code": code, "message": message}}


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read_tag(text, secret):
    """`v2.<payload>.<HMAC-SHA-256 of "v2.<payload>">`, both base64url; the payload is JSON."""
    try:
        version, payload, mac = (text or "").split(".")
        expected = hmac.new(secret.encode(), f"{version}.{payload}".encode(), hashlib.sha256).digest()
        if version == "v2" and hmac.compare_digest(decoded(mac), expected):
            return json.loads(decoded(payload))
    except ValueError:
        pass
    raise Refused(403, "EZ_UNTRUSTED_TAG", "the internal tag is not signed by the routers of this testbed")


class Handler(BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        if self.path == "/readyz":
            return self.answer(200, {"ready": True})
        self.greet(None)

    def do_POST(self):
        length = self.headers.get("content-length") or "0"
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            return self.answer(413, {"error": {"code": "EZ_BAD_REQUEST", "message": "the body is too large"}})
        self.greet(self.rfile.read(int(length)).decode("utf-8", "replace"))

    def greet(self, said):
        try:
            if self.path.split("?")[0] != "/greet":
                raise Refused(404, "EZ_BAD_REQUEST", f"there is nothing at {self.path}")
            tag = read_tag(self.headers.get("x-ezone-internal"), CONFIG["secret"])
            # The shard has just moved, most likely: whoever sent it asks again where it is now.
            if tag["zone"] != CONFIG["zone"]:
                raise Refused(421, "EZ_WRONG_ZONE", f"sent to {tag['zone']}; this is {CONFIG['zone']}")
            where = {key: tag[key] for key in ("shard", "cell", "epoch", "hops")}
            self.answer(200, {"greeting": f"hello from {CONFIG['zone']}", "zone": CONFIG["zone"], **where, "said": said})
        except Refused as refused:
            self.answer(refused.status, refused.body)

    def answer(self, status, body):
        data = (json.dumps(body) + "\n").encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format, *args):
        if self.path != "/readyz":
            print(format % args, flush=True)


def end_with_testbed(server):
    """A testbed that is gone leaves no configuration; what was replaced just now may be missing once."""
    missing = 0
    while missing < 2:
        time.sleep(1)
        missing = 0 if os.path.exists(CONFIG_FILE) else missing + 1
    server.shutdown()


def main():
    listen = CONFIG["listen"]
    server = ThreadingHTTPServer((listen["host"], listen["port"]), Handler)
    # Requests in flight are answered before it ends.
    server.daemon_threads = False
    # `shutdown` waits for the loop, which this very thread runs.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    threading.Thread(target=end_with_testbed, args=(server,), daemon=True).start()
    print(f"greeter serves zone {CONFIG['zone']} at {listen['host']}:{listen['port']}", flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()


if __name__ == "__main__":
    sys.exit(main())
