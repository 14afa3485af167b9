"""Programs try to reach what is outside of their sandbox; each finds one door closed."""

import platform

import pytest

LIBC = "import ctypes\nl = ctypes.CDLL(None, use_errno=True)\ne = ctypes.get_errno\n"
TRY = (
    "def t(f, *a, **k):\n  try: f(*a, **k); return 'done'\n  except OSError as x: return x.errno\n"
)

# What it covers: the program, and what it prints where it is held.
CLOSED = {
    "root by setuid": ("import os\nprint(t(os.setuid, 0), t(os.setgid, 0))", "22 22\n"),
    "root by setresuid": ("import os\nprint(t(os.setresuid, 0, 0, 0))", "22\n"),
    "groups": ("import os\nprint(t(os.setgroups, [0]))", "1\n"),
    "device by mknod": (
        "import os, stat\nprint(t(os.mknod, '/tmp/d', 0o666 | stat.S_IFBLK, os.makedev(8, 0)))",
        "1\n",
    ),
    "mount": (LIBC + "print(l.mount(b'x', b'/tmp', b'tmpfs', 0, None), e())", "-1 1\n"),
    "unmount": (LIBC + "print(l.umount2(b'/proc/1', 2), e())", "-1 1\n"),
    "remount": (LIBC + "print(l.mount(None, b'/', None, 32 | 4096, None), e())", "-1 1\n"),
    "new kind of mount": (LIBC + "print(l.syscall(430, b'tmpfs', 0), e())", "-1 1\n"),
    "user namespace by unshare": (LIBC + "print(l.unshare(0x10000000), e())", "-1 1\n"),
    "user namespace by clone": (
        LIBC + "print(l.syscall(CLONE, 0x10000011, 0, 0, 0, 0), e())",
        "-1 1\n",
    ),
    "clone3": (LIBC + "print(l.syscall(435, 0, 0), e())", "-1 38\n"),
    "other namespace": (LIBC + "print(l.setns(0, 0), e())", "-1 1\n"),
    "another root": ("import os\nprint(t(os.chroot, '/tmp'))", "1\n"),
    "root of the first process": ("import os\nprint(t(os.listdir, '/proc/1/root'))", "13\n"),
    "memory of the first process": ("print(t(open, '/proc/1/mem', 'rb'))", "13\n"),
    "descriptors of the first process": ("import os\nprint(t(os.listdir, '/proc/1/fd'))", "13\n"),
    "limits of the first process": (
        "import resource\nprint(t(resource.prlimit, 1, resource.RLIMIT_NOFILE, (0, 0)))",
        "1\n",
    ),
    "priority of the first process": ("import os\nprint(t(os.setpriority, 0, 1, 19))", "1\n"),
    "cores of the first process": ("import os\nprint(t(os.sched_setaffinity, 1, {0}))", "1\n"),
    "scheduling of the first process": (
        "import os\nprint(t(os.sched_setscheduler, 1, 0, os.sched_param(0)))",
        "1\n",
    ),
    "higher limits": (
        "import resource\n"
        "try: resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))\n"
        "except ValueError: print('held')",
        "held\n",
    ),
    "ptrace": (LIBC + "import os\nprint(l.ptrace(16, os.getppid(), 0, 0), e())", "-1 1\n"),
    "memory of another process": (
        LIBC + "import os\nprint(l.process_vm_readv(os.getppid(), 0, 0, 0, 0, 0), e())",
        "-1 1\n",
    ),
    "descriptor of another process": (LIBC + "print(l.syscall(438, 0, 0, 0), e())", "-1 1\n"),
    "kernel's keys": (LIBC + "print(l.syscall(KEYCTL, 0, -3, 1), e())", "-1 1\n"),
    "bpf": (LIBC + "print(l.syscall(BPF, 0, 0, 0), e())", "-1 1\n"),
    "io_uring": (LIBC + "print(l.syscall(425, 1, 0), e())", "-1 1\n"),
    "call of a newer kernel": (LIBC + "print(l.syscall(480), e())", "-1 38\n"),
    "typing into a terminal": ("import fcntl\nprint(t(fcntl.ioctl, 0, 0x5412, b'x'))", "1\n"),
    "terminal": ("print(t(open, '/dev/tty'))", "2\n"),
    "new terminal": ("import os\nprint(t(os.openpty))", "2\n"),
    "anonymous file": ("import os\nprint(t(os.memfd_create, 'x'))", "1\n"),
    "shared memory of System V": (LIBC + "print(l.shmget(1, 4096, 0o1666), e())", "-1 1\n"),
    "message queue": (LIBC + "print(l.msgget(1, 0o1666), e())", "-1 1\n"),
    "semaphores that stay": (LIBC + "print(l.semget(1, 1, 0o1666), e())", "-1 1\n"),
    "locked memory": (LIBC + "print(l.mlockall(3))", "-1\n"),
    "every family of sockets": (
        "import socket\n"
        "def make(n):\n"
        "  for kind in (1, 2, 3, 5):\n"
        "    try: socket.socket(n, kind).close(); return 'open'\n"
        "    except OSError: pass\n"
        "print([n for n in range(48) if make(n)])",
        "[]\n",
    ),
    "pair of other sockets": ("import socket\nprint(t(socket.socketpair, socket.AF_INET))", "1\n"),
    "name service": (
        "import socket\nprint(t(socket.getaddrinfo, 'example.org', 80) != 'done')",
        "True\n",
    ),
    "hostname": (
        "import socket\nprint(t(socket.sethostname, 'x'), socket.gethostname())",
        "1 sandbox\n",
    ),
    "time of the machine": ("import time\nprint(t(time.clock_settime, 0, 0.0))", "1\n"),
    "environment": (
        "import os\nprint(sorted(os.environ))",
        "['HOME', 'LANG', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'PATH', 'PWD',"
        " 'PYTHONHASHSEED']\n",
    ),
    "other processes": (
        "import os\nprint(sorted(n for n in os.listdir('/proc') if n.isdigit())[0], os.getppid())",
        "1 1\n",
    ),
    "folders of the machine": (
        "import os\n"
        "print(sorted(set(os.listdir('/')) - {'bin', 'sbin', 'lib', 'lib64', 'lib32', 'libx32',"
        " 'usr', 'opt', 'nix'}))",
        "['dev', 'etc', 'proc', 'tmp']\n",
    ),
    "settings of the machine": (
        "import os\nprint([n for n in os.listdir('/etc') if n != 'ld.so.cache'])",
        "[]\n",
    ),
    "setuid programs": ("import os\nprint(os.path.exists('/usr/bin/su'))", "False\n"),
    "link to the outside": (
        "import os\nos.symlink('/etc/passwd', '/tmp/l')\nprint(t(open, '/tmp/l'))",
        "2\n",
    ),
    "core dump": (
        "import os, signal\n"
        "if not os.fork(): os.kill(os.getpid(), signal.SIGABRT)\n"
        "print(os.WCOREDUMP(os.wait()[1]), os.listdir('/tmp'))",
        "False []\n",
    ),
    "sparse file": (
        "import os\nf = open('/tmp/x', 'wb')\nprint(t(os.truncate, f.fileno(), 1 << 40))",
        "27\n",
    ),
    "full disk": (
        "n = 0\n"
        "try:\n"
        "  for i in range(100):\n"
        "    with open(f'/tmp/{i}', 'wb', 0) as f: n += f.write(bytes(1 << 20))\n"
        "except OSError as x: print(x.errno, n <= 16 << 20)",
        "28 True\n",
    ),
    "full shared memory": (
        "n = 0\n"
        "try:\n"
        "  for i in range(100):\n"
        "    with open(f'/dev/shm/{i}', 'wb', 0) as f: n += f.write(bytes(1 << 20))\n"
        "except OSError as x: print(x.errno, n <= 16 << 20)",
        "28 True\n",
    ),
    "every folder": (
        "import os\n"
        "found = []\n"
        "for path, folders, _ in os.walk('/'):\n"
        "  folders[:] = [f for f in folders if not f.isdigit() and 'self' not in f]\n"
        "  if path.count('/') > 3: folders.clear()\n"
        "  try: open(path + '/x', 'w').close(); found.append(path)\n"
        "  except OSError: pass\n"
        "print(sorted(found))",
        "['/dev/shm', '/tmp']\n",
    ),
    "every file": (
        "import os\n"
        "found = []\n"
        "for top in ('/proc', '/dev', '/usr/bin', '/etc'):\n"
        "  for path, folders, files in os.walk(top):\n"
        "    folders[:] = [f for f in folders if not f.isdigit() and 'self' not in f]\n"
        "    for f in {*files} - {'stdin', 'stdout', 'stderr'}:\n"
        "      try: os.close(os.open(path + '/' + f, os.O_WRONLY)); found.append(f)\n"
        "      except OSError: pass\n"
        "print(sorted(set(found)))",
        "['full', 'null', 'random', 'urandom', 'zero']\n",
    ),
    "threads without end": (
        "import _thread, time\n"
        "n = 0\n"
        "try:\n"
        "  for n in range(1000): _thread.start_new_thread(time.sleep, (9,))\n"
        "except (RuntimeError, MemoryError): print(n < 70)",
        "True\n",
    ),
    "processes by vfork": (
        "import subprocess\nprint(t(subprocess.run, ['/usr/bin/id']))",
        "2\n",
    ),
}
NUMBERS = {"x86_64": {"CLONE": "56", "KEYCTL": "250", "BPF": "321"},
           "aarch64": {"CLONE": "220", "KEYCTL": "219", "BPF": "280"}}  # fmt: skip


