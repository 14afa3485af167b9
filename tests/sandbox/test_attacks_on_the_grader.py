"""A program that is judged by what its functions return tries to be judged by something else."""

import time

import pytest

from potstill.sandbox import Limits, Program

ADD = "def add(a, b): return a + b\n"
FORGE = """
import json, os, struct
def forge(nonce, kind="value", body=b'[5]'):
    head = json.dumps({"nonce": nonce, "kind": kind}).encode()
    for fd in range(3, 64):
        try: os.write(fd, struct.pack("!II", len(head), len(body)) + head + body)
        except OSError: pass
"""


def both(sandbox, code, name="f", args=(), between=None):
    """Call a function twice in one submission."""
    limits = Limits(cpu_s=2, wall_s=20, memory_mb=256)
    with sandbox.submission(Program("python", code), limits) as submission:
        first = submission.call(name, args)
        return first, submission.call(*(between or (name, args)))


def test_result_forged_at_import_is_no_result(call):
    """A value that is written before the call was made lacks the call's nonce."""
    returned = call(FORGE + "forge('0' * 32)\ndef f(): return 1", "f")
    assert (returned.status, returned.value) == ("runtime_error", None)


def test_result_forged_by_a_thread_is_no_result(call):
    """A thread that import left behind floods the descriptor of results."""
    code = FORGE + (
        "import threading\n"
        "def flood():\n  while True: forge('0' * 32)\n"
        "threading.Thread(target=flood, daemon=True).start()\n"
        "def f():\n  import time; time.sleep(60)"
    )
    returned = call(code, "f")
    assert returned.status in ("runtime_error", "output_limit", "time_limit")
    assert returned.value is None


def test_forged_result_with_the_nonce_is_just_a_value(call):
    """Walking frames finds the call's nonce; what is written with it is compared as any value."""
    code = FORGE + (
        "import sys\n"
        "def f():\n"
        "  frame = sys._getframe()\n"
        "  while frame:\n"
        "    me = frame.f_locals.get('self')\n"
        "    if hasattr(me, '_nonce'): forge(me._nonce)\n"
        "    frame = frame.f_back\n"
        "  return 1"
    )
    returned = call(code, "f")
    assert (returned.status, returned.value) == ("ok", 5)


def test_second_result_of_a_call_does_not_count(sandbox):
    """A fork within the call returns another value after the first."""
    code = "import os\ndef f():\n  if os.fork(): os.wait(); return 'parent'\n  return 'child'"
    first, second = both(sandbox, code)
    assert first.value == second.value == "child"


def test_expected_output_is_in_no_object(call):
    """Objects that gc knows, and those that they hold, have nothing of the grader's."""
    expected = "EXPECTED" + "-7f3a91"
    code = (
        "import gc\n"
        "def f():\n"
        "  found = [o for o in gc.get_objects() for o in gc.get_referents(o)]\n"
        "  start = ''.join(['EXPEC', 'TED'])\n"
        "  return any(isinstance(o, str) and o.startswith(start) for o in found)"
    )
    returned = call(code, "f")
    assert (returned.status, returned.value) == ("ok", False), expected


def test_expected_output_is_not_in_memory(call):
    """All memory of the process is searched for what only the test knows."""
    secret = "EXPECTED" + "-7f3a91"
    code = (
        "import re\n"
        "def f():\n"
        "  found = False\n"
        "  with open('/proc/self/mem', 'rb', 0) as memory:\n"
        "    for line in open('/proc/self/maps'):\n"
        "      low, high = (int(x, 16) for x in line.split()[0].split('-'))\n"
        "      try:\n"
        "        memory.seek(low); data = memory.read(high - low)\n"
        "        found = found or bool(re.search(b'EXPECT' + b'ED-7f3a9[1]', data))\n"
        "      except (OSError, ValueError, OverflowError): pass\n"
        "  return found"
    )
    returned = call(code, "f")
    assert (returned.status, returned.value) == ("ok", False), secret


def test_input_of_the_next_test_is_not_known(sandbox):
    """While one call runs, no descriptor or file holds what the next will be given."""
    code = (
        "import os\n"
        "def f(x):\n"
        "  seen = b''\n"
        "  for fd in range(3, 64):\n"
        "    try:\n"
        "      os.set_blocking(fd, False); seen += os.read(fd, 1 << 16)\n"
        "    except OSError: pass\n"
        "  return seen.hex(), os.listdir('/tmp')\n"
    )
    first, second = both(sandbox, code, args=["one"], between=("f", ["two"]))
    assert first.value == ("", []) == second.value


@pytest.mark.parametrize(
    ("base", "value", "expected"),
    [("int", "3", 3), ("str", "'a'", "a"), ("float", "1.5", 1.5), ("list", "[1]", [1])],
)
def test_object_that_equals_everything_is_its_base_value(call, base, value, expected):
    """A subclass that overrides comparison, hash and text crosses as what it is underneath."""
    code = (
        f"class Equal({base}):\n"
        "  __eq__ = lambda self, other: True\n"
        "  __ne__ = lambda self, other: False\n"
        "  __hash__ = lambda self: 0\n"
        "  __repr__ = __str__ = lambda self: 'right'\n"
        "  __len__ = lambda self: 7\n"
        f"def f(): return Equal({value})"
    )
    returned = call(code, "f")
    assert type(returned.value) is type(expected)
    assert returned.value == expected


