"""`potstill schema`: the JSON Schema of recipes, for editors."""

import json

import click


@click.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of recipes, for editors.

    An editor with the YAML language server completes and checks a recipe whose first line names
    the schema's file.

    \b
    Example:
      potstill schema > recipe.schema.json
      # yaml-language-server: $schema=recipe.schema.json
    """  # noqa: D301
    from potstill.recipe.schema import recipe_schema

    click.echo(json.dumps(recipe_schema(), indent=2, ensure_ascii=False))
