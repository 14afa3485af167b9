"""The filter, run by an interpreter of its instructions."""

import errno
import struct

import pytest

from potstill.sandbox.seccomp import filter_program

AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOW, KILL = 0x7FFF0000, 0x80000000


def answer(machine: str, number: int, *args: int, audit: int | None = None) -> int | str:
    """Return what the kernel would: "allow", "kill", or the error."""
    code = filter_program(machine)
    data = struct.pack("=IIQ6Q", number, audit or AUDIT[machine], 0, *args, *[0] * (6 - len(args)))
    steps = list(struct.iter_unpack("=HBBI", code))
    position = register = 0
    while True:
        code, if_true, if_false, value = steps[position]
        position += 1
        if code == 0x20:
            register = struct.unpack_from("=I", data, value)[0]
        elif code == 0x06:
            return {ALLOW: "allow", KILL: "kill"}.get(value, value & 0xFFFF)
        else:
            true = {0x15: register == value, 0x35: register >= value, 0x45: register & value}[code]
            position += if_true if true else if_false


@pytest.mark.parametrize(
    ("machine", "numbers"),
    [
        ("x86_64", {"read": 0, "clone": 56, "fork": 57, "execve": 59, "futex": 202, "mmap": 9}),
        ("aarch64", {"read": 63, "clone": 220, "execve": 221, "futex": 98, "mmap": 222}),
    ],
)
def test_what_programs_need_is_allowed(machine, numbers):
    for number in numbers.values():
        assert answer(machine, number) == "allow"
    assert answer(machine, numbers["clone"], 0x003D0F00) == "allow"  # a thread


@pytest.mark.parametrize(
    ("machine", "numbers"),
    [
        ("x86_64", [41, 42, 49, 101, 165, 161, 272, 308, 321, 298, 425, 250, 323, 310, 319, 29]),
        ("aarch64", [198, 203, 200, 117, 40, 51, 97, 268, 280, 241, 425, 219, 282, 270, 279, 194]),
    ],
)
def test_what_attackers_need_is_refused(machine, numbers):
    for number in numbers:
        assert answer(machine, number) == errno.EPERM


@pytest.mark.parametrize(
    ("machine", "clone", "pair", "ioctl", "limits", "cores"),
    [("x86_64", 56, 53, 16, 302, 203), ("aarch64", 220, 199, 29, 261, 122)],
)
def test_arguments_are_looked_at(machine, clone, pair, ioctl, limits, cores):
    for flag in (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x40000000):
        assert answer(machine, clone, flag | 17) == errno.EPERM
    assert answer(machine, pair, 1) == "allow"
    assert answer(machine, pair, 2) == errno.EPERM
    assert answer(machine, ioctl, 0, 0x5412) == errno.EPERM
    assert answer(machine, ioctl, 0, 0xFFFFFFFF_00005412) == errno.EPERM
    assert answer(machine, ioctl, 0, 0x5413) == "allow"
    for number in (limits, cores):
        assert answer(machine, number, 0) == "allow"
        assert answer(machine, number, 1) == errno.EPERM


@pytest.mark.parametrize("machine", list(AUDIT))
def test_other_tables_and_newer_calls(machine):
    assert answer(machine, 0, audit=0x40000003) == "kill"
    assert answer(machine, 435) == errno.ENOSYS
    assert answer(machine, 600) == errno.ENOSYS
    assert answer(machine, 0x40000000) == errno.ENOSYS  # the x32 table


def test_processor_without_a_filter():
    with pytest.raises(KeyError):
        filter_program("riscv64")
