"""Runs the stages of a recipe, keeps the books, resumes."""

from potstill.pipeline.runs import ROOT, Run, run

__all__ = ["ROOT", "Run", "run"]
