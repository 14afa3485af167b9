"""What is done about each ending, and what a recipe may say."""

from typing import get_args

import pytest

from potstill.models.policies import POLICIES, Policy, Then, is_final, legal
from potstill.records import ANSWERED, Ending

ENDINGS = get_args(Ending)


def test_every_ending_has_a_policy_that_is_legal():
    assert set(POLICIES) == set(ENDINGS)
    assert all(POLICIES[ending].then in legal(ending) for ending in ENDINGS)


def test_an_answer_is_paid_for_once():
    assert all(POLICIES[ending].retries == 0 for ending in ANSWERED)
    assert all(is_final(ending) for ending in ANSWERED)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("then", get_args(Then))
def test_only_what_is_to_be_asked_again_is_not_final(ending: Ending, then: Then):
    policies = {**POLICIES, ending: Policy(then=then)}
    again = then == "later" or (then == "stop" and ending not in ANSWERED)
    assert is_final(ending, policies) is not again


def test_a_failure_is_never_kept_and_an_answer_never_asked_again():
    for ending in ENDINGS:
        impossible = {"later", "give_up"} if ending in ANSWERED else {"keep", "drop"}
        assert not impossible & set(legal(ending))
