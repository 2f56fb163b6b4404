"""Runs scripts in processes of their own: a lock, once on, never comes off."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

#: what every script may use; everything is imported before the user changes, because the
#: interpreter's own folder may be closed to an ordinary user
PREAMBLE = """
import ctypes, errno, json, mmap, os, platform, socket, sqlite3, struct, subprocess, sys
import tempfile, threading
from pathlib import Path
import engine.privacy as privacy
from engine.privacy import attempt, kernel, lock, namespace, seccomp

libc = ctypes.CDLL(None, use_errno=True)

def become_ordinary():
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        libc.prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE, as any process started by that user is

def forbid(number, problem):
    # A sandbox around us, as a container's: one system call answers with an errno.
    class Instruction(ctypes.Structure):
        _fields_ = [("code", ctypes.c_uint16), ("t", ctypes.c_uint8),
                    ("f", ctypes.c_uint8), ("k", ctypes.c_uint32)]
    class Program(ctypes.Structure):
        _fields_ = [("n", ctypes.c_uint16), ("at", ctypes.POINTER(Instruction))]
    steps = (Instruction * 4)(
        Instruction(0x20, 0, 0, 0), Instruction(0x15, 0, 1, number),
        Instruction(0x06, 0, 0, 0x50000 | problem), Instruction(0x06, 0, 0, 0x7FFF0000))
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, ctypes.byref(Program(4, steps)), 0, 0) == 0

def c_socket(family, kind):
    # Straight to the C library: Python's audit hook sees nothing of it.
    number = libc.socket(family, kind, 0)
    if number >= 0:
        os.close(number)
        return 0
    return ctypes.get_errno()

def tell(**facts):
    print(json.dumps(facts, default=str))
"""

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def script() -> Run:
    """script(source, *arguments, under=()) -> what the script told.

    under: a command line to run Python under. A failing script fails the test with its output.
    """

    def run(source: str, *arguments: str, under: tuple[str, ...] = ()) -> dict[str, Any]:
        command = [*under, sys.executable, "-c", PREAMBLE + source, *arguments]
        done = subprocess.run(
            command,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), *sys.path])},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer

    return run


@pytest.fixture
def user_namespaces() -> None:
    """Skips where the system forbids ordinary users a namespace, as some containers do."""
    probe = (
        "import ctypes, os\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "raise SystemExit(ctypes.CDLL(None).unshare(0x10000000 | 0x40000000) != 0)\n"
    )
    if subprocess.run([sys.executable, "-c", probe], check=False).returncode != 0:
        pytest.skip("this system forbids user namespaces")
