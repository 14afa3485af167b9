"""Finding a plug-in, and looking whether it can be called, before anything is read or paid."""

import inspect
import traceback
from pathlib import Path
from typing import Any, get_type_hints

from potstill import protocols, registry
from potstill.errors import InputError
from potstill.records import Record, Verdict

_SHAPES: dict[str, type] = {
    "sources": protocols.Source,
    "schemas": protocols.Schema,
    "dedup": protocols.Dedup,
    "decontaminate": protocols.Decontaminate,
    "labels": protocols.Labeler,
    "verifiers": protocols.Verifier,
    "filters": protocols.Filter,
    "formats": protocols.Format,
}
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def load(
    kind: str, name: str, *, allow_code: bool = False, base: Path | None = None
) -> registry.Plugin:
    """Return the plug-in called `name`, as `registry.load` does, if it can be used.

    Raises:
        InputError: Nothing has that name, code is not allowed, a file or package fails as it is
            imported, or the function takes or returns something else than its kind must.
    """
    try:
        plugin = registry.load(kind, name, allow_code=allow_code, base=base)
        registry.options(plugin)
        mistake = _mistake(kind, plugin)
    except InputError as error:
        raise InputError(str(error) if name in str(error) else f"{name!r}: {error}") from None
    except (Exception, SystemExit) as error:  # a file of the user's may raise anything
        raise InputError(f"{name!r} can't be loaded: {_where(error, name)}") from None
    if mistake:
        raise InputError(f"{name!r} can't be used: it {mistake}")
    return plugin


def _where(error: BaseException, name: str) -> str:
    """Return what was raised, and the last line of the plug-in's own file on the way there."""
    said = " ".join(str(error).split())[:500]
    if isinstance(error, SyntaxError):
        return f"{Path(error.filename or name).name}:{error.lineno}: SyntaxError: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    file = name.rpartition(":")[0] if ".py:" in name else ""
    own = [frame for frame in frames if file and Path(frame.filename).name == Path(file).name]
    place = f"{Path(own[-1].filename).name}:{own[-1].lineno}: " if own else ""
    return f"{place}{type(error).__name__}: {said}"


def _mistake(kind: str, plugin: registry.Plugin) -> str:
    """Return what is wrong with a plug-in's signature, or an empty string."""
    wanted = list(inspect.signature(_SHAPES[kind].__call__).parameters)[1:]
    parameters = list(inspect.signature(plugin).parameters.values())
    taken = [each for each in parameters if each.kind in _POSITIONAL]
    needed = [each for each in taken if each.default is inspect.Parameter.empty]
    endless = any(each.kind is inspect.Parameter.VAR_POSITIONAL for each in parameters)
    if len(needed) > len(wanted) or (len(taken) < len(wanted) and not endless):
        found = ", ".join(each.name for each in taken) or "nothing"
        return (
            f"is called with {' and '.join(wanted)}, but takes {found}; its options come after a *"
        )
    return _wrong_return(kind, get_type_hints(plugin).get("return"))


def _wrong_return(kind: str, found: object) -> str:
    """Return what is wrong with what a verifier or a format says that it returns."""
    if kind == "formats" and not (isinstance(found, type) and issubclass(found, Record)):
        return "must name what it returns, as in `-> Row`, made from potstill.records.Record"
    if kind == "verifiers" and found not in (None, Verdict, Any):
        return f"must return a potstill.Verdict, not {getattr(found, '__name__', found)}"
    return ""
