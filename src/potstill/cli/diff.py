"""`potstill diff`: what differs between two runs, and why."""

import click

from potstill.cli.completion import complete_runs
from potstill.cli.look import run_directory


@click.command("diff")
@click.argument("before", metavar="RUN", shell_complete=complete_runs)
@click.argument("after", metavar="RUN", shell_complete=complete_runs)
@click.option(
    "-n", "count", type=click.IntRange(min=0), default=10, help="How many of each at most [10]."
)
@click.option("--json", "as_json", is_flag=True, help="Print every difference as a line of JSON.")
def diff_command(before: str, after: str, count: int, as_json: bool) -> None:
    """Tell what differs between two runs, and why.

    First the stages: settings, files and books. Then the rows that only one run has, or that did
    not come equally far. Then the responses to problems that both asked about: other texts, other
    verdicts, other datasets. Problems are found again by their text, wherever they moved.

    \b
    Example:
      potstill diff quickstart runs/quickstart-2
    """  # noqa: D301
    from potstill.cli.differences import show_diff
    from potstill.cli.text import as_json_line
    from potstill.report.diff import diff

    with diff(run_directory(before), run_directory(after)) as found:
        if as_json:
            for kind in (found.stages, found.rows(), found.responses()):
                for each in kind:
                    click.echo(as_json_line(each.model_dump(mode="json")))
        else:
            show_diff(found, count)
