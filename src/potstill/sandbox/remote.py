"""Programs run by a SandboxFusion server: for macOS, and machines that forbid namespaces.

The protocol is `POST /run_code` of https://github.com/bytedance/SandboxFusion. The server answers
for holding the programs; what they say is taken for no more here either. It knows time by the clock
only, so that is the judge of `time_limit`.
"""

import base64
import http.client
import json
import os
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import urlsplit

from potstill.errors import InputError
from potstill.sandbox.inside.plain import NotPlainError, decode
from potstill.sandbox.runs import Answer, Limits, Program, Returned, Run
from potstill.sandbox.submission import call_of, failed, returned_value

WAITS = (0.5, 2.0, 8.0)
"""Seconds before each further try."""
_COMPILE_S = 60
_SLACK_S = 30.0
"""How much longer than the program's own time a request may take: the server may have a queue."""
_REPLY_BYTES = 64 << 20
_CUT_BYTES = 1 << 20
"""Where newer servers cut an output without saying so."""
_BUSY = (408, 425, 429, 500, 502, 503, 504)
_PLAIN = Path(__file__).with_name("inside") / "plain.py"

_CALL = """
import base64, json, os, sys
from types import ModuleType
def load(name, text):
    module = sys.modules[name] = ModuleType(name)
    exec(compile(text, "main.py", "exec"), module.__dict__)
    return module
nonce, plain, code, body = json.loads(base64.b64decode({0!r}))
plain = load("plain", plain)
name, args, kwargs, with_args = plain.decode(body.encode())
try:
    found = load("solution", code)
    for part in name.split("."):
        found = getattr(found() if isinstance(found, type) else found, part)
    value = found(*args, **kwargs)
    said = [True, [value, args] if with_args else [value]]
    said = plain.encode(said)
except BaseException as error:
    import traceback
    traceback.print_exc()
    said = plain.encode([False, [type(error).__name__, str(error)[:2000]]])
sys.stdout.flush()
os.write(1, ("\\n" + nonce + said.decode()).encode())
os._exit(0)
"""
"""What is run for a call: its value follows the nonce of this call, after all output."""


class _ServerError(Exception):
    """The server did not do what it was asked; the text says how."""


class SandboxFusion:
    """A server of that protocol, to be given to `Sandbox` as its backend."""

    def __init__(self, url: str, *, key_env: str | None = None, tries: int = 4) -> None:
        """Describe it; nothing is asked yet.

        Args:
            url: Where it is, such as `http://sandbox:8080`.
            key_env: Name of the variable of the environment that holds its key, sent as a bearer
                token.
            tries: How often a request is sent, if the server can't be reached or is busy.

        Raises:
            InputError: The address is none, or the environment lacks the key.
        """
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise InputError(f"{url!r} is no address of a sandbox: use http://HOST:PORT")
        key = os.environ.get(key_env) if key_env else None
        if key_env and not key:
            raise InputError(f"the environment variable {key_env} holds no key of the sandbox")
        self._url, self._key, self._tries = url.rstrip("/"), key, tries

    def submission(self, program: Program, limits: Limits) -> "RemoteSubmission":
        """Take in a program.

        Raises:
            InputError: It asks for functions, which the protocol has no way for.
        """
        if program.asks:
            raise InputError("a remote sandbox can't run programs that ask for functions")
        return RemoteSubmission(self, program, limits)

    def post(self, request: Mapping[str, Any], patience_s: float) -> dict[str, Any]:
        """Send a request to run code and return the reply, which may be of any shape within.

        Raises:
            _ServerError: There is none.
        """
        problem = "never asked"
        for turn in range(self._tries):
            if turn:
                time.sleep(WAITS[min(turn, len(WAITS)) - 1])
            try:
                return self._posted(request, patience_s)
            except urllib.error.HTTPError as error:
                problem = f"status {error.code}"
                error.close()
                if error.code not in _BUSY:
                    break
            except (OSError, http.client.HTTPException) as error:
                problem = f"{type(error).__name__}: {error}"
            except ValueError as error:
                problem = f"no reply of SandboxFusion: {error}"
        raise _ServerError(f"{self._url}: {problem}")

    def _posted(self, request: Mapping[str, Any], patience_s: float) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        sent = urllib.request.Request(
            f"{self._url}/run_code", json.dumps(request).encode(), headers, method="POST"
        )
        with urllib.request.urlopen(sent, timeout=patience_s) as reply:
            data = reply.read(_REPLY_BYTES + 1)
        if len(data) > _REPLY_BYTES:
            raise ValueError(f"more than {_REPLY_BYTES} bytes")
        try:
            content: Any = json.loads(data)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        if not isinstance(content, dict):
            raise ValueError("no object")
        fields = cast("dict[str, Any]", content)
        if fields.get("status") not in _STATUSES:
            raise ValueError("no status")
        if fields["status"] == "SandboxError":
            raise ValueError(f"SandboxError: {str(fields.get('message'))[:200]}")
        return fields


