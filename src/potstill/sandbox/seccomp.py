"""The system calls that a program in a sandbox may not make, as a BPF program for the kernel.

Everything else is allowed up to the newest call that this list knows; calls that came later, and
those of other ABIs, are refused. The layout of the data that a filter sees and its return values
are those of `linux/seccomp.h` and `linux/filter.h`; numbers are those of the kernel's tables.
"""

import errno
import platform
import struct
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_LOAD, _EQUAL, _GREATER_EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE = 0, 4
"""Offsets in `struct seccomp_data`; the arguments follow, eight bytes each, from 16 on."""

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_FIRST_UNKNOWN = 468
"""Calls from this number on came later than this list (it ends in Linux 6.15)."""

_NAMESPACES = 0x7E020080
"""Flags of clone for new namespaces: time, mount, cgroup, uts, ipc, user, pid, net."""
_AF_UNIX = 1
_TERMINAL = (0x5412, 0x541C, 0x5423)
"""TIOCSTI and TIOCLINUX, which type into a terminal, and TIOCSETD."""

# Name: number on x86_64, number on aarch64 (None where there is none).
_DENIED: Mapping[str, tuple[int | None, int | None]] = {
    # Sockets: even those of AF_UNIX reach what is outside by abstract names.
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    # Namespaces and mounts.
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    # Other processes.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    # Doors to the kernel that programs don't need and attackers do.
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "seccomp": (317, 277),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "lookup_dcookie": (212, 18),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "vmsplice": (278, 75),
    "mknod": (133, None),
    "mknodat": (259, 33),
    # Memory and messages that no limit of a process counts, and that outlive it.
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmctl": (31, 195),
    "shmat": (30, 196),
    "semget": (64, 190),
    "semctl": (66, 191),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgctl": (71, 187),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # The machine as a whole.
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "personality": (135, 92),
    "modify_ldt": (154, None),
    "iopl": (172, None),
    "ioperm": (173, None),
    "uselib": (134, None),
    "_sysctl": (156, None),
    "ustat": (136, None),
    "sysfs": (139, None),
    "nfsservctl": (180, 42),
}
_MISSING = ("clone3",)
"""Refused as if the kernel lacked it: the C library then uses clone, whose flags can be seen."""
_NUMBERS: Mapping[str, tuple[int, int]] = {
    "clone": (56, 220),
    "clone3": (435, 435),
    "socketpair": (53, 199),
    "ioctl": (16, 29),
    "prlimit64": (302, 261),
    "sched_setaffinity": (203, 122),
}


class _Step(NamedTuple):
    """One instruction of BPF; jumps count the instructions that are left out."""

    code: int
    value: int
    if_true: int = 0
    if_false: int = 0


def machine_supported() -> bool:
    """Return whether there is a filter for this machine's processor."""
    return platform.machine() in _AUDIT


def filter_program(machine: str | None = None) -> bytes:
    """Return the filter for a processor, `x86_64` or `aarch64`; this machine's if None.

    Raises:
        KeyError: There is none for that processor.
    """
    machine = machine or platform.machine()
    column = list(_AUDIT).index(machine) if machine in _AUDIT else -1
    steps = [
        _Step(_LOAD, _ARCHITECTURE),
        _Step(_EQUAL, _AUDIT[machine], if_true=1),
        _Step(_RETURN, _KILL),
        _Step(_LOAD, _NUMBER),
        *_refuse(_GREATER_EQUAL, _FIRST_UNKNOWN, errno.ENOSYS),
    ]
    for name in _MISSING:
        steps += _refuse(_EQUAL, _NUMBERS[name][column], errno.ENOSYS)
    for numbers in _DENIED.values():
        if (number := numbers[column]) is not None:
            steps += _refuse(_EQUAL, number, errno.EPERM)
    steps += _argument(_NUMBERS["clone"][column], 0, _if_any_bit(_NAMESPACES))
    steps += _argument(_NUMBERS["socketpair"][column], 0, _unless([_AF_UNIX]))
    steps += _argument(_NUMBERS["prlimit64"][column], 0, _unless([0]))
    steps += _argument(_NUMBERS["sched_setaffinity"][column], 0, _unless([0]))
    steps += _argument(_NUMBERS["ioctl"][column], 1, _if_one_of(_TERMINAL))
    steps.append(_Step(_RETURN, _ALLOW))
    return b"".join(struct.pack("=HBBI", s.code, s.if_true, s.if_false, s.value) for s in steps)


def _refuse(test: int, value: int, error: int) -> list[_Step]:
    return [_Step(test, value, if_false=1), _Step(_RETURN, _ERRNO | error)]


def _argument(number: int, position: int, rest: list[_Step]) -> list[_Step]:
    """Return a test of the lower half of an argument of one call.

    The kernel takes all of these arguments as 32 bits. `rest` ends in a refusal or jumps to the
    end; what follows loads nothing before its own test, so the number is loaded again.
    """
    load = _Step(_LOAD, 16 + 8 * position)
    return [
        _Step(_EQUAL, number, if_false=len(rest) + 2),
        load,
        *rest,
        _Step(_LOAD, _NUMBER),
    ]


def _if_any_bit(bits: int) -> list[_Step]:
    return _refuse(_ANY_BIT, bits, errno.EPERM)


def _if_one_of(values: Iterable[int]) -> list[_Step]:
    return [step for value in values for step in _refuse(_EQUAL, value, errno.EPERM)]


def _unless(values: list[int]) -> list[_Step]:
    jumps = [_Step(_EQUAL, value, if_true=len(values) - i) for i, value in enumerate(values)]
    return [*jumps, _Step(_RETURN, _ERRNO | errno.EPERM)]