@pytest.mark.parametrize("door", CLOSED)
def test_door_is_closed(door, run):
    code, printed = CLOSED[door]
    for name, number in NUMBERS[platform.machine()].items():
        code = code.replace(name, number)
    ended = run(TRY + code)
    assert (ended.status, ended.stdout) == ("ok", printed), ended.stderr


def test_flood_of_errors_is_cut(run):
    """Standard error counts as output, and only its start and end are kept."""
    ended = run("import sys\nfor i in range(200000): print(i, file=sys.stderr)")
    assert ended.status == "ok"
    assert ended.stderr.startswith("0\n1\n")
    assert ended.stderr.endswith("199999\n")
    assert len(ended.stderr) < 40_000


def test_memory_that_is_shared_counts_once_and_is_limited(run):
    """A large anonymous mapping that several processes write to."""
    ended = run(
        "import mmap\nm = mmap.mmap(-1, 1 << 30)\nfor i in range(0, 1 << 30, 4096): m[i] = 1"
    )
    assert ended.status == "memory_limit"


def test_clone_bomb(run):
    """Every process starts two more, for as long as it lives."""
    ended = run("import os\nwhile True:\n  try: os.fork()\n  except OSError: pass", cpu_s=0.5)
    assert ended.status == "time_limit"


def test_children_that_nobody_waits_for_use_time(run):
    """The CPU time of orphans counts."""
    code = (
        "import os, time\n"
        "for i in range(4):\n"
        "  if not os.fork():\n"
        "    if os.fork(): os._exit(0)\n"
        "    while True: pass\n"
        "time.sleep(60)"
    )
    assert run(code, cpu_s=0.5).status == "time_limit"


