"""Recipes: what a run is made of, read from YAML with every mistake at once."""

from potstill.recipe.columns import COLUMNS, problem_columns, sample_columns
from potstill.recipe.conditions import Condition
from potstill.recipe.decontaminate import DecontaminateSpec
from potstill.recipe.distil import DistilSpec, PromptSpec
from potstill.recipe.judge import Judgement, JudgeSpec
from potstill.recipe.load import dump, load_recipe, read_dumped
from potstill.recipe.model import EngineSpec, Recipe
from potstill.recipe.specs import (
    DedupSpec,
    ExportSpec,
    FilterSpec,
    LabelSpec,
    PluginSpec,
    SourceSpec,
    VerifySpec,
)
from potstill.recipe.teachers import EndingSpec, EndpointSpec, Sampling, TeacherSpec

__all__ = [
    "COLUMNS",
    "Condition",
    "DecontaminateSpec",
    "DedupSpec",
    "DistilSpec",
    "EndingSpec",
    "EndpointSpec",
    "EngineSpec",
    "ExportSpec",
    "FilterSpec",
    "JudgeSpec",
    "Judgement",
    "LabelSpec",
    "PluginSpec",
    "PromptSpec",
    "Recipe",
    "Sampling",
    "SourceSpec",
    "TeacherSpec",
    "VerifySpec",
    "dump",
    "load_recipe",
    "problem_columns",
    "read_dumped",
    "sample_columns",
]
