"""The one check command, for people and CI: ruff, pyright, import-linter, tests.

`python check.py` runs everything, `python check.py --quick` everything but the slow tests.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent
BIN = Path(sys.executable).parent

CHECKS = [
    [BIN / "ruff", "format", "--check"],
    [BIN / "ruff", "check"],
    [BIN / "pyright", "--pythonpath", sys.executable],
    [BIN / "lint-imports"],
]


def main() -> int:
    """Run every check, also after one has failed; return how many failed."""
    tests: list[Path | str] = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal"]
    if "--quick" in sys.argv[1:]:
        tests += ["-m", "not slow"]
    failed = 0
    for command in (*CHECKS, tests):
        print("$", *(Path(command[0]).name, *command[1:]), flush=True)
        failed += subprocess.run(command, cwd=ROOT, check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
