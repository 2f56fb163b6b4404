"""After the lock nothing of the network is left, and everything else still works."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's layers are Linux's")


@pytest.fixture(params=["this user", "an ordinary user"])
def become(request: pytest.FixtureRequest) -> str:
    return "become_ordinary()\n" if request.param == "an ordinary user" else ""


@pytest.fixture
def listener() -> Iterator[int]:
    """The port of somebody who listens on this machine, outside the lock."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.usefixtures("user_namespaces")
def test_both_layers_of_the_kernel_hold_here(script: Any, become: str) -> None:
    told = script(
        become
        + """
layers = privacy.lock_network()
tell(layers=layers, again=privacy.lock_network(), checks=[c.ok for c in privacy.status()])
"""
    )
    assert told["layers"] == ["namespace", "seccomp", "audit"]
    assert told["again"] == told["layers"]
    assert told["checks"] == [True, True, True]


def test_no_socket_of_any_family_can_be_opened(script: Any, become: str) -> None:
    told = script(
        become
        + """
privacy.lock_network()
families, kinds = range(50), (1, 2, 3, 5)  # Linux has 46; stream, datagram, raw, in sequence
tell(by_c=[c_socket(family, kind) for family in families for kind in kinds])
"""
    )
    assert set(told["by_c"]) == {errno.EPERM}


def test_python_is_told_why_in_words(script: Any) -> None:
    told = script(
        """
privacy.lock_network()
refused = []
for reach in (
    lambda: socket.socket(socket.AF_INET),
    lambda: socket.create_connection(("127.0.0.1", 9)),
    lambda: socket.getaddrinfo("localhost", 80),
    lambda: socket.gethostbyname("localhost"),
):
    try:
        reach()
    except PermissionError as error:
        refused.append(str(error))
tell(refused=refused)
"""
    )
    assert len(told["refused"]) == 4
    assert all("Twofold never uses the network" in words for words in told["refused"])


def test_a_real_attempt_is_refused_at_every_step(script: Any, become: str, listener: int) -> None:
    source = "tell(tried=[one._asdict() for one in privacy.attempt(int(sys.argv[1]))])"
    open_before = script(become + source, str(listener))["tried"]
    locked = script(become + "privacy.lock_network()\n" + source, str(listener))["tried"]

    assert {one["name"]: one["ok"] for one in open_before}["TCP over IPv4"] is False
    assert len(locked) == len(open_before) == 7
    assert all(one["ok"] and one["step"] == "socket" for one in locked), locked
    assert all("Operation not permitted" in one["text"] for one in locked)


def test_the_ways_around_a_socket_call_are_shut(script: Any) -> None:
    told = script(
        """
privacy.lock_network()
x86 = platform.machine() == "x86_64"
setns, pidfd_getfd, vm_writev = (308, 438, 311) if x86 else (268, 438, 271)
calls = {"io_uring_setup": 425, "io_uring_enter": 426, "pidfd_getfd": pidfd_getfd,
         "setns": setns, "process_vm_writev": vm_writev}
if x86:
    calls["x32 socket"] = 0x40000000 | 41
def answer(number):
    ctypes.set_errno(0)
    libc.syscall(ctypes.c_long(number), 2, 1, 0, 0, 0, 0)
    return ctypes.get_errno()
pairs = {}
for name, family, kind in (("unix datagram", 1, 2), ("unix raw", 1, 3), ("tipc", 30, 5)):
    two = (ctypes.c_int * 2)()
    pairs[name] = 0 if libc.socketpair(family, kind, 0, two) == 0 else ctypes.get_errno()
tell(calls={name: answer(number) for name, number in calls.items()}, pairs=pairs)
"""
    )
    assert set(told["calls"].values()) == {errno.EPERM}, told["calls"]
    assert set(told["pairs"].values()) == {errno.EPERM}, told["pairs"]


def test_the_32_bit_entrance_is_shut(script: Any) -> None:
    """int 0x80 reaches the kernel's i386 table, where socket() has another number."""
    told = script(
        """
if platform.machine() != "x86_64":
    tell(answer="not this machine")
    raise SystemExit
code = (b"\\x53\\xb8\\x67\\x01\\x00\\x00"          # push rbx; mov eax, 359 (i386 socket)
        b"\\xbb\\x02\\x00\\x00\\x00\\xb9\\x01\\x00\\x00\\x00"  # mov ebx, AF_INET; mov ecx, STREAM
        b"\\x31\\xd2\\xcd\\x80\\x5b\\xc3")            # xor edx, edx; int 0x80; pop rbx; ret
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(code)
at = ctypes.addressof(ctypes.c_char.from_buffer(page))
privacy.lock_network()
read, write = os.pipe()
child = os.fork()
if child == 0:  # without the 32-bit table at all the processor answers by a signal
    os.write(write, str(ctypes.CFUNCTYPE(ctypes.c_int)(at)()).encode())
    os._exit(0)
os.close(write)
answer = os.read(read, 20).decode()
os.waitpid(child, 0)
tell(answer=answer)
"""
    )
    assert told["answer"] in (str(-errno.EPERM), "", "not this machine")


