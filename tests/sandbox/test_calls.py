"""Functions of programs, called with plain data."""

import pytest

from potstill.sandbox import Program, Sandbox

LIST = "def f(x):\n  x.append(1)\n  return x"


def test_value_and_output_are_apart(call):
    returned = call("def add(a, b):\n  print('adding')\n  return a + b", "add", 1, 2)
    assert (returned.status, returned.value, returned.stdout) == ("ok", 3, "adding\n")


def test_keywords(sandbox):
    with sandbox.submission(Program("python", "def f(*, a, b=2): return a, b")) as submission:
        assert submission.call("f", kwargs={"a": 1}).value == (1, 2)


def test_method_of_a_class(call):
    code = "class Solution:\n  def two(self, x): return x * 2\n  @staticmethod\n  def s(): return 1"
    assert call(code, "Solution.two", 4).value == 8
    assert call(code, "Solution.s").value == 1


def test_arguments_as_the_call_leaves_them(sandbox):
    with sandbox.submission(Program("python", LIST)) as submission:
        assert submission.call("f", [[5]], with_args=True).args == [[5, 1]]
        assert submission.call("f", [[5]]).args == ()


def test_program_is_imported_once_and_not_as_main(sandbox):
    code = "import os\nloaded = os.getpid()\nif __name__ == '__main__': 1 / 0\n"
    code += "def f(): return __name__, loaded"
    with sandbox.submission(Program("python", code)) as submission:
        first, second = submission.call("f"), submission.call("f")
    assert first.value == second.value
    assert first.value[0] == "solution"


def test_exception_is_named(call):
    returned = call("def f(x): raise KeyError(x)", "f", "key")
    assert (returned.status, returned.error, returned.message) == (
        "runtime_error",
        "KeyError",
        "'key'",
    )


def test_missing_function(call):
    assert call("x = 1", "f").error == "AttributeError"


def test_program_that_can_not_be_imported(call):
    assert call("import nothing_like_this", "f").error == "ModuleNotFoundError"
    returned = call("def f(:", "f")
    assert (returned.status, returned.error) == ("compile_error", "SyntaxError")


def test_limits_of_a_call(call):
    assert call("def f():\n  while True: pass", "f", cpu_s=0.3).status == "time_limit"
    code = "def f():\n  x = []\n  while True: x.append(bytearray(1 << 20))"
    assert call(code, "f").status == "memory_limit"
    code = "def f():\n  while True: print('x' * 1000)"
    assert call(code, "f").status == "output_limit"


def test_call_after_an_overrun(sandbox):
    code = "def f(bad):\n  while bad: pass\n  return 7"
    from potstill.sandbox import Limits

    with sandbox.submission(Program("python", code), Limits(cpu_s=0.3)) as submission:
        assert submission.call("f", [True]).status == "time_limit"
        assert submission.call("f", [False]).value == 7


def test_runs_and_calls_of_one_submission(sandbox):
    code = "def f(): return 7\nif __name__ == '__main__': print(input())"
    with sandbox.submission(Program("python", code)) as submission:
        assert submission.call("f").value == 7
        assert submission.run("x").stdout == "x\n"
        assert submission.call("f").value == 7


def test_arguments_that_are_no_plain_data(sandbox):
    with (
        sandbox.submission(Program("python", LIST)) as submission,
        pytest.raises(ValueError, match="not plain data: object"),
    ):
        submission.call("f", [object()])


def test_many_calls_do_not_use_up_the_time_of_one(sandbox):
    from potstill.sandbox import Limits

    code = "def f(n):\n  while n: n -= 1"
    with sandbox.submission(Program("python", code), Limits(cpu_s=0.4)) as submission:
        statuses = {submission.call("f", [2_000_000]).status for _ in range(6)}
    assert statuses == {"ok"}


CHECKS = """
from solution import add, broken
def test():
    given = [2]
    assert add(given, 1) is None
    assert given == [2, 1], given
    try: broken()
    except ZeroDivisionError as error: return str(error)
"""
SOLUTION = """
def add(items, item): items.append(item)
def broken(): return 1 / 0
def peek():
    import gc, sys
    return [n for n in sys.modules if n in ("checks", "test")]
"""


def test_checks_run_apart_from_what_they_check(level):
    """Code of tests asks the program's functions, each in a sandbox of its own."""
    checks = Program("python", CHECKS, asks=("add", "broken"))
    with (
        Sandbox() as one,
        Sandbox() as other,
        one.submission(Program("python", SOLUTION)) as solution,
        other.submission(checks) as tests,
    ):

        def answer(name, args, kwargs):
            return solution.call(name, args, kwargs, with_args=True)

        assert tests.call("test", answer=answer).value == "division by zero"
        assert tests.call("test", answer=answer).value == "division by zero"
        assert solution.call("peek").value == []