def test_nul_and_broken_text_in_output(run):
    """What is not text reaches the other side as something that equals nothing."""
    ended = run("import os\nos.write(1, b'a\\0b\\xff\\xfe')")
    assert (ended.status, ended.stdout) == ("ok", "a\0b\ufffd\ufffd")


def test_call_of_another_architecture_kills(run):
    """`int 0x80` reaches the kernel's 32-bit calls, which have other numbers."""
    if platform.machine() != "x86_64":
        pytest.skip("only x86_64 has that instruction")
    code = (
        "import ctypes, mmap\n"
        "m = mmap.mmap(-1, 4096, prot=7)\n"
        "m.write(b'\\xb8\\x14\\0\\0\\0\\xcd\\x80\\xc3')\n"
        "address = ctypes.addressof(ctypes.c_char.from_buffer(m))\n"
        "print(ctypes.CFUNCTYPE(ctypes.c_long)(address)())"
    )
    ended = run(code)
    assert (ended.status, ended.stdout) == ("runtime_error", "")


def test_daemon_does_not_hold_the_verdict_up(run):
    """A process that keeps the pipes open ends with the program."""
    code = (
        "import os, time\n"
        "if not os.fork():\n"
        "  os.setsid()\n"
        "  time.sleep(100)\n"
        "print('done', flush=True)\nos._exit(0)"
    )
    ended = run(code)
    assert (ended.status, ended.stdout) == ("ok", "done\n")
    assert ended.wall_s < 10


def test_program_that_stops_itself(run):
    """A stopped process uses no time, and the clock ends it."""
    ended = run("import os\nos.kill(os.getpid(), 19)", wall_s=0.5)
    assert ended.status == "time_limit"
    assert "clock" in ended.detail
