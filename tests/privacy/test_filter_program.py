"""The system-call filter, run by an interpreter of its own: also for the processor not at hand.

Numbers here are written out from the kernel's tables a second time, on purpose.
"""

from __future__ import annotations

import pytest

from engine.privacy import seccomp

ALLOWED, REFUSED = 0x7FFF0000, 0x00050001  # RET_ALLOW; RET_ERRNO with EPERM
ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
I386, ARM = 0x40000003, 0x40000028
OPEN_FILE = {"x86_64": 257, "aarch64": 56}  # openat
SOCKETPAIR = {"x86_64": 53, "aarch64": 199}
REFUSED_CALLS = {
    # socket connect accept bind listen accept4 ptrace writev setns, rings, pidfd_getfd
    "x86_64": (41, 42, 43, 49, 50, 288, 101, 311, 308, 425, 426, 427, 438),
    "aarch64": (198, 203, 202, 200, 201, 242, 117, 271, 268, 425, 426, 427, 438),
}
#: read write close sendto recvfrom sendmsg recvmsg clone execve futex
PASSING_CALLS = {
    "x86_64": (0, 1, 3, 44, 45, 46, 47, 56, 59, 202, 435),
    "aarch64": (63, 64, 57, 206, 207, 211, 212, 220, 221, 98, 435),
}
AF_UNIX, AF_INET, AF_TIPC = 1, 2, 30
STREAM, DATAGRAM, RAW, SEQUENCED = 1, 2, 3, 5
CLOSE_ON_EXEC, NON_BLOCKING = 0o2000000, 0o4000


def decide(machine: str, arch: int, number: int, *arguments: int) -> int:
    """What the filter answers to one system call; classic BPF as the kernel runs it."""
    words = {0: number, 4: arch} | {16 + 8 * i: value for i, value in enumerate(arguments)}
    program, here, value = seccomp.assemble(machine), 0, 0
    while True:
        step = program[here]
        here += 1
        match step.code:
            case 0x20:
                value = words[step.operand]
            case 0x54:
                value &= step.operand
            case 0x15:
                here += step.if_true if value == step.operand else step.if_false
            case 0x35:
                here += step.if_true if value >= step.operand else step.if_false
            case 0x06:
                return int(step.operand)
            case unknown:
                raise AssertionError(f"no such instruction: {unknown:#x}")


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
class TestFilter:
    def test_calls_that_reach_for_a_socket_are_refused(self, machine: str) -> None:
        for number in REFUSED_CALLS[machine]:
            assert decide(machine, ARCH[machine], number, AF_INET, STREAM) == REFUSED, number

    def test_all_other_calls_pass(self, machine: str) -> None:
        for number in (*PASSING_CALLS[machine], OPEN_FILE[machine]):
            assert decide(machine, ARCH[machine], number, 0, 0) == ALLOWED, number

    @pytest.mark.parametrize("kind", [STREAM, SEQUENCED])
    @pytest.mark.parametrize("flags", [0, CLOSE_ON_EXEC, CLOSE_ON_EXEC | NON_BLOCKING])
    def test_connected_local_pairs_pass(self, machine: str, kind: int, flags: int) -> None:
        pair = SOCKETPAIR[machine]
        assert decide(machine, ARCH[machine], pair, AF_UNIX, kind | flags) == ALLOWED

    @pytest.mark.parametrize(
        ("family", "kind"),
        [(AF_UNIX, DATAGRAM), (AF_UNIX, RAW), (AF_TIPC, STREAM), (AF_INET, STREAM)],
    )
    def test_pairs_that_could_be_pointed_elsewhere_are_refused(
        self, machine: str, family: int, kind: int
    ) -> None:
        pair = SOCKETPAIR[machine]
        assert decide(machine, ARCH[machine], pair, family, kind | CLOSE_ON_EXEC) == REFUSED

    def test_every_call_of_another_abi_is_refused(self, machine: str) -> None:
        others = {I386, ARM, *ARCH.values()} - {ARCH[machine]}
        for arch in others:
            for number in (0, 1, 102, 281, 359, OPEN_FILE[machine]):
                assert decide(machine, arch, number, AF_INET, STREAM) == REFUSED


def test_the_x32_table_is_refused_whole() -> None:
    for number in (0, 41, 42, 257):
        arch = ARCH["x86_64"]
        assert decide("x86_64", arch, 0x40000000 | number, AF_INET, STREAM) == REFUSED
