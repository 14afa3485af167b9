"""Which model calls a recipe makes for a problem; nothing is asked here."""

from collections.abc import Iterator

from potstill.models.requests import AM_SYSTEM_PROMPT, Request
from potstill.recipe import DistilSpec, TeacherSpec
from potstill.records import Message, Problem, Reasoning


def requests(problem: Problem, spec: DistilSpec) -> Iterator[Request]:
    """Yield every call for `problem`: teachers × reasoning modes × samples, in this order."""
    for teacher in spec.teachers:
        yield from requests_to(teacher, problem, spec)


def requests_to(teacher: TeacherSpec, problem: Problem, spec: DistilSpec) -> Iterator[Request]:
    """Yield the calls for `problem` to one teacher; none where the problem is not for it."""
    if teacher.where is not None and not teacher.where.matches(problem):
        return
    for reasoning in modes(spec):
        messages = render(problem, spec, reasoning)
        for sample in range(spec.samples):
            yield Request(
                model=teacher.model,
                messages=messages,
                tools=problem.tools,
                sampling=teacher.sampling,
                reasoning=reasoning,
                sample=sample,
                thinking_switch=teacher.thinking_switch,
            )


def calls_to_all(spec: DistilSpec) -> int | None:
    """Return how many calls each problem takes; None where that depends on the problem."""
    if any(teacher.where is not None for teacher in spec.teachers):
        return None
    return len(spec.teachers) * len(modes(spec)) * spec.samples


def modes(spec: DistilSpec) -> tuple[Reasoning, ...]:
    """Return the reasoning modes that the recipe asks for."""
    return ("on", "off") if spec.reasoning == "both" else (spec.reasoning,)


def render(problem: Problem, spec: DistilSpec, reasoning: Reasoning) -> tuple[Message, ...]:
    """Return the messages as they are sent.

    The first prompt template whose condition holds is wrapped around the last user turn, which the
    calls of an assistant and their results may follow. The recipe's system prompt (AM's where
    reasoning is `prompted` and the recipe has none) comes first; a system turn of the problem's own
    follows it in the same message.
    """
    system = spec.system
    if system is None and reasoning == "prompted":
        system = AM_SYSTEM_PROMPT
    last = max(i for i, message in enumerate(problem.messages) if message.role == "user")
    messages = list(problem.messages)
    messages[last] = Message(role="user", content=_fill(problem, spec))
    if system is not None and messages[0].role == "system":
        system = f"{system}\n\n{messages.pop(0).content}"
    if system is not None:
        messages.insert(0, Message(role="system", content=system))
    return tuple(messages)


def template(problem: Problem, spec: DistilSpec) -> int | None:
    """Return which prompt template of the recipe is for `problem`, from 0; None where none is."""
    for i, prompt in enumerate(spec.prompt):
        if prompt.where is None or prompt.where.matches(problem):
            return i
    return None


def _fill(problem: Problem, spec: DistilSpec) -> str:
    i = template(problem, spec)
    # Not str.format: templates and problems are full of LaTeX braces.
    return problem.text if i is None else spec.prompt[i].template.replace("{problem}", problem.text)
