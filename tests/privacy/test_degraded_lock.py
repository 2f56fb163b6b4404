"""Where one layer is forbidden the other still holds, and the answer says so."""

from __future__ import annotations

import errno
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's layers are Linux's")

UNSHARE = {"x86_64": 272, "aarch64": 97}
SECCOMP = {"x86_64": 317, "aarch64": 277}

REPORT = """
layers = privacy.lock_network()
checks = {c.name: [c.ok, c.text, c.hint] for c in privacy.status()}
tried = {one.name: [one.ok, one.step, one.errno] for one in privacy.attempt(int(sys.argv[1]))}
tell(layers=layers, checks=checks, tried=tried, user=os.getuid())
"""


@pytest.fixture
def port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


def forbidding(numbers: dict[str, int], problem: int) -> str:
    return f"become_ordinary()\nforbid({numbers}[platform.machine()], {problem})\n"


def test_without_namespaces_the_filter_holds(script: Any, port: str) -> None:
    told = script(forbidding(UNSHARE, errno.EPERM) + REPORT, port)
    assert told["layers"] == ["seccomp", "audit"]
    holds, text, hint = told["checks"]["namespace"]
    assert not holds
    assert "forbidden" in text
    assert "Operation not permitted" in text
    assert "nothing needs to be done" in hint
    assert all(refused and step == "socket" for refused, step, _ in told["tried"].values())


@pytest.mark.usefixtures("user_namespaces")
def test_without_filters_the_namespace_holds(script: Any, port: str) -> None:
    told = script(forbidding(SECCOMP, errno.ENOSYS) + REPORT, port)
    assert told["layers"] == ["namespace", "audit"]
    assert "built without seccomp" in told["checks"]["seccomp"][1]
    tried = told["tried"]
    assert tried["TCP over IPv4"] == [True, "connect", errno.ENETUNREACH]
    assert tried["UDP over IPv4, to the outside"] == [True, "connect", errno.ENETUNREACH]
    assert tried["TCP over IPv6"][0]
    assert tried["local socket"][0] is False  # said as it is: a namespace does not stop these


def test_with_neither_only_the_tripwire_is_claimed(script: Any, port: str) -> None:
    told = script(
        forbidding(UNSHARE, errno.EPERM) + forbidding(SECCOMP, errno.EPERM) + REPORT, port
    )
    assert told["layers"] == ["audit"]
    assert told["tried"]["TCP over IPv4"][0] is False
    assert "firewall" in told["checks"]["audit"][2]


def test_a_filter_of_a_container_is_not_taken_for_ours(script: Any) -> None:
    told = script(
        f"forbid({UNSHARE}[platform.machine()], 1)\n"
        "tell(holds=[c.ok for c in privacy.status()], words=[c.text for c in privacy.status()])"
    )
    assert told["holds"] == [False, False, False]
    assert set(told["words"]) == {"This process did not lock the network."}


def test_a_limit_of_no_namespaces_is_named(script: Any, port: str) -> None:
    """As where an administrator has set user.max_user_namespaces to 0."""
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare")
    shut = (
        "unshare", "--user", "--map-root-user", "--net", "/bin/sh", "-c",
        'echo 0 >/proc/sys/user/max_user_namespaces && echo 0 >/proc/sys/user/max_net_namespaces'
        ' && exec "$@"', "sh",
    )  # fmt: skip
    if subprocess.run([*shut, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("user namespaces are not available to the test")
    told = script(REPORT, port, under=shut)
    assert told["layers"] == ["seccomp", "audit"]
    assert "switched off" in told["checks"]["namespace"][1]
    assert all(refused for refused, _, _ in told["tried"].values())


def test_threads_that_already_run_are_no_way_out(script: Any, port: str) -> None:
    """Too late for the namespace, but the filter reaches every thread there is."""
    told = script(
        """
begin, end, seen = threading.Event(), threading.Event(), []
def later():
    begin.wait()
    seen.append(c_socket(2, 1))
    end.set()
threading.Thread(target=later, daemon=True).start()
layers = privacy.lock_network()
begin.set()
end.wait()
tell(layers=layers, seen=seen, why=privacy.status()[0].text)
""",
        port,
    )
    assert told["layers"] == ["seccomp", "audit"]
    assert told["seen"] == [errno.EPERM]
    assert "threads" in told["why"]


def test_the_tripwire_alone_stops_python_and_lets_pairs_pass(script: Any) -> None:
    told = script(
        """
privacy.audit_only()
def refused(reach):
    try:
        reach()
    except PermissionError as error:
        return "Twofold" in str(error)
    return False
path = tempfile.mktemp()
server = socket.socket(socket.AF_UNIX)
tell(
    inet=refused(lambda: socket.socket()),
    names=refused(lambda: socket.getaddrinfo("localhost", 1)),
    unix=refused(lambda: server.connect("/nowhere")),
    bind=refused(lambda: server.bind(path)),
    pair=len(socket.socketpair()),
    name=bool(socket.gethostname()),
)
"""
    )
    assert told == {
        "inet": True, "names": True, "unix": True, "bind": True, "pair": 2, "name": True,
    }  # fmt: skip


def test_libraries_and_children_are_told_to_stay_offline(script: Any) -> None:
    told = script(
        """
os.environ["HF_HUB_OFFLINE"] = "0"
privacy.set_offline_switches()
child = subprocess.run(["/usr/bin/env"], capture_output=True, text=True).stdout.splitlines()
tell(missing=[f"{n}={v}" for n, v in privacy.OFFLINE_SWITCHES.items() if f"{n}={v}" not in child],
     names=sorted(privacy.OFFLINE_SWITCHES))
"""
    )
    assert told["missing"] == []
    assert {"DO_NOT_TRACK", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"} <= set(told["names"])
