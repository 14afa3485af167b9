import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from potstill.models.requests import AM_SYSTEM_PROMPT, Request, Sampling
from potstill.records import Message


def test_a_key_does_not_change_between_versions(request_for):
    # Every journal is keyed by this: a change here makes users pay for their answers again.
    request = request_for(sampling=Sampling(temperature=0.6, top_p=0.95))
    assert request.key == "8e4d128c411813619c1708d864f47e74"
    assert request.seed == 1693744756


def test_what_is_asked_is_in_the_key(request_for):
    base = request_for()
    others = [
        request_for("What is 1 + 2?"),
        request_for(model="other"),
        request_for(sampling=Sampling(temperature=0.7)),
        request_for(sampling=Sampling(temperature=0.6, extra_body={"x": 1})),
        request_for(sampling=Sampling(temperature=0.6, stop=("a",))),
        request_for(reasoning="off"),
        request_for(sample=1),
        request_for(round=1),
        request_for(thinking_switch="chat_template_kwargs"),
    ]
    assert len({r.key for r in [base, *others]}) == len(others) + 1


def test_how_a_number_is_written_is_not_in_the_key(request_for):
    whole, real = (request_for(sampling=Sampling(temperature=t)) for t in (1, 1.0))
    assert whole.key == real.key


def test_an_option_that_is_not_set_is_neither_sent_nor_in_the_key(request_for):
    body = request_for(sampling=Sampling()).body(seed=False)
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "What is 1 + 1?"}],
        "max_tokens": 4096,
    }


def test_the_seed_is_each_sample_s_own_and_is_sent_only_if_asked(request_for):
    seeds = {request_for(sample=i).seed for i in range(100)}
    assert len(seeds) == 100
    assert all(0 <= seed < 2**31 for seed in seeds)
    request = request_for()
    assert request.body(seed=True) == {**request.body(seed=False), "seed": request.seed}


def test_the_body_holds_all_sampling_options(request_for):
    options = {
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 20,
        "min_p": 0.1,
        "presence_penalty": 0.2,
        "frequency_penalty": 0.3,
        "repetition_penalty": 1.1,
        "max_tokens": 7,
    }
    body = request_for(sampling=Sampling(**options, stop=("x",))).body(seed=False)
    assert options.items() <= body.items()
    assert body["stop"] == ["x"]


@pytest.mark.parametrize(("reasoning", "sent"), [("on", True), ("off", False)])
def test_the_thinking_switch_is_merged_with_other_template_arguments(request_for, reasoning, sent):
    sampling = Sampling(extra_body={"chat_template_kwargs": {"a": 1}})
    request = request_for(
        sampling=sampling, reasoning=reasoning, thinking_switch="chat_template_kwargs"
    )
    assert request.body(seed=False)["chat_template_kwargs"] == {"a": 1, "enable_thinking": sent}


@pytest.mark.parametrize(
    "extra", [{"messages": []}, {"seed": 1}, {"n": 2}, {"stream": True}, {"temperature": 1}]
)
def test_extra_body_cannot_replace_what_the_call_is(extra):
    with pytest.raises(ValidationError, match=f"can't set {next(iter(extra))}"):
        Sampling(extra_body=extra)


@pytest.mark.parametrize(
    "options",
    [
        {"temperature": float("nan")},
        {"temperature": -1},
        {"top_p": 2},
        {"max_tokens": 0},
        {"extra_body": {"x": float("inf")}},
        {"temprature": 1},
    ],
)
def test_impossible_options_are_refused(options):
    with pytest.raises(ValidationError):
        Sampling(**options)


@given(st.text(), st.text())
def test_keys_are_equal_only_for_equal_prompts(one, other):
    requests = [
        Request(model="m", messages=(Message(role="user", content=t),), reasoning="on")
        for t in (one, other)
    ]
    assert (requests[0].key == requests[1].key) == (one == other)


def test_the_prompted_system_prompt_is_the_published_one(shared):
    assert AM_SYSTEM_PROMPT in (shared / "facts.md").read_text(encoding="utf-8")


def test_a_request_is_sent_as_json(request_for):
    json.dumps(request_for("数学").body(seed=True), allow_nan=False)
