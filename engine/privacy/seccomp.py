"""The second layer on Linux: a system-call filter that refuses to make any socket.

A seccomp filter of a few dozen instructions, needing no privilege, inherited by every child and
never removable. `socket()` fails with EPERM for every family; so does what could make or fetch
a socket another way. A connected pair of stream sockets within the process (`socketpair`) and
pipes go on working: they lead nowhere else. Numbers: Linux `asm/unistd_64.h` (x86-64) and
`asm-generic/unistd.h` (arm64); program format: `linux/filter.h`, `linux/seccomp.h`.
"""

from __future__ import annotations

import ctypes
import errno
import os

from engine.privacy import kernel

#: system call -> number, by machine
_NUMBERS: dict[str, dict[str, int]] = {
    "x86_64": {
        # making and using sockets
        "socket": 41,
        "connect": 42,
        "accept": 43,
        "bind": 49,
        "listen": 50,
        "accept4": 288,
        # a ring carries out socket calls that no filter sees
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "io_uring_register": 427,
        # a socket, or the wish for one, through another process or namespace
        "pidfd_getfd": 438,
        "ptrace": 101,
        "process_vm_writev": 311,
        "setns": 308,
    },
    "aarch64": {
        "socket": 198,
        "connect": 203,
        "accept": 202,
        "bind": 200,
        "listen": 201,
        "accept4": 242,
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "io_uring_register": 427,
        "pidfd_getfd": 438,
        "ptrace": 117,
        "process_vm_writev": 271,
        "setns": 268,
    },
}
_SOCKETPAIR = {"x86_64": 53, "aarch64": 199}
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000  # x86-64 calls with 32-bit pointers carry their numbers above this

_SET_MODE_FILTER = 1
_TSYNC = 1  # the filter holds for threads that already run, too
_SPEC_ALLOW = 4  # or else kernels before 5.16 slow down everything under a filter

_LOAD, _AND, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM

# offsets into struct seccomp_data; the low halves of its 64-bit arguments
_AT_NUMBER, _AT_MACHINE, _AT_ARGUMENT_0, _AT_ARGUMENT_1 = 0, 4, 16, 24

_AF_UNIX, _SOCK_STREAM, _SOCK_SEQPACKET, _TYPE_MASK = 1, 1, 5, 0xF

#: one instruction: operation, operand, and the label to go on at if it is so and if not
_Step = tuple[int, int, str, str]


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("operand", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (
        ("length", ctypes.c_uint16),
        ("instructions", ctypes.POINTER(_Instruction)),
    )


def install() -> str:
    """Puts the filter in place for good. Returns "" or, in a sentence, why not."""
    machine = os.uname().machine
    if machine not in _NUMBERS or ctypes.sizeof(ctypes.c_void_p) != 8:
        return f"The system-call filter is not made for this kind of processor ({machine})."
    problem = kernel.refuse_new_privileges()
    if problem:
        return f"The kernel did not promise to grant no privilege ({kernel.in_words(problem)})."
    instructions = assemble(machine)
    program = _Program(len(instructions), instructions)
    result = _set_filter(machine, program, _TSYNC | _SPEC_ALLOW)
    if result < 0 and ctypes.get_errno() == errno.EINVAL:  # kernels before 4.17
        result = _set_filter(machine, program, _TSYNC)
    if result > 0:
        return "Another thread of this process lives under a filter of its own."
    if result < 0:
        return f"The kernel did not take the system-call filter ({_why(ctypes.get_errno())})."
    return ""


def _set_filter(machine: str, program: _Program, flags: int) -> int:
    """As seccomp(2) answers: 0, -1 with errno, or the number of a thread in the way."""
    call = kernel.c_library().syscall
    call.restype = ctypes.c_long
    return int(
        call(
            ctypes.c_long(_SECCOMP[machine]),
            ctypes.c_long(_SET_MODE_FILTER),
            ctypes.c_long(flags),
            ctypes.byref(program),
        )
    )


def filter_count(status: dict[str, str]) -> int:
    """Filters this process lives under, by /proc/self/status; 0 or 1 on kernels before 5.9."""
    filtered = status.get("Seccomp") == "2"
    return int(status.get("Seccomp_filters", "1")) if filtered else 0


def assemble(machine: str) -> ctypes.Array[_Instruction]:
    """The filter: other ABIs and the listed calls are refused; stream pairs and the rest pass.

    machine: "x86_64" or "aarch64", as `os.uname` names it.
    """
    program: list[tuple[str, _Step]] = [
        ("", (_LOAD, _AT_MACHINE, "", "")),
        ("", (_JUMP_EQUAL, _AUDIT_ARCH[machine], "", "refuse")),
        ("", (_LOAD, _AT_NUMBER, "", "")),
    ]
    if machine == "x86_64":
        program.append(("", (_JUMP_AT_LEAST, _X32_BIT, "refuse", "")))
    program.extend(
        ("", (_JUMP_EQUAL, number, "refuse", "")) for number in _NUMBERS[machine].values()
    )
    program += [
        ("", (_JUMP_EQUAL, _SOCKETPAIR[machine], "", "allow")),
        # Datagram sockets are refused even as a pair: they can be pointed at any UNIX path.
        ("", (_LOAD, _AT_ARGUMENT_0, "", "")),
        ("", (_JUMP_EQUAL, _AF_UNIX, "", "refuse")),
        ("", (_LOAD, _AT_ARGUMENT_1, "", "")),
        ("", (_AND, _TYPE_MASK, "", "")),
        ("", (_JUMP_EQUAL, _SOCK_STREAM, "allow", "")),
        ("", (_JUMP_EQUAL, _SOCK_SEQPACKET, "allow", "refuse")),
        ("allow", (_RETURN, _ALLOW, "", "")),
        ("refuse", (_RETURN, _REFUSE, "", "")),
    ]
    places = {label: place for place, (label, _) in enumerate(program) if label}
    assembled = (_Instruction * len(program))()
    for here, (_, (code, operand, if_true, if_false)) in enumerate(program):
        # Jumps count the instructions between; no label goes on with the next one.
        assembled[here] = _Instruction(
            code,
            places[if_true] - here - 1 if if_true else 0,
            places[if_false] - here - 1 if if_false else 0,
            operand,
        )
    return assembled


def _why(problem: int) -> str:
    if problem in (errno.ENOSYS, errno.EINVAL):
        return "it was built without seccomp filters"
    return kernel.in_words(problem)
