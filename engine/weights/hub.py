"""What is asked of the hub, and how its answers read. Writes no file.

Two requests, both of the hub's documented HTTP interface: which files a repository holds at a
commit (`/api/models/…?blobs=true`), and the bytes of one of them from an offset on
(`/…/resolve/COMMIT/FILE` with `Range`).

They go through httpx2, the HTTP client of huggingface_hub, and not through huggingface_hub
itself: that one names Python and its own version to the hub, marks requests with random ids,
reads the user's token and cache folders, and its downloads can neither be stopped halfway nor
told to keep what they have. Here the hub learns which files are asked for, and nothing else.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

import httpx2
import msgspec

from engine.errors import InstallFailed, ModelDamaged, TwofoldError
from engine.weights.hub_address import HUB_VARIABLES, PUBLIC_HUB, TOKEN_VARIABLE

CONNECT_S = 15.0  # for a connection to stand, and for a request to be sent
SILENCE_S = 30.0  # without a byte before a connection counts as broken
MAX_LISTING_BYTES = 32 * 1024 * 1024  # of the list of files; a longer one is no list

BRING_INSTEAD = (
    "Without a network, fetch the model's files on another machine and bring them in a folder or "
    "on a USB drive: “twofold models import FOLDER”."
)
RUN_AGAIN = "What was fetched is kept; run the same command again."


class Lapse(Exception):
    """Trouble that may pass: the hub is busy, or a connection broke."""

    def __init__(self, failure: TwofoldError, wait_s: float = 0.0) -> None:
        super().__init__(failure.message)
        self.failure = failure  # what to say when it does not pass
        self.wait_s = wait_s  # how long the hub asks to be left alone; 0 when it does not say


@dataclass(frozen=True, slots=True)
class HubFile:
    """What the hub says of one file. At least one of the two hashes is there."""

    path: str  # within the repository
    size_bytes: int
    sha256: str  # of its bytes; "" for a small file that git itself holds
    blob_id: str  # git's name of such a small file: SHA-1 over a header and its bytes; or ""


@dataclass(frozen=True, slots=True)
class Repository:
    """A model's repository at one commit."""

    name: str
    commit: str  # 40 hex digits
    files: Mapping[str, HubFile]  # path -> file

    def file(self, path: str) -> HubFile:
        """Raises InstallFailed when there is none of this name, or nothing to check it by."""
        found = self.files.get(path)
        if found is None:
            raise InstallFailed(
                f"“{self.name}” has no file “{path}” at the revision asked for.",
                "The manifest is out of date: update Twofold, or choose another model.",
            )
        return found


class _Lfs(msgspec.Struct):
    sha256: str
    size: int


class _Sibling(msgspec.Struct, rename="camel"):
    rfilename: str
    size: int | None = None
    blob_id: str = ""
    lfs: _Lfs | None = None