def test_object_without_plain_data_is_no_value(call):
    """An object of the program's own class can't cross, whatever it says about itself."""
    code = (
        "class Right:\n"
        "  __eq__ = lambda self, other: True\n"
        "  __class__ = property(lambda self: int)\n"
        "def f(): return Right()"
    )
    returned = call(code, "f")
    assert returned.status == "runtime_error"
    assert returned.error == "NotPlainError"


def test_patched_builtins_earn_nothing(call):
    """Every builtin that a grader could use for comparing is replaced."""
    code = (
        "import builtins\n"
        "for name in ('isinstance', 'repr', 'str', 'all', 'any', 'type', 'len', 'hash', 'print'):\n"
        "  setattr(builtins, name, lambda *a, **k: True)\n"
        "def f(): return 1"
    )
    assert call(code, "f").value in (1, None)


def test_patched_json_is_what_the_program_says(call):
    """The writer of results lies in the program's process; its replacement gives just a value."""
    code = "import json\njson.dumps = lambda *a, **k: '[{\"set\":[1]}]'\ndef f(): return 1"
    assert call(code, "f").value in (None, {1})


def test_patched_fork_shares_no_verdict(sandbox):
    """A program that keeps its calls in one process returns values all the same."""
    code = "import os\nos.fork = lambda: 0\nn = 0\ndef f():\n  global n; n += 1; return n"
    first, second = both(sandbox, code)
    assert first.value == second.value == 1


def test_exit_with_success_is_no_value(sandbox):
    """`os._exit(0)` and `sys.exit(0)` end a call without one."""
    for code in ("import os\ndef f(): os._exit(0)", "import sys\ndef f(): sys.exit(0)"):
        first, second = both(sandbox, code)
        assert first.status == second.status == "runtime_error"


def test_exit_at_import_is_no_value(call):
    """`os._exit(0)` while the program is imported ends every call."""
    assert call("import os\nos._exit(0)", "f").status == "runtime_error"


def test_closed_descriptors_end_one_call_only(sandbox):
    """A call closes everything; the next one works."""
    code = "import os\ndef f(bad):\n  if bad: os.closerange(0, 256)\n  return 7"
    first, second = both(sandbox, code, args=[True], between=("f", [False]))
    assert first.status == "runtime_error"
    assert second.value == 7


def test_state_does_not_reach_the_next_call(sandbox):
    """What a call changes in the module is gone with it."""
    code = "seen = []\ndef f():\n  seen.append(1)\n  return len(seen)"
    first, second = both(sandbox, code)
    assert first.value == second.value == 1


def test_files_do_not_reach_the_next_call(sandbox):
    """What a call writes is gone with it."""
    code = (
        "import os\ndef f():\n"
        "  found = os.listdir('/tmp') + os.listdir('/dev/shm')\n"
        "  open('/tmp/x', 'w').close(); open('/dev/shm/y', 'w').close()\n"
        "  return found"
    )
    first, second = both(sandbox, code)
    assert first.value == second.value == []


def test_nested_folders_do_not_reach_the_next_call(sandbox):
    """A tree that is tedious to remove costs a new sandbox, and is gone as well."""
    code = (
        "import os\ndef f():\n  found = os.listdir('/tmp')\n  os.makedirs('/tmp/a/b'); return found"
    )
    first, second = both(sandbox, code)
    assert first.value == second.value == []


def test_process_left_behind_is_dead_before_the_next_call(sandbox):
    """A daemon that a call starts sees nothing of the next."""
    code = (
        "import os, time\ndef f():\n"
        "  if not os.fork():\n"
        "    os.setsid()\n"
        "    if not os.fork(): time.sleep(60)\n"
        "    os._exit(0)\n"
        "  return sum(name.isdigit() for name in os.listdir('/proc'))"
    )
    first, second = both(sandbox, code)
    assert first.status == second.status == "ok"
    assert abs(first.value - second.value) <= 1  # its own two; nothing adds up


@pytest.mark.parametrize("number", ["9", "15", "19"])
def test_signal_to_the_parent_ends_no_other_call(sandbox, number):
    """The process that forks for each call is killed, ended or stopped by one."""
    code = f"import os\ndef f(bad):\n  if bad: os.kill(os.getppid(), {number})\n  return 7"
    first, second = both(sandbox, code, args=[True], between=("f", [False]))
    assert first.status in ("ok", "runtime_error")
    assert second.value == 7


def test_signal_to_all_ends_no_other_call(sandbox):
    """`kill(-1)` reaches every process but the first."""
    code = "import os\ndef f(bad):\n  if bad: os.kill(-1, 9)\n  return 7"
    first, second = both(sandbox, code, args=[True], between=("f", [False]))
    assert first.status in ("ok", "runtime_error")
    assert second.value == 7


