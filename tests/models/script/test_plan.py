import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.models.script import FAULTS, QUIRKS, Script
from potstill.models.script.events import pieces_of, split
from potstill.models.script.plan import hash_of, plan
from potstill.models.script.script import Style
from potstill.models.stream import Stream

SYSTEM = {"role": "system", "content": "Think in <think> tags."}
BODY = {"model": "m", "messages": [SYSTEM, {"role": "user", "content": "Wie groß? 多大？"}]}
STREAMED = {**BODY, "stream": True, "stream_options": {"include_usage": True}}
TOOLS = {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]}


def planned(script, body=STREAMED, attempt=0):
    return plan(script, body, hash_of(body), attempt)


def data_of(script, body=STREAMED):
    """Return the data of all events."""
    text = b"".join(planned(script, body).pieces).decode()
    return [line.removeprefix("data: ") for line in text.split("\n\n") if line]


def chunks_of(script, body=STREAMED):
    return [json.loads(data) for data in data_of(script, body) if data != "[DONE]"]


def put_together(pieces):
    stream = Stream()
    for piece in pieces:
        stream.feed(piece)
    stream.end()
    return stream.reply()


@given(
    script=st.builds(
        Script,
        style=st.sampled_from([style for style in get_args(Style) if style != "blocks"]),
        words=st.integers(0, 30),
        answer_words=st.integers(0, 30),
        chunk=st.integers(1, 7),
        chunk_unit=st.sampled_from(["words", "characters"]),
        chunk_s=st.sampled_from([0.0, 1.0]),
        missing_traces=st.sampled_from([0.0, 1.0]),
        tool_calls=st.sampled_from([0.0, 0.5]),
        quirks=st.dictionaries(
            st.sampled_from(sorted(set(QUIRKS) - {"null_usage"})), st.sampled_from([0.0, 0.5, 1.0])
        ),
    ),
    reference=st.text(st.characters(codec="utf-8"), max_size=20),
    tools=st.booleans(),
)
def test_a_stream_says_what_the_whole_reply_says_whatever_its_quirks(script, reference, tools):
    answers = {"Wie groß? 多大？": reference}
    script = script.model_copy(update={"answers": answers})
    extra = TOOLS if tools else {}
    streamed = planned(script, STREAMED | extra)
    reply = put_together(streamed.pieces)
    if "closed_early" in script.quirks:
        reply.pop("usage", None)
    expected = json.loads(b"".join(planned(script, BODY | extra).pieces))
    assert reply == {key: expected[key] for key in reply}
    assert streamed.answered
    assert (streamed.then == "close") <= ("closed_early" in script.quirks)


def test_the_order_is_role_thinking_answer_finish_usage_done():
    chunks = chunks_of(Script(words=6, chunk=4))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks[:-1]]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert [next(iter(delta), "") for delta in deltas[1:]] == [
        *["reasoning_content"] * 2,
        "content",
        "",
    ]
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks[:-1]] == [None] * 4 + ["stop"]
    assert [chunk["usage"] for chunk in chunks[:-1]] == [None] * 5
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["total_tokens"] == 4 + 3 + 6 + 4
    assert data_of(Script())[-1] == "[DONE]"


def test_the_usage_comes_only_where_it_is_asked_for():
    assert not any("usage" in chunk for chunk in chunks_of(Script(), {**BODY, "stream": True}))


def test_a_tool_call_comes_in_pieces():
    chunks = chunks_of(Script(tool_calls=1, style="none", chunk=1), {**STREAMED, **TOOLS})
    deltas = [c["choices"][0]["delta"].get("tool_calls") for c in chunks[1:-2]]
    assert deltas[0][0]["function"] == {"name": "f", "arguments": ""}
    assert "".join(delta[0]["function"]["arguments"] for delta in deltas) == "{}"
    assert chunks[-2]["choices"][0]["finish_reason"] == "tool_calls"


def quirky(name, body=STREAMED):
    return data_of(Script(quirks={name: 1}), body)


