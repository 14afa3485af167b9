"""Runs the stages of a recipe, keeps the books, resumes."""

from potstill.pipeline.alone import apply
from potstill.pipeline.estimate import Forecast
from potstill.pipeline.forecast import Plan, plan
from potstill.pipeline.preview import Preview, preview
from potstill.pipeline.probe import Probe, probe
from potstill.pipeline.runs import Run, open_run, run
from potstill.pipeline.single import reject, verify
from potstill.pipeline.target import ROOT

__all__ = [
    "ROOT",
    "Forecast",
    "Plan",
    "Preview",
    "Probe",
    "Run",
    "apply",
    "open_run",
    "plan",
    "preview",
    "probe",
    "reject",
    "run",
    "verify",
]