def test_children_inherit_the_lock(script: Any) -> None:
    told = script(
        """
privacy.lock_network()
source = (
    "import ctypes, os; c = ctypes.CDLL(None, use_errno=True); "
    "print([(c.socket(f, 1, 0), ctypes.get_errno()) for f in (1, 2, 10)], "
    "os.stat('/proc/self/ns/net').st_ino)"
)
child = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
tell(child=child.stdout.strip(), here=namespace.identity())
"""
    )
    assert told["child"] == f"[(-1, 1), (-1, 1), (-1, 1)] {told['here']}"


def test_files_belong_to_the_same_user_with_the_same_rights(
    script: Any, become: str, tmp_path: Path
) -> None:
    tmp_path.chmod(0o777)
    for above in tmp_path.parents:
        if above.owner() == tmp_path.owner() and above.name.startswith("pytest"):
            above.chmod(0o755)
    told = script(
        become
        + """
folder = Path(sys.argv[1]) / "own"
folder.mkdir()
(folder / "before").write_text("text")
(folder / "forbidden").write_text("text")
(folder / "forbidden").chmod(0)
def may(path):
    try:
        path.read_text()
        return True
    except PermissionError:
        return False
before = os.getuid(), os.geteuid(), os.getgid(), may(folder / "forbidden")
privacy.lock_network()
(folder / "before").write_text("changed")
(folder / "after").write_text("new")
after = os.getuid(), os.geteuid(), os.getgid(), may(folder / "forbidden")
owners = [(folder / name).stat().st_uid for name in ("before", "after")]
tell(before=before, after=after, owners=owners, text=(folder / "before").read_text())
""",
        str(tmp_path),
    )
    assert told["after"] == told["before"]  # the right to read a file of mode 0 included
    assert told["owners"] == [told["before"][0]] * 2
    assert told["text"] == "changed"
    assert (tmp_path / "own" / "after").stat().st_uid == told["before"][0]


def test_programs_pipes_pairs_and_threads_go_on_working(script: Any, become: str) -> None:
    told = script(
        become
        + """
privacy.lock_network()
program = subprocess.run(["/bin/cat"], input=b"through two pipes", capture_output=True).stdout
left, right = socket.socketpair()
left.sendall(b"through a pair")
sequenced = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
sequenced[0].send(b"in sequence")
read, write = os.pipe()
socket.send_fds(left, [b"!"], [write])
seen = []
threads = [threading.Thread(target=seen.append, args=(i,)) for i in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
blocked_in_thread = []
thread = threading.Thread(target=lambda: blocked_in_thread.append(c_socket(2, 1)))
thread.start()
thread.join()
tell(program=program.decode(), pair=right.recv(14).decode(),
     sequenced=sequenced[1].recv(99).decode(), handed=len(socket.recv_fds(right, 1, 1)[1]),
     threads=len(seen), in_thread=blocked_in_thread)
"""
    )
    assert told == {
        "program": "through two pipes",
        "pair": "through a pair",
        "sequenced": "in sequence",
        "handed": 1,
        "threads": 4,
        "in_thread": [errno.EPERM],
    }


def test_numpy_can_be_imported_and_computes_afterwards(script: Any) -> None:
    told = script(
        """
privacy.lock_network()
import numpy
tell(total=float(numpy.ones((300, 300)).dot(numpy.ones((300, 300))).sum()))
"""
    )
    assert told["total"] == 300.0**3


def test_sockets_handed_down_from_outside_are_shut(script: Any, listener: int) -> None:
    told = script(
        """
port = int(sys.argv[1])
outward = socket.create_connection(("127.0.0.1", port))
local, other = socket.socketpair()
datagram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
privacy.lock_network()
def is_null(number):
    return os.path.realpath(f"/proc/self/fd/{number}") == "/dev/null"
local.sendall(b"still here")
tell(outward=is_null(outward.fileno()), datagram=is_null(datagram.fileno()),
     local=other.recv(99).decode())
os._exit(0) if not sys.stdout.flush() else None
""",
        str(listener),
    )
    assert told == {"outward": True, "datagram": True, "local": "still here"}


@pytest.mark.usefixtures("user_namespaces")
def test_it_holds_where_the_end_of_children_is_ignored(script: Any) -> None:
    """A parent may hand that down, and then no child can be waited for."""
    told = script(
        """
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
become_ordinary()
tell(layers=privacy.lock_network())
"""
    )
    assert told["layers"] == ["namespace", "seccomp", "audit"]


def test_it_costs_nothing_to_import(script: Any) -> None:
    """Only the standard library is there when the network is given up."""
    told = script(
        """
loaded = subprocess.run(
    [sys.executable, "-c", "import sys; before = set(sys.modules); import engine.privacy; "
     "print(*(set(sys.modules) - before))"], capture_output=True, text=True).stdout.split()
allowed = sys.stdlib_module_names | {"engine"}
tell(strangers=[name for name in loaded if name.split(".")[0] not in allowed],
     heavy=[name for name in loaded if name in ("socket", "ssl", "asyncio", "subprocess",
                                                "multiprocessing", "dataclasses")])
"""
    )
    assert told == {"strangers": [], "heavy": []}
