"""C++ programs, compiled in a sandbox: a compiler that reads what nobody trusts is not trusted."""

from pathlib import Path

from potstill.sandbox.held import Held
from potstill.sandbox.local import Local
from potstill.sandbox.runs import Limits, Program, Run

FLAGS = ("-std=gnu++17", "-O2", "-pipe")
LIMITS = Limits(
    cpu_s=60,
    memory_mb=2048,
    output_bytes=128 << 20,
    file_bytes=128 << 20,
    processes=32,
)
"""Of the compiler."""
_SOURCE, _BINARY = "main.cpp", "main"


def compiled(local: Local, compiler: Path, program: Program) -> bytes | Run:
    """Return the executable file, or a run that says why there is none."""
    source = Program("cpp", "", {_SOURCE: program.code.encode(errors="surrogatepass")})
    arguments = [str(compiler), *local.cpp_flags, "-o", _BINARY, _SOURCE]
    held = Held(local, source, LIMITS, arguments=arguments)
    try:
        run, binary, _ = held.order("run", fetch=_BINARY)
    finally:
        held.close()
    if run.status == "ok" and binary:
        return binary
    if run.status == "sandbox_error":
        return run
    return Run(
        "compile_error",
        stderr=run.stderr,
        cpu_s=run.cpu_s,
        wall_s=run.wall_s,
        detail="" if run.status == "runtime_error" else f"the compiler's {run.status}",
    )
