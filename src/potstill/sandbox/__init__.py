"""Programs that nobody trusts, run where they can do no harm and tell no lies."""

from potstill.sandbox.check import Report, check
from potstill.sandbox.machine import Finding
from potstill.sandbox.remote import SandboxFusion
from potstill.sandbox.runs import Answer, Limits, Program, Returned, Run, Status
from potstill.sandbox.sandbox import Sandbox
from potstill.sandbox.submission import Submission

__all__ = [
    "Answer",
    "Finding",
    "Limits",
    "Program",
    "Report",
    "Returned",
    "Run",
    "Sandbox",
    "SandboxFusion",
    "Status",
    "Submission",
    "check",
]