_STATUSES = ("Success", "Failed", "SandboxError")


class RemoteSubmission:
    """A program that is run by a server, anew for each run and call."""

    def __init__(self, server: SandboxFusion, program: Program, limits: Limits) -> None:
        """Take it in."""
        self._server, self._program, self._limits = server, program, limits

    def __enter__(self) -> Self:
        """Return the submission; it holds nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is to be ended."""

    def run(self, stdin: str | bytes = "") -> Run:
        """Run the program; see `Submission`."""
        text = stdin if isinstance(stdin, str) else stdin.decode(errors="replace")
        return self._ran(self._program.code, text)

    def call(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        with_args: bool = False,
        answer: Answer | None = None,
    ) -> Returned:
        """Call a function; see `Submission`. There is nobody who could ask for an answer."""
        body = call_of(self._program, name, args, kwargs, with_args=with_args).decode()
        nonce = secrets.token_hex(16)
        parts = json.dumps([nonce, _PLAIN.read_text(), self._program.code, body])
        run = self._ran(_CALL.format(base64.b64encode(parts.encode()).decode()), "")
        stdout, mark, said = run.stdout.rpartition("\n" + nonce)
        fields = asdict(run)
        fields["stdout"] = stdout if mark else run.stdout
        if run.status != "ok":
            return Returned(**fields)
        try:
            match decode(said.encode()):
                case [True, content]:
                    return returned_value(fields, content)
                case [False, content]:
                    fields["status"] = "runtime_error"
                    return returned_value(fields, content)
                case _:
                    problem = "no value came back"
        except (NotPlainError, UnicodeEncodeError) as error:
            problem = f"no value: {error}"
        return failed(fields, problem)

    def _ran(self, code: str, stdin: str) -> Run:
        seconds = self._limits.wall_s or 2 * self._limits.cpu_s
        request = {
            "code": code,
            "language": self._program.language,
            "stdin": stdin,
            "compile_timeout": _COMPILE_S,
            "run_timeout": seconds,
            "memory_limit_MB": self._limits.memory_mb,
            "files": {
                name: base64.b64encode(data).decode() for name, data in self._program.files.items()
            },
        }
        try:
            reply = self._server.post(request, seconds + _COMPILE_S + _SLACK_S)
            return _run(reply, self._limits)
        except _ServerError as error:
            return Run("sandbox_error", detail=str(error))


def _run(reply: Mapping[str, Any], limits: Limits) -> Run:
    """Return what a reply says."""
    compiled, ran = _part(reply, "compile_result"), _part(reply, "run_result")
    if compiled and (compiled["status"] != "Finished" or compiled["code"]):
        return Run("compile_error", stderr=compiled["stderr"], wall_s=compiled["seconds"])
    if not ran:
        raise _ServerError("a reply without a result")
    code = ran["code"]
    status, detail = "ok", ""
    written = len(ran["stdout"].encode(errors="replace")) + len(
        ran["stderr"].encode(errors="replace")
    )
    if ran["status"] == "TimeLimitExceeded":
        status = "time_limit"
    elif ran["status"] != "Finished" or code is None:
        status, detail = "sandbox_error", f"a result of status {ran['status']}"
    elif written > limits.output_bytes:
        status = "output_limit"
    elif code:
        status = "runtime_error"
    elif written >= _CUT_BYTES:
        status, detail = "sandbox_error", "the server may have cut the output"
    return Run(
        status,
        stdout=ran["stdout"],
        stderr=ran["stderr"],
        exit_code=None if code is None or code < 0 else code,
        signal=-code if code is not None and code < 0 else None,
        wall_s=ran["seconds"],
        detail=detail,
    )


def _part(reply: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Return one of the two results with a type for each field.

    Raises:
        _ServerError: It has another shape.
    """
    found: Any = reply.get(name)
    if found is None:
        return None
    if not isinstance(found, dict):
        raise _ServerError(f"a {name} of another shape")
    part = cast("dict[str, Any]", found)
    code, seconds = part.get("return_code"), part.get("execution_time")
    return {
        "status": str(part.get("status")),
        "code": code if isinstance(code, int) else None,
        "seconds": float(seconds) if isinstance(seconds, int | float) else 0.0,
        "stdout": str(part.get("stdout") or ""),
        "stderr": str(part.get("stderr") or ""),
    }
