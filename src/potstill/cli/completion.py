"""`potstill completion`, and what a shell completes: topics, plug-ins and runs."""

from collections.abc import Callable

import click
from click.shell_completion import CompletionItem, get_completion_class

INSTALL = {
    "bash": 'eval "$(potstill completion bash)" in ~/.bashrc',
    "zsh": 'eval "$(potstill completion zsh)" in ~/.zshrc',
    "fish": "potstill completion fish > ~/.config/fish/completions/potstill.fish",
}
"""How each shell is told, in one line."""


@click.command("completion")
@click.argument("shell", type=click.Choice(list(INSTALL)))
def completion_command(shell: str) -> None:
    """Print the script that completes commands in SHELL.

    It completes options, plug-ins, topics, runs and files, too. Its first line says how to install
    it.

    \b
    Example:
      eval "$(potstill completion bash)"
    """  # noqa: D301
    from potstill.cli import cli

    found = get_completion_class(shell)
    assert found is not None, shell
    click.echo(f"# To install: {INSTALL[shell]}")
    click.echo(found(cli, {}, "potstill", "_POTSTILL_COMPLETE").source())


def complete_topics(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return what `potstill explain` knows: full names, and plug-ins without their kind."""
    from potstill import registry
    from potstill.report.explain import topics

    plugins = (name for kind in registry.PLUGINS for name in registry.names(kind))
    return _starting([*topics(), *plugins], incomplete)


def complete_plugins(
    kind: str,
) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Return the function that completes the names of one kind of plug-in."""

    def complete(
        ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from potstill import registry

        return _starting(registry.names(kind), incomplete)

    return complete


def complete_kinds(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the kinds of plug-ins."""
    from potstill import registry

    return _starting(list(registry.PLUGINS), incomplete)


def complete_runs(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the names of the runs below `runs/`, or a folder where none begins like that."""
    from potstill.pipeline import ROOT

    names = [path.parent.name for path in sorted(ROOT.glob("*/recipe.yaml"))]
    return _starting(names, incomplete) or [CompletionItem(incomplete, type="dir")]


def _starting(names: list[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in dict.fromkeys(names) if name.startswith(incomplete)]
