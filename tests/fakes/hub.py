"""A stand-in for the hub of models: real HTTP on 127.0.0.1, honest or anything but.

    python tests/fakes/hub.py REPOSITORIES JOURNAL RULES

REPOSITORIES/OWNER/NAME/… are folders of files. Large kinds of files are kept apart, as on the
hub: they are announced with their SHA-256 and lead to another host. Every request is written to
JOURNAL with what was sent in answer. RULES is read anew for each request, so that a test can
change its mind: a JSON list of {"at": regex on the path, "do": …, "times": how often at most, …}.

    status  {"status": 429, "code": "GatedRepo", "after": 1}    answers so
    token   {"token": "…"}                                      is gated to all others
    stall   {"after": bytes}        sends so many bytes, then nothing, and stays connected
    cut     {"after": bytes}        sends so many bytes, then hangs up
    slow    {"rate": bytes a second}
    swap    {"byte": offset}        one byte comes otherwise
    whole   {}                      knows no ranges: always sends the whole file
    more    {"bytes": n}            sends more than it announced, without a length
    lead    {"to": address}         redirects there
    page    {}                      answers with a page for people
    list    {"file": …, "size": n, "sha256": "…"}   lists the file otherwise than it is
    commit  {"commit": "…"}         says that it is at this commit
    etag    {"etag": "…"}           announces another hash with the file itself

Prints its port, and ends when its stdin ends. Also answers as an HTTP proxy for itself.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import select
import sys
import threading
import time
from collections import Counter
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

LARGE = (".safetensors", ".gguf", ".bin")  # kinds kept apart, with a SHA-256
BLOCK = 16 * 1024


class Fake(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.repositories: Path = options.repositories
        self.rules_file: Path = options.rules
        self.journal_file: Path = options.journal
        self.used: Counter[str] = Counter()
        self.guard = threading.Lock()

    def rules(self, path: str) -> dict[str, dict[str, Any]]:
        """What is to be done about a request, by kind. Counts it as done."""
        found: dict[str, dict[str, Any]] = {}
        text = self.rules_file.read_text() if self.rules_file.exists() else "[]"
        with self.guard:
            for rule in json.loads(text):
                key = json.dumps(rule, sort_keys=True)
                worn_out = self.used[key] >= rule.get("times", float("inf"))
                if not worn_out and re.search(rule.get("at", ""), path):
                    self.used[key] += 1
                    found[rule["do"]] = rule
        return found

    def journal(self, **line: Any) -> None:
        with self.guard, self.journal_file.open("a") as out:
            out.write(json.dumps(line) + "\n")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is nothing to talk about."""


class Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Fake

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, *, body: bool) -> None:
        self.sent = 0
        self.status = 0
        self.wants_body = body
        path = self.path
        proxied = path.startswith("http")
        if proxied:
            parts = urlsplit(path)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
        self.rules = self.server.rules(path)
        try:
            self.route(unquote(path.partition("?")[0]), path.partition("?")[2])
        finally:
            self.server.journal(
                method=self.command,
                path=path,
                range=self.headers.get("Range", ""),
                headers=dict(self.headers.items()),
                status=self.status,
                sent=self.sent,
                proxied=proxied,
            )

    def route(self, path: str, query: str) -> None:
        if rule := self.rules.get("status"):
            self.refuse(rule["status"], rule.get("code", ""), rule.get("after"))
        elif "page" in self.rules:
            self.reply(200, b"<html>Please log in to this network.</html>", "text/html")
        elif rule := self.rules.get("lead"):
            self.reply(302, b"", Location=rule["to"])
        elif found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/([^/]+))?", path):
            self.list(found[1], found[2] or "main", blobs="blobs=" in query)
        elif found := re.fullmatch(r"/large/([0-9a-f]{64})/(.+)", path):
            self.send_file(self.server.repositories / found[2])
        elif found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self.resolve(found[1], found[2], found[3])
        else:
            self.refuse(404)

    def list(self, name: str, revision: str, *, blobs: bool) -> None:
        folder = self.server.repositories / name
        if not folder.is_dir():
            self.refuse(401, "RepoNotFound")  # so it says, so as not to tell what is private
        elif revision not in ("main", commit_of(folder)):
            self.refuse(404, "RevisionNotFound")
        else:
            told = self.rules.get("commit", {}).get("commit", commit_of(folder))
            siblings = [self.sibling(folder, path, blobs=blobs) for path in files_of(folder)]
            listing = {"id": name, "sha": told, "gated": False, "siblings": siblings, "tags": []}
            self.reply(200, json.dumps(listing).encode(), "application/json")

    def sibling(self, folder: Path, path: Path, *, blobs: bool) -> dict[str, Any]:
        name = path.relative_to(folder).as_posix()
        told: dict[str, Any] = {"rfilename": name}
        if blobs:
            told |= {"size": path.stat().st_size, "blobId": blob_id(path)}
            if path.suffix in LARGE:
                told["lfs"] = {"sha256": sha256(path), "size": told["size"], "pointerSize": 134}
        lie = self.rules.get("list", {})
        if lie.get("file") == name and blobs:
            told["size"] = lie.get("size", told["size"])
            if "lfs" in told:
                told["lfs"] |= {key: lie[key] for key in ("size", "sha256") if key in lie}
        return told

    def resolve(self, name: str, revision: str, path: str) -> None:
        folder = self.server.repositories / name
        token = self.rules.get("token", {}).get("token")
        if token and self.headers.get("Authorization") != f"Bearer {token}":
            self.refuse(403 if "Authorization" in self.headers else 401, "GatedRepo")
            return
        if not folder.is_dir():
            self.refuse(404, "RepoNotFound")
        elif revision not in ("main", commit_of(folder)):
            self.refuse(404, "RevisionNotFound")
        elif not (file := folder / path).is_file():
            self.refuse(404, "EntryNotFound")
        elif file.suffix in LARGE:
            digest, port = sha256(file), self.server.server_address[1]
            etag = self.rules.get("etag", {}).get("etag", digest)
            self.reply(
                302,
                b"",
                Location=f"http://localhost:{port}/large/{digest}/{name}/{path}?signed=yes",
                X_Repo_Commit=commit_of(folder),
                X_Linked_Etag=f'"{etag}"',
                X_Linked_Size=str(file.stat().st_size),
            )
        else:
            self.send_file(file, X_Repo_Commit=commit_of(folder), ETag=f'"{blob_id(file)}"')

    def send_file(self, file: Path, **headers: str) -> None:
        content = bytearray(file.read_bytes())
        if rule := self.rules.get("swap"):
            content[rule["byte"]] ^= 1
        size, start, status = len(content), 0, 200
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and "whole" not in self.rules:
            start, status = int(asked[1]), 206
            if start >= size:
                self.refuse(416)
                return
            headers["Content_Range"] = f"bytes {start}-{size - 1}/{size}"
        if rule := self.rules.get("more"):
            content += b"\0" * rule["bytes"]
            headers["Connection"] = "close"
        else:
            headers["Content_Length"] = str(size - start)
        self.begin(status, {"Accept_Ranges": "bytes", **headers})
        if self.wants_body:
            self.send_body(bytes(content[start:]))

    def send_body(self, content: bytes) -> None:
        stop = next((self.rules[k] for k in ("stall", "cut") if k in self.rules), None)
        rate = self.rules.get("slow", {}).get("rate")
        until = len(content) if stop is None else min(stop["after"], len(content))
        while self.sent < until:
            chunk = content[self.sent : min(self.sent + BLOCK, until)]
            self.wfile.write(chunk)
            self.wfile.flush()
            self.sent += len(chunk)
            if rate:
                time.sleep(len(chunk) / rate)
        if "stall" in self.rules:
            select.select([self.connection], [], [])  # until the other side hangs up
        if stop is not None:
            self.close_connection = True

    # --- plain answers ------------------------------------------------------------------------

    def refuse(self, status: int, code: str = "", after: int | None = None) -> None:
        headers = {"X_Error_Code": code} if code else {}
        if after is not None:
            headers["Retry_After"] = str(after)
        self.reply(status, b"{}", "application/json", **headers)

    def reply(self, status: int, content: bytes, kind: str = "", **headers: str) -> None:
        if kind:
            headers["Content_Type"] = kind
        self.begin(status, {"Content_Length": str(len(content)), **headers})
        if self.wants_body:
            self.wfile.write(content)
            self.sent = len(content)

    def begin(self, status: int, headers: dict[str, str]) -> None:
        self.status = status
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if headers.get("Connection") == "close" or {"cut", "stall"} & set(self.rules):
            self.close_connection = True
        self.end_headers()


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def commit_of(folder: Path) -> str:
    """Changes whenever a file does."""
    digest = hashlib.sha1()
    for path in files_of(folder):
        digest.update(f"{path.relative_to(folder)} {sha256(path)}\n".encode())
    return digest.hexdigest()


def sha256(path: Path) -> str:
    return _sha256(path, path.stat().st_mtime_ns)


@lru_cache
def _sha256(path: Path, changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def blob_id(path: Path) -> str:
    content = path.read_bytes()
    if path.suffix in LARGE:  # git itself holds a note of where the file is
        content = f"oid sha256:{sha256(path)}\nsize {len(content)}\n".encode()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("repositories", type=Path)
    parser.add_argument("journal", type=Path)
    parser.add_argument("rules", type=Path)
    fake = Fake(parser.parse_args())
    threading.Thread(target=fake.serve_forever, daemon=True).start()
    print(fake.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