class _Listing(msgspec.Struct):
    sha: str
    siblings: list[_Sibling] = []


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of a file as they come."""

    start: int  # offset of the first byte; 0 when the hub did not go along with the one asked for
    chunks: Iterator[bytes]


class Hub:
    """One conversation with a hub. Not for use from several threads."""

    def __init__(self, address: str, token: str = "") -> None:
        """address: "https://…", of the public hub or of a mirror. Raises InstallFailed."""
        try:
            parts = urlsplit(address)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InstallFailed(
                "The address of the hub is not a web address.",
                f"Set {HUB_VARIABLES[0]} to one that begins with https://, or unset it.",
            )
        self._address = address.rstrip("/")
        self._host = parts.hostname
        self._encrypted = parts.scheme == "https"
        if token and not self._encrypted and not _is_this_machine(parts.hostname):
            raise InstallFailed(
                f"A token is not sent to “{self._host}” over a connection that anyone can read.",
                f"Use an address that begins with https://, or unset {TOKEN_VARIABLE}.",
            )
        self._authorization = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            self._client = httpx2.Client(
                # identity: a compressed answer has another length, and no offset to go on from
                headers={"User-Agent": "twofold", "Accept-Encoding": "identity"},
                timeout=httpx2.Timeout(CONNECT_S, read=SILENCE_S),
                follow_redirects=True,
                max_redirects=5,
                event_hooks={"request": [self._stay_encrypted]},
            )
        except (ImportError, ValueError, httpx2.InvalidURL):
            raise InstallFailed(
                "The proxy that the environment names cannot be used.",
                "Set https_proxy to an address that begins with http:// or https://.",
            ) from None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """The hub the environment names, else the public one. Raises InstallFailed."""
        named = next(filter(None, (environment.get(one) for one in HUB_VARIABLES)), PUBLIC_HUB)
        return cls(named, environment.get(TOKEN_VARIABLE, ""))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    @property
    def address(self) -> str:
        return self._address

    def repository(self, name: str, revision: str) -> Repository:
        """What a repository holds. revision: a commit; "" asks for the current one.

        Raises Lapse, InstallFailed, and ModelDamaged when the hub answers for another commit.
        """
        at = f"/revision/{quote(revision, safe='')}" if revision else ""
        url = f"{self._address}/api/models/{quote(name)}{at}?blobs=true"
        with self._get(url, name) as answer:
            listing = self._listing(answer)
        if len(listing.sha) != 40 or (revision and listing.sha != revision):
            raise ModelDamaged(
                f"The hub answered for another version of “{name}” than the manifest names.",
                "Nothing was installed. If you use a mirror, try the public hub.",
            )
        files = (_hub_file(one) for one in listing.siblings)
        return Repository(name, listing.sha, {file.path: file for file in files if file})

    @contextmanager
    def open(self, repository: Repository, file: HubFile, start: int) -> Iterator[Body]:
        """The bytes of a file from an offset on.

        Raises Lapse, InstallFailed, and ModelDamaged when the hub has another file there.
        """
        path = f"{quote(repository.name)}/resolve/{repository.commit}/{quote(file.path)}"
        headers = {"Range": f"bytes={start}-"} if start else {}
        with self._get(f"{self._address}/{path}", repository.name, headers) as answer:
            self._check_identity(answer, repository, file)
            yield Body(_first_byte(answer, start), self._chunks(answer))

    @contextmanager
    def _get(
        self, url: str, repository: str, headers: Mapping[str, str] | None = None
    ) -> Iterator[httpx2.Response]:
        """An answer of success, its body still to be read."""
        with (
            self._explained(),
            self._client.stream(
                "GET", url, headers={**self._authorization, **(headers or {})}
            ) as answer,
        ):
            if answer.status_code not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
                raise self._refusal(answer, repository)
            yield answer

    def _listing(self, answer: httpx2.Response) -> _Listing:
        text = bytearray()
        for chunk in answer.iter_raw():
            text += chunk
            if len(text) > MAX_LISTING_BYTES:
                break
        try:
            return msgspec.json.decode(text, type=_Listing)
        except msgspec.MsgspecError:
            raise InstallFailed(
                f"“{self._host}” did not answer as a hub does.",
                "A page for logging in to this network, or a proxy, may have answered instead: "
                f"open the address in a browser, then try again. {BRING_INSTEAD}",
            ) from None

    def _chunks(self, answer: httpx2.Response) -> Iterator[bytes]:
        with self._explained():
            yield from answer.iter_raw()

    def _check_identity(
        self, answer: httpx2.Response, repository: Repository, file: HubFile
    ) -> None:
        """Before gigabytes travel: is this the file that the list spoke of?

        Only the hub's own answer says so, which is the first one of a chain of redirects.
        """
        said = (answer.history[0] if answer.history else answer).headers
        commit = said.get("X-Repo-Commit", repository.commit)
        etag = said.get("X-Linked-Etag", "").removeprefix("W/").strip('"')
        size = said.get("X-Linked-Size", "")
        if (
            commit != repository.commit
            or (etag and file.sha256 and etag != file.sha256)
            or (size.isdecimal() and int(size) != file.size_bytes)
        ):
            raise ModelDamaged(
                f"The hub offers another file as “{file.path}” than it lists.",
                "Nothing was installed. Try again later; if you use a mirror, try the public hub.",
            )

    def _stay_encrypted(self, request: httpx2.Request) -> None:
        """A redirect must not lead to where others can read along or change what is sent."""
        if self._encrypted and request.url.scheme != "https":
            raise InstallFailed(
                f"“{self._host}” leads to an address without encryption; it was not followed.",
                BRING_INSTEAD,
            )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raises Lapse or InstallFailed in the place of what the network library raises."""
        try:
            yield
        except httpx2.ConnectError as error:
            if isinstance(_root(error), ssl.SSLError):
                raise InstallFailed(
                    f"“{self._host}” did not prove who it is, so nothing was asked of it.",
                    "A proxy may be reading along: give its certificate with SSL_CERT_FILE. Check "
                    f"the clock of this machine, too. {BRING_INSTEAD}",
                ) from None
            raise Lapse(self._unreachable()) from None
        except httpx2.ProxyError:
            raise InstallFailed(
                "The proxy refused the connection.",
                f"Check what https_proxy says, with its user and password. {BRING_INSTEAD}",
            ) from None
        except (httpx2.ConnectTimeout, httpx2.PoolTimeout):
            raise Lapse(self._unreachable()) from None
        except (httpx2.TooManyRedirects, httpx2.UnsupportedProtocol, httpx2.InvalidURL):
            raise InstallFailed(
                f"“{self._host}” leads to an address that cannot be used.", BRING_INSTEAD
            ) from None
        except httpx2.TransportError:
            raise Lapse(
                InstallFailed(f"The connection to “{self._host}” broke off.", RUN_AGAIN)
            ) from None

    def _unreachable(self) -> InstallFailed:
        return InstallFailed(
            f"“{self._host}” cannot be reached.",
            f"Check the network, and https_proxy if you need a proxy. {BRING_INSTEAD}",
        )

    def _refusal(self, answer: httpx2.Response, repository: str) -> Exception:
        """What a status other than success means."""
        status, code = answer.status_code, answer.headers.get("X-Error-Code", "")
        page = f"{self._address}/{repository}"
        if status == HTTPStatus.UNAUTHORIZED and self._authorization and not code:
            return InstallFailed(
                f"“{self._host}” does not accept the token in {TOKEN_VARIABLE}.",
                f"Make a new one that may read, or unset {TOKEN_VARIABLE}.",
            )
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) and code != "RepoNotFound":
            return InstallFailed(
                f"“{repository}” is only for those who have accepted its licence.",
                f"Read and accept it at {page}, make a token that may read, and set "
                f"{TOKEN_VARIABLE} to it. {BRING_INSTEAD}",
            )
        if status == HTTPStatus.NOT_FOUND or code == "RepoNotFound":
            missing = {
                "RevisionNotFound": "no longer has the revision that the manifest names",
                "EntryNotFound": "does not have a file that the manifest names",
            }.get(code, "does not exist on the hub, or is not public")
            return InstallFailed(
                f"“{repository}” {missing}.",
                f"Look at {page}; then update Twofold, or choose another model.",
            )
        if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return ModelDamaged(
                f"A file of “{repository}” is shorter than the hub says.",
                "Nothing was installed. Try again later; if you use a mirror, try the public hub.",
            )
        busy = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
        if status in busy or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            why = "is asked too often" if status == HTTPStatus.TOO_MANY_REQUESTS else "has trouble"
            after = answer.headers.get("Retry-After", "")
            return Lapse(
                InstallFailed(f"“{self._host}” {why} (status {status}).", RUN_AGAIN),
                float(after) if after.isdecimal() else 0.0,
            )
        return InstallFailed(
            f"“{self._host}” refused the request (status {status}).", BRING_INSTEAD
        )


def _hub_file(sibling: _Sibling) -> HubFile | None:
    """None for a file that cannot be checked: the hub gives no size, or no hash."""
    if sibling.lfs is not None:
        return HubFile(sibling.rfilename, sibling.lfs.size, sibling.lfs.sha256.lower(), "")
    if sibling.size is None or not sibling.blob_id:
        return None
    return HubFile(sibling.rfilename, sibling.size, "", sibling.blob_id.lower())


def _first_byte(answer: httpx2.Response, asked: int) -> int:
    """Offset of the first byte of the body. Raises Lapse when it is not one we can use."""
    if answer.status_code == HTTPStatus.OK:
        return 0
    told = answer.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    if not asked or told != str(asked):
        raise Lapse(InstallFailed("The hub sent another part than was asked for.", RUN_AGAIN))
    return asked


def _root(error: BaseException) -> BaseException:
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    return error


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
