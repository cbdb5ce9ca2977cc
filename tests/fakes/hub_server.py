"""A Hugging Face hub on this machine: the same addresses and answers, with faults on demand.

    python hub_server.py FOLDER

FOLDER/repos/OWNER/NAME/... are the files; those of 1 KB and more count as large. The
server prints its port. FOLDER/faults.json, read at each request, can say:

    cut       bytes after which a file's connection is closed
    cuts      how many times that happens (default: always)
    reset     true: such a connection is reset rather than closed
    status    answered to every request for a file
    lie       true: the hub's hashes are those of other bytes
    no_range  true: resuming is ignored
    range     a Content-Range sent with every part, whatever it is
    slow      seconds between blocks of 64 KB
    list      the list of files is "endless", a "drip", "gzip" (twice) or an endless 100 "continue"; or
              it is replaced by any other JSON value

FOLDER/requests.jsonl records what was asked for: path, Range, Authorization and User-Agent.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import struct
import sys
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 1000
ROOT = Path(sys.argv[1])


def faults() -> dict:
    path = ROOT / "faults.json"
    return json.loads(path.read_text()) if path.exists() else {}


def sibling(path: Path, name: str) -> dict:
    sizes = path.parent / "SIZES"  # what the hub claims of files that no test machine could hold
    if sizes.exists() and (size := json.loads(sizes.read_text()).get(name)):
        return {
            "rfilename": name,
            "size": size,
            "blobId": "0" * 40,
            "lfs": {"sha256": "0" * 64, "size": size, "pointerSize": 134},
        }
    data = path.read_bytes()
    row = {
        "rfilename": name,
        "size": len(data),
        "blobId": hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest(),  # noqa: S324 - git's own
    }
    if len(data) >= LARGE:
        wrong = b"other" if faults().get("lie") else b""
        row["lfs"] = {
            "sha256": hashlib.sha256(data + wrong).hexdigest(),
            "size": len(data),
            "pointerSize": 134,
        }
    return row


class Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        asked = {
            "path": path,
            "range": self.headers.get("Range"),
            "authorization": self.headers.get("Authorization"),
            "user-agent": self.headers.get("User-Agent"),
        }
        with (ROOT / "requests.jsonl").open("a") as log:
            log.write(json.dumps(asked) + "\n")
        words = path.strip("/").split("/")
        if words[:2] == ["api", "models"]:
            self.answer_list("/".join(words[2:4]))
        elif words[2:4] == ["resolve", COMMIT]:
            # As the hub does, a large file lies elsewhere: here, under another name of this host.
            self.send_response(302)
            port = self.server.server_address[1]
            self.send_header("Location", f"http://localhost:{port}/cdn/{'/'.join(words[:2] + words[4:])}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif words[0] == "cdn":
            self.answer_file(ROOT / "repos" / "/".join(words[1:]))
        else:
            self.refuse(404)

    def refuse(self, code: int) -> None:
        body = json.dumps({"error": "the server's \x1b[31mwords"}).encode()
        self.send_response(code)
        self.send_header("X-Error-Message", "the server's words")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_list(self, repo: str) -> None:
        folder = ROOT / "repos" / repo
        if (folder / "GATED").exists() and self.headers.get("Authorization") != "Bearer good":
            self.refuse(401)
            return
        if not folder.is_dir():
            self.refuse(404)
            return
        files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name not in {"GATED", "SIZES"}]
        body = json.dumps(
            {
                "id": repo,
                "sha": COMMIT,
                "siblings": [sibling(p, p.relative_to(folder).as_posix()) for p in files],
            }
        ).encode()
        if "list" in faults():
            self.answer_list_wrongly(faults()["list"], body)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_list_wrongly(self, fault: object, body: bytes) -> None:
        self.close_connection = True
        with suppress(OSError):  # the client goes away, as it should
            while fault == "continue":
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                time.sleep(0.01)
            self.send_response(200)
            if fault == "gzip":
                body = gzip.compress(gzip.compress(b" " * 10_000_000 + body))
                self.send_header("Content-Encoding", "gzip, gzip")
            elif fault not in ("endless", "drip"):
                body = json.dumps(fault).encode()
            self.end_headers()
            self.wfile.write(body)
            while fault in ("endless", "drip"):
                self.wfile.write(b" " if fault == "drip" else b" " * (1 << 16))
                time.sleep(0.05 if fault == "drip" else 0)

    def answer_file(self, path: Path) -> None:
        fault = faults()
        if fault.get("status"):
            self.refuse(fault["status"])
            return
        data = path.read_bytes()
        start, asked = 0, self.headers.get("Range")
        if asked and not fault.get("no_range"):
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start:
            self.send_response(206)
            told = fault.get("range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.send_header("Content-Range", told)
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        rest = data[start:]
        if fault.get("cut") is not None and fault.get("cuts", 1) > 0:
            if "cuts" in fault:
                (ROOT / "faults.json").write_text(json.dumps({**fault, "cuts": fault["cuts"] - 1}))
            self.wfile.write(rest[: fault["cut"]])
            if fault.get("reset"):
                time.sleep(0.2)  # a reset throws away what the client has not read yet
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            self.close_connection = True
            return
        with suppress(OSError):  # who asked may be gone: that is what some tests are about
            for at in range(0, len(rest), 1 << 16):
                self.wfile.write(rest[at : at + (1 << 16)])
                self.wfile.flush()
                time.sleep(fault.get("slow", 0))

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    print(server.server_address[1], flush=True)  # noqa: T201
    server.serve_forever()
