"""Runs the stages of a recipe, keeps the books, resumes."""

from potstill.pipeline.alone import apply
from potstill.pipeline.runs import ROOT, Run, open_run, run
from potstill.pipeline.single import reject, verify

__all__ = ["ROOT", "Run", "apply", "open_run", "reject", "run", "verify"]
