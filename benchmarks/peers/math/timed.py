"""Verifiers of a recipe that tell how much CPU time their process has used, for `math_speed.py`."""

import logging
import os
import time

from math_verify import parse, verify

from potstill.records import Problem, Response, Verdict
from potstill.verifiers.math import math

logging.getLogger("math_verify").setLevel(logging.ERROR)  # it warns of each missing limit


def potstill(problem: Problem, response: Response) -> Verdict:
    """Judge by the recipe's `math`."""
    return _timed(math(problem, response).outcome == "pass")


def math_verify(problem: Problem, response: Response) -> Verdict:
    """Judge by Math-Verify, without the time limits of its own that a worker makes needless."""
    gold = parse(f"${problem.reference_answer}$", parsing_timeout=None)
    found = parse(response.answer, parsing_timeout=None)
    return _timed(verify(gold, found, timeout_seconds=None))


def _timed(equal: bool) -> Verdict:
    evidence = {"pid": os.getpid(), "cpu_s": time.process_time()}
    return Verdict(outcome="pass" if equal else "fail", reason="timed", evidence=evidence)
