"""What a problem asks, apart from the options and the code that come along with it."""

import re

_OPTIONS = re.compile(
    r"\n\s*(?:(?:options|choices|answer choices|选项)\s*[:：]?\s*\n\s*)?"
    r"\(?A\s?[.)、．:：）].*\n\s*\(?B\s?[.)、．:：）]",
    re.IGNORECASE,
)
_DEFINITION = re.compile(r"^[ \t]*(?:async def|def|class) \w+", re.MULTILINE)
_DOCSTRING = re.compile(r'("""|\'\'\').*?\1', re.DOTALL)
_CODE = re.compile(
    r"^[ \t]*(?:async def|def|class) \w+|^[ \t]*>>> |^[ \t]*assert |^#include|```", re.MULTILINE
)


def question(text: str) -> str:
    """Return `text` without what can be worded anew while it asks the same.

    Left out are lettered options from A and B on, each on a line of its own, and the body of Python
    code behind its last docstring.
    """
    if _DEFINITION.search(text) and (docstrings := [*_DOCSTRING.finditer(text)]):
        return text[: docstrings[-1].end()]
    options = _OPTIONS.search(text)
    return text[: options.start()] if options and text[: options.start()].strip() else text


def is_code(text: str) -> bool:
    """Return whether `text` holds code: Python definitions and tests, C includes, or a block."""
    return _CODE.search(text) is not None
