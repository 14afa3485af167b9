"""Thinking and answer in one text, as DeepSeek-R1 and Qwen3 write them."""

from potstill.models.traces import extract
from potstill.protocols import NotExpressible
from potstill.records import Response


def in_tags(response: Response, *, gap: str = "\n\n") -> str:
    r"""Return `<think>\n{think}\n</think>`, the gap and the answer, or the answer alone.

    Raises:
        NotExpressible: `ambiguous_tags`, where whoever reads the tags would find other parts,
            because the thinking or the answer holds such tags itself.
    """
    think, answer = (response.think or "").strip(), response.answer.strip()
    text = f"<think>\n{think}\n</think>{gap}{answer}" if think else answer
    if extract({"content": text}, "on") != (think or None, answer):
        raise NotExpressible("ambiguous_tags", "thinking or answer holds <think> or <answer> tags")
    return text