def test_first_process_gets_no_signal(call):
    """Nothing ends, stops or interrupts the process that watches."""
    code = (
        "import os\ndef f():\n"
        "  for number in (1, 2, 3, 9, 13, 14, 15, 17, 19, 20):\n"
        "    os.kill(1, number)\n"
        "  return 7"
    )
    assert call(code, "f").value == 7


def test_time_bomb_after_the_value_is_too_late(sandbox):
    """A process that waits for the verdict and then writes results is dead by then."""
    code = FORGE + (
        "import time\ndef f():\n"
        "  if not os.fork():\n"
        "    time.sleep(0.05); forge('0' * 32); os._exit(0)\n"
        "  return 1"
    )
    first, second = both(sandbox, code)
    assert first.value in (1, None)  # on a busy machine it may come in time for its own call
    assert second.value == 1


def test_exit_handlers_and_finalizers_do_not_run_in_a_call(call):
    """atexit and `__del__` come after the value, and write nothing."""
    code = (
        "import atexit, os\n"
        "class Late:\n  def __del__(self): os.write(1, b'late')\n"
        "late = Late()\n"
        "atexit.register(lambda: os.write(1, b'late'))\n"
        "def f(): return 1"
    )
    returned = call(code, "f")
    assert (returned.value, returned.stdout) == (1, "")


def test_printed_verdict_is_output(call):
    """What looks like a result on standard output is output."""
    returned = call('def f():\n  print(\'{"verdict": "pass"}\')\n  return 2', "f")
    assert (returned.value, returned.stdout) == (2, '{"verdict": "pass"}\n')


def test_large_value_is_an_overrun(call):
    """A value of more bytes than a program may write."""
    returned = call("def f(): return 'x' * (1 << 21)", "f", output_bytes=1 << 20)
    assert (returned.status, returned.value) == ("output_limit", None)


def test_deep_value_is_no_value(call):
    """A list nested a hundred thousand times."""
    code = "def f():\n  x = []\n  for _ in range(100000): x = [x]\n  return x"
    returned = call(code, "f")
    assert (returned.status, returned.value) == ("runtime_error", None)


def test_cyclic_value_is_no_value(call):
    """A list that holds itself."""
    returned = call("def f():\n  x = []\n  x.append(x)\n  return x", "f")
    assert (returned.status, returned.value) == ("runtime_error", None)


def test_set_of_equal_hashes_costs_no_time_outside(call):
    """Building a set of 50,000 numbers of one hash would take minutes."""
    code = (
        "import json\n"
        "text = json.dumps([{'set': [i * (2**61 - 1) for i in range(50000)]}])\n"
        "json.dumps = lambda *a, **k: text\n"
        "def f(): return 1"
    ).replace("i * (2**61 - 1)", "{'int': hex(i * (2**61 - 1))}")
    start = time.process_time()
    returned = call(code, "f")
    assert (returned.status, returned.value) == ("runtime_error", None)
    assert time.process_time() - start < 5


def test_forged_deep_message_is_no_message(call):
    """The head of a message is nested deeper than a parser can go."""
    code = (
        "import os, struct\n"
        "def f():\n"
        "  head = b'[' * 60000\n"
        "  for fd in range(3, 64):\n"
        "    try: os.write(fd, struct.pack('!II', len(head), 0) + head)\n"
        "    except OSError: pass\n"
        "  return 1"
    )
    assert call(code, "f").status == "runtime_error"


def test_forged_length_is_no_message(call):
    """A message says that four gigabytes follow."""
    code = (
        "import os\n"
        "def f():\n"
        "  for fd in range(3, 64):\n"
        "    try: os.write(fd, b'\\xff' * 8)\n"
        "    except OSError: pass\n"
        "  return 1"
    )
    assert call(code, "f").status in ("runtime_error", "output_limit")


def test_exception_that_can_not_be_printed(call):
    """An exception whose text raises another."""
    code = "class E(Exception):\n  def __str__(self): raise self\ndef f(): raise E"
    returned = call(code, "f")
    assert (returned.status, returned.error) == ("runtime_error", "E")


def test_recursion_without_end_is_an_error_of_one_call(sandbox):
    """The limit of recursion is lifted, and the stack overflows."""
    code = (
        "import sys\nsys.setrecursionlimit(10**9)\n"
        "class A:\n  def __getattr__(self, name): return getattr(self, name + 'x')\n"
        "def f(bad): return A().y if bad else 7"
    )
    first, second = both(sandbox, code, args=[True], between=("f", [False]))
    assert first.status in ("runtime_error", "memory_limit", "time_limit")
    assert second.value == 7


def test_question_that_nobody_expects(call):
    """A program asks for an answer although it has nobody to ask."""
    code = FORGE + (
        "import sys\n"
        "def f():\n"
        "  me = sys._getframe(1).f_locals['self']\n"
        "  forge(me._nonce, 'ask', b'[1,2,3]')\n"
        "  return 1"
    )
    returned = call(code, "f")
    assert (returned.status, returned.value) == ("ok", 1)


def test_program_without_end_at_import(call):
    """The time of the import counts."""
    assert call("while True: pass", "f", cpu_s=0.3).status == "time_limit"