def test_each_quirk_is_what_it_says():
    plain = data_of(Script())
    assert quirky("done_missing") == plain[:-1]
    assert quirky("done_doubled") == [*plain, "[DONE]"]
    assert quirky("finish_doubled") == [*plain[:-2], plain[-3], *plain[-2:]]
    assert quirky("closed_early") == plain[:-2]
    assert planned(Script(quirks={"closed_early": 1})).then == "close"
    commented = [line for data in plain for line in (": keep-alive", data)]
    assert quirky("comments") == commented
    assert all(line.startswith("data:") for line in quirky("no_space"))
    raw = b"".join(planned(Script(quirks={"crlf": 1})).pieces)
    assert raw.count(b"\n") == raw.count(b"\r\n") == 2 * len(plain)
    assert json.loads(quirky("null_usage")[-2])["usage"] is None
    told = quirky("usage_with_finish", {**BODY, "stream": True})
    assert json.loads(told[-2])["usage"]["total_tokens"] > 40


def test_a_whole_reply_can_lack_its_usage():
    (data,) = planned(Script(quirks={"null_usage": 1}), BODY).pieces
    assert json.loads(data)["usage"] is None


@given(st.text(), st.integers(1, 9), st.sampled_from(["words", "characters"]))
def test_pieces_of_a_text_are_the_text(text, count, unit):
    assert "".join(pieces_of(text, count, unit)) == text


@given(st.lists(st.binary()), st.text())
def test_split_keeps_every_byte(pieces, request):
    assert b"".join(split(pieces, request)) == b"".join(pieces)


def test_split_cuts_within_characters():
    pieces = split([("多" * 100).encode()], "hash")
    assert any(len(piece) % 3 for piece in pieces)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("body", [BODY, STREAMED])
def test_a_fault_is_an_answer_only_where_its_ending_has_one(fault, body):
    script = Script(faults={fault: 1}, quirks=dict.fromkeys(QUIRKS, 1))
    for attempt in range(20):
        found = planned(script, body, attempt)
        assert found.fault == fault
        assert found.answered == (fault in ("truncated", "thinking_only", "refused"))


def test_breaking_off_comes_early_and_late_by_halves():
    for fault, then in (("network", "reset"), ("stalled", "hang")):
        for body in (BODY, STREAMED):
            plans = [planned(Script(faults={fault: 1}), body, attempt) for attempt in range(200)]
            assert {each.then for each in plans} == {then}
            assert 70 < sum(bool(each.pieces) for each in plans) < 130
            late = next(each for each in plans if each.pieces)
            assert late.tokens > 40
            assert late.length is None or late.length // 2 == len(late.pieces[0])


def test_a_stream_fails_by_its_status_or_inside_in_two_shapes():
    script = Script(faults={"server_error": 1})
    plans = [
        plan(script, STREAMED, f"{request}", attempt) for request in range(20) for attempt in (0, 1)
    ]
    inside = [each.pieces[0] for each in plans if each.status == 200]
    assert 8 < len(inside) < 32
    assert {b'"code":500' in text for text in inside} == {True, False}
    assert all(b'"error":{' in text for text in inside)
    assert all(b'"finish_reason":"stop"' not in text for text in inside)
    assert {each.status for each in plans} == {200, 500}


def test_a_share_of_server_errors_is_an_overload():
    script = Script(faults={"server_error": 1}, overloaded=0.5, retry_after=0.25, time_scale=0.1)
    plans = [planned(script, BODY, attempt) for attempt in range(100)]
    busy = [each for each in plans if each.status == 503]
    assert 30 < len(busy) < 70
    assert busy[0].headers == {"Retry-After": "0.025"}
    assert {each.status for each in plans} == {500, 503}


def test_a_malformed_chunk_is_followed_by_the_rest():
    text = b"".join(planned(Script(faults={"malformed": 1})).pieces).decode()
    lines = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
    broken = [line for line in lines[:-1] if not line.endswith("}")]
    assert len(broken) == 1
    assert lines[-1] == "[DONE]"
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(broken[0])


def test_streaming_is_no_part_of_the_hash():
    assert hash_of(BODY) == hash_of(STREAMED) != hash_of({**BODY, "seed": 1})
