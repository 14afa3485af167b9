"""Programs that are run from their start, in Python and C++."""

import shutil

import pytest

from potstill.errors import InputError
from potstill.sandbox import Limits, Program, Sandbox

SUM = "a, b = map(int, input().split())\nprint(a + b)"
CPP = """
#include <cstdlib>
#include <iostream>
#include <vector>
int main(int, char**) {
  int what, n = 0; std::cin >> what;
  if (what == 1) while (true) n = n + 1;
  if (what == 2) { std::vector<char*> all; while (true) { char* p = new char[1 << 20];
    for (int i = 0; i < 1 << 20; i += 512) p[i] = 1; all.push_back(p); } }
  if (what == 3) std::abort();
  if (what == 4) return 3;
  if (what == 5) while (true) std::cout << "xxxxxxxxxxxxxxxx";
  std::cout << what + n << std::endl;
}
"""


def test_output_of_a_run(run):
    ended = run(SUM, "1 2\n")
    assert (ended.status, ended.stdout, ended.stderr) == ("ok", "3\n", "")
    assert (ended.exit_code, ended.signal) == (0, None)
    assert 0 < ended.cpu_s < 2
    assert 1 < ended.memory_mb < 100


def test_each_run_starts_anew(sandbox):
    code = "import os\nprint(os.listdir('.'), input())\nopen('left', 'w').close()"
    with sandbox.submission(Program("python", code)) as submission:
        assert submission.run("1").stdout == "[] 1\n"
        assert submission.run("2").stdout == "[] 2\n"


def test_run_is_the_main_program(run):
    code = "import sys\nif __name__ == '__main__': print(sys.argv, __file__)\nexit()"
    assert run(code).stdout == "['main.py'] main.py\n"


def test_files_are_there_and_stay_as_they_were(sandbox):
    code = "print(open('data.txt').read())\nopen('data.txt', 'w').write('changed')"
    program = Program("python", code, {"data.txt": b"as it was"})
    with sandbox.submission(program) as submission:
        assert submission.run().stdout == submission.run().stdout == "as it was\n"


def test_module_beside_the_program(sandbox):
    program = Program("python", "import helper\nprint(helper.x)", {"helper.py": b"x = 7"})
    with sandbox.submission(program) as submission:
        assert submission.run().stdout == "7\n"


def test_name_of_a_file_outside_is_refused(sandbox):
    for name in ("../x", "/x", "", "..", "a/b"):
        with pytest.raises(InputError, match="plain name"):
            sandbox.submission(Program("python", "", {name: b""}))


@pytest.mark.parametrize(
    ("code", "status", "exit_code"),
    [
        ("raise SystemExit", "ok", 0),
        ("import sys; sys.exit(3)", "runtime_error", 3),
        ("import sys; sys.exit('no')", "runtime_error", 1),
        ("1 / 0", "runtime_error", 1),
        ("import os; os._exit(5)", "runtime_error", 5),
        ("x = [", "compile_error", 1),
        ("x = '\\0'[", "compile_error", 1),
        ("return 1", "compile_error", 1),
        ("(" * 5000, "compile_error", 1),
    ],
)
def test_how_a_run_ends(run, code, status, exit_code):
    ended = run(code)
    assert (ended.status, ended.exit_code) == (status, exit_code)


def test_traceback_starts_in_the_program(run):
    ended = run("def f():\n  1 / 0\nf()")
    assert ended.stderr.startswith(
        'Traceback (most recent call last):\n  File "main.py", line 3, in <module>\n'
    )
    assert ended.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_thread_and_exit_handler_belong_to_the_program(run):
    code = (
        "import atexit, threading, time\n"
        "atexit.register(print, 'handler')\n"
        "threading.Thread(target=lambda: (time.sleep(.05), print('thread'))).start()\n"
    )
    assert run(code).stdout == "thread\nhandler\n"


def test_large_input_and_output(run):
    text = "0123456789" * 300_000
    ended = run("import sys\nsys.stdout.write(sys.stdin.read())", text)
    assert ended.status == "ok"
    assert ended.stdout == text


def test_input_that_is_not_read(run):
    ended = run("print(1)", "x" * 3_000_000)
    assert (ended.status, ended.stdout) == ("ok", "1\n")


def test_text_is_unicode(run):
    assert run("print(input()[::-1])", "答案\n").stdout == "案答\n"


def test_order_of_sets_is_the_same_in_every_run(run):
    code = "print(list({'a', 'b', 'c', 'd', 'e', 'f'}))"
    assert run(code).stdout == run(code).stdout


def test_what_overran_by_the_clock_is_said(run):
    ended = run("import time\ntime.sleep(60)", wall_s=0.3)
    assert (ended.status, ended.detail) == ("time_limit", "0.3 s by the clock")


def test_memory_error_is_a_memory_limit(run):
    assert run("x = bytearray(1 << 45)").status == "memory_limit"


def test_file_larger_than_allowed(run):
    ended = run("open('x', 'wb').write(bytes(1 << 21))", file_bytes=1 << 20)
    assert ended.status == "runtime_error"
    assert "File too large" in ended.stderr


def test_one_submission_at_a_time(sandbox):
    with (
        sandbox.submission(Program("python", SUM)),
        pytest.raises(RuntimeError, match="one submission"),
    ):
        sandbox.submission(Program("python", SUM))
    with sandbox.submission(Program("python", SUM)) as submission:
        assert submission.run("1 1").stdout == "2\n"


def test_sandbox_is_closed_before_it_is_opened():
    with pytest.raises(RuntimeError, match="not open"):
        Sandbox().submission(Program("python", SUM))


@pytest.mark.skipif(not shutil.which("g++"), reason="g++ is not installed")
def test_cpp(level):
    limits = Limits(cpu_s=0.5, wall_s=20, memory_mb=128, output_bytes=1 << 20)
    with Sandbox() as sandbox, sandbox.submission(Program("cpp", CPP), limits) as submission:
        assert submission.run("7").stdout == "7\n"
        assert submission.run("1").status == "time_limit"
        assert submission.run("2").status == "memory_limit"
        aborted = submission.run("3")
        assert (aborted.status, aborted.signal) == ("runtime_error", 6)
        assert submission.run("4").exit_code == 3
        assert submission.run("5").status == "output_limit"
        assert submission.run("8").stdout == "8\n"
        with pytest.raises(ValueError, match="only functions of Python"):
            submission.call("main")


@pytest.mark.skipif(not shutil.which("g++"), reason="g++ is not installed")
def test_cpp_that_can_not_be_compiled(level):
    with Sandbox() as sandbox, sandbox.submission(Program("cpp", "int main({")) as submission:
        first, second = submission.run(), submission.run()
    assert first.status == "compile_error"
    assert "main.cpp:1" in first.stderr
    assert second is first


@pytest.mark.skipif(not shutil.which("g++"), reason="g++ is not installed")
def test_compiler_reads_nothing_of_the_machine(level):
    code = '#include "/etc/shadow"\n#include "/proc/1/environ"\nint main() {}'
    with Sandbox() as sandbox, sandbox.submission(Program("cpp", code)) as submission:
        run = submission.run()
    assert run.status == "compile_error"
    assert "root" not in run.stderr


def test_missing_compiler_is_undecided(level, monkeypatch):
    monkeypatch.setattr("potstill.sandbox.machine._FOLDERS", "/nowhere")
    with Sandbox() as sandbox, sandbox.submission(Program("cpp", CPP)) as submission:
        run = submission.run("7")
    assert (run.status, run.detail) == ("sandbox_error", "no C++ compiler here: install g++")
