"""`potstill serve-scripted`."""

from pathlib import Path

import click

from potstill.errors import InputError


@click.command("serve-scripted")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--latency", type=float, default=0.0, help="Seconds before each answer.")
@click.option(
    "--style",
    type=click.Choice(["reasoning_content", "think_tags", "none"]),
    default="reasoning_content",
    show_default=True,
    help="Where the thinking goes.",
)
@click.option(
    "--answers",
    type=click.Path(path_type=Path),
    help="JSON object of prompts and their right answers; others get a number.",
)
@click.option("--accuracy", type=click.FloatRange(0, 1), default=1.0, help="Share answered right.")
@click.option(
    "--fault",
    "faults",
    type=(str, click.FloatRange(0, 1)),
    multiple=True,
    metavar="ENDING SHARE",
    help="Share of requests that end in rate_limited, server_error, network, empty, ...",
)
def serve_scripted_command(
    port: int,
    latency: float,
    style: str,
    answers: Path | None,
    accuracy: float,
    faults: tuple[tuple[str, float], ...],
) -> None:
    """Serve a teacher that costs nothing, to rehearse with.

    Its answers are a function of the request, faults included; GET /stats says what was asked.

    \b
    Example:
      potstill serve-scripted --port 8000 --accuracy 0.7 --fault rate_limited 0.1
    """  # noqa: D301
    from pydantic import TypeAdapter

    from potstill.models.script import FAULTS, Script
    from potstill.models.scripted import run_server
    from potstill.registry import nearest

    for fault, _ in faults:
        if fault not in FAULTS:
            raise InputError(
                f"--fault {fault}: there is no such fault{nearest(fault, FAULTS)}: "
                f"{', '.join(FAULTS)}"
            )

    given = {
        "latency": latency,
        "style": style,
        "answers": _read_answers(answers) if answers else {},
        "accuracy": accuracy,
        "faults": dict(faults),
    }
    try:
        run_server(port, TypeAdapter(Script).validate_python(given))
    except OSError as error:
        raise InputError(f"--port {port}: {error.strerror or error}") from None


def _read_answers(path: Path) -> dict[str, str]:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(dict[str, str]).validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}") from None
    except ValidationError:
        raise InputError(f"{path} must hold one JSON object of prompts and answers") from None
