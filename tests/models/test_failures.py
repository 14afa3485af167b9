import json

import pytest

from potstill.models import failures
from potstill.models.teacher import Endpoint
from potstill.models.traces import from_reply

ENDPOINT = Endpoint("https://api.example.com/v1?v=2", key_env="R1_KEY")


CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def ending_of(body, **how):
    return failures.of_reply(body, from_reply(body or {}, "on", **how))


def error(message, code=None):
    return json.dumps({"error": {"message": message, "code": code}})


def reply(finish="stop", **message):
    return {"choices": [{"message": message, "finish_reason": finish}]}


@pytest.mark.parametrize(
    ("body", "ending"),
    [
        (reply(content="4"), "ok"),
        (reply(finish=None, content="4"), "ok"),
        (reply(finish="length", content="4"), "truncated"),
        (reply(finish="length", content=""), "truncated"),
        (reply(finish="content_filter", content="4"), "refused"),
        (reply(content=None, refusal="no"), "refused"),
        (reply(content="", reasoning_content="t"), "thinking_only"),
        (reply(content="<think>t"), "thinking_only"),
        (reply(content=" \n"), "empty"),
        (reply(content=None), "empty"),
        (reply(content="<think>\n</think>"), "empty"),
        (reply(content=None, tool_calls=[CALL]), "ok"),
        (reply(finish="tool_calls", content="", reasoning_content="t", tool_calls=[CALL]), "ok"),
        (reply(finish="function_call", content=None, function_call=CALL["function"]), "ok"),
        (reply(finish="length", content=None, tool_calls=[CALL]), "truncated"),
        (reply(content=None, tool_calls=[]), "empty"),
        (reply(content=None, tool_calls=["f"]), "empty"),
        (reply(finish="abort", content="4"), "server_error"),
        (reply(finish=["length"], content="4"), "ok"),
        (None, "malformed"),
        ({}, "malformed"),
        ({"choices": []}, "malformed"),
        ({"choices": {"0": 1}}, "malformed"),
        ({"choices": [{"text": "4"}]}, "malformed"),
        ({"choices": [{"message": "4"}]}, "malformed"),
        ({"error": {"code": 502, "message": "upstream"}}, "server_error"),
        ({"error": {"code": 429}}, "rate_limited"),
        ({"error": {"code": 400, "message": "maximum context length is 4096"}}, "over_context"),
        ({"error": {"code": 400, "message": "no"}}, "bad_request"),
        ({"error": {"code": 7}}, "malformed"),
        ({"error": "no"}, "malformed"),
    ],
)
def test_of_reply(body, ending):
    assert ending_of(body) == ending


def test_thinking_that_the_request_had_opened_is_no_answer():
    assert ending_of(reply(content="2 + 2 is"), opened=True) == "thinking_only"
    assert ending_of(reply(content="2 + 2</think>4"), opened=True) == "ok"


@pytest.mark.parametrize(
    ("status", "said", "ending"),
    [
        (429, "", "rate_limited"),
        (500, "", "server_error"),
        (503, "", "server_error"),
        (204, "", "malformed"),
        (529, "", "server_error"),
        (408, "", "server_error"),
        (400, "bad temperature", "bad_request"),
        (422, "bad temperature", "bad_request"),
        (409, "", "bad_request"),
        (413, "", "over_context"),
        (400, "This model's maximum context length is 4096 tokens.", "over_context"),
        (400, "exceeds the available context size (2048 tokens)", "over_context"),
        (400, "no · context_length_exceeded", "over_context"),
        (400, "Input is too long for requested model.", "over_context"),
        (400, "The response was filtered · content_filter", "refused"),
        (400, "Content Exists Risk", "refused"),
        (403, "Your input was flagged", "refused"),
    ],
)
def test_of_status(status, said, ending):
    assert failures.fatal("r1", ENDPOINT, status, error(said)) is None
    assert failures.of_status(status, said) == ending


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, error("no"), "refuses the key in R1_KEY (HTTP 401)"),
        (403, error("not your country"), "refuses the key in R1_KEY (HTTP 403: not your country)"),
        (402, error("pay"), "has no credit left for the key in R1_KEY"),
        (429, error("quota", "insufficient_quota"), "has no credit left"),
        (404, error("The model `r1` does not exist"), "knows no such model, or base_url"),
        (400, error("Model Not Exist"), "knows no such model (HTTP 400: Model Not Exist)"),
        (400, error("Unsupported parameter: 'seed'"), "set `seed: false`"),
        (422, error("seed: Extra inputs are not permitted"), "set `seed: false`"),
        (307, "", "check base_url"),
        (405, "", "check base_url"),
    ],
)
def test_what_would_fail_every_call_is_one_sentence_about_the_teacher(status, body, words):
    text = str(failures.fatal("r1", ENDPOINT, status, body))
    assert text.startswith("teacher 'r1' at https://api.example.com/v1 ")
    assert words in text
    assert "\n" not in text


def test_a_prompt_about_seeds_is_no_complaint_about_the_seed():
    body = error("'How many seeds are in 3 apples?' is not of type object")
    assert failures.fatal("r1", ENDPOINT, 400, body) is None


def test_a_missing_key_is_named_as_such():
    endpoint = Endpoint("http://h/v1")
    assert "without a key (no key_env)" in str(failures.fatal("r1", endpoint, 401, ""))


@pytest.mark.parametrize(
    "body", ["<html>\n no </html>", '{"detail": [{"msg": "no"}]}', "[]", "x" * 9999]
)
def test_any_body_is_quoted_on_one_short_line(body):
    text = str(failures.fatal("r1", ENDPOINT, 404, body))
    assert "\n" not in text
    assert len(text) < 500
