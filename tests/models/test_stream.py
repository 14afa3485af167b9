"""Streams put together: the same reply whatever pieces it came in, and nothing raises."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.models.replies import parse
from potstill.models.stream import Stream, to_text

TEXTS = st.text(max_size=30)


def chunk(delta: dict, finish: str | None = None, **fields) -> dict:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "choices": [choice], **fields}


def events(*chunks: dict | str, end: str = "\n\n") -> bytes:
    texts = [each if isinstance(each, str) else json.dumps(each) for each in chunks]
    return "".join(f"data: {text}{end}" for text in texts).encode()


def read(*pieces: bytes) -> Stream:
    stream = Stream()
    for piece in pieces:
        stream.feed(piece)
    stream.end()
    return stream


def message(stream: Stream) -> dict:
    return stream.reply()["choices"][0]["message"]


ANSWER = events(
    chunk({"role": "assistant", "content": ""}),
    chunk({"reasoning_content": "two "}),
    chunk({"reasoning_content": "and two"}),
    chunk({"content": "It is "}),
    chunk({"content": "4."}),
    chunk({}, "stop"),
    {"id": "c1", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 5}},
    "[DONE]",
)


def test_pieces_become_a_whole_reply():
    stream = read(ANSWER)
    assert stream.finished
    assert stream.reply() == {
        "id": "c1",
        "object": "chat.completion",
        "usage": {"prompt_tokens": 3, "completion_tokens": 5},
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {
                    "role": "assistant",
                    "content": "It is 4.",
                    "reasoning_content": "two and two",
                },
            }
        ],
    }


@given(st.lists(st.integers(0, len(ANSWER)), max_size=12), st.sampled_from(["\n", "\r\n", "\r"]))
def test_where_the_bytes_are_cut_and_how_lines_end_makes_no_difference(cuts: list[int], end: str):
    data = ANSWER.replace(b"\n", end.encode())
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in zip(places, places[1:], strict=False)]
    assert read(*pieces).reply() == read(ANSWER).reply()


@given(st.lists(st.tuples(st.sampled_from(["content", "reasoning"]), TEXTS), max_size=8))
def test_no_character_is_lost(deltas: list[tuple[str, str]]):
    stream = read(events(*(chunk({name: text}) for name, text in deltas), chunk({}, "stop")))
    for name in ("content", "reasoning"):
        whole = "".join(text for at, text in deltas if at == name)
        assert message(stream).get(name, "") == whole


@given(st.binary(max_size=300))
def test_nothing_raises(data: bytes):
    stream = read(data, b"data: " + data + b"\n\n")
    assert parse(to_text(stream.reply())) is not None


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["choices", "delta", "index", "content", "tool_calls", "usage"]),
                inner,
                max_size=3,
            )
        ),
        max_leaves=12,
    )
)
def test_no_object_is_too_strange(value: object):
    stream = read(events(json.dumps({"choices": [{"delta": value}], "x": value})))
    assert parse(to_text(stream.reply())) is not None


def test_tool_calls_are_merged_by_their_index():
    stream = read(
        events(
            chunk({"tool_calls": [{"index": 0, "id": "a", "type": "function",
                                   "function": {"name": "add", "arguments": ""}}]}),
            chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"x": '}}]}),
            chunk({"tool_calls": [{"index": 1, "id": "b", "type": "function",
                                   "function": {"name": "neg", "arguments": "{}"}}]}),
            chunk({"tool_calls": [{"index": 0, "function": {"arguments": "1}"}}]}),
            chunk({}, "tool_calls"),
        )
    )  # fmt: skip
    assert message(stream)["tool_calls"] == [
        {"id": "a", "type": "function", "function": {"name": "add", "arguments": '{"x": 1}'}},
        {"id": "b", "type": "function", "function": {"name": "neg", "arguments": "{}"}},
    ]


@pytest.mark.parametrize(
    ("data", "finished"),
    [
        (events(chunk({"content": "4"}), chunk({}, "stop")), True),
        (events(chunk({"content": "4"}), "[DONE]"), True),
        (events(chunk({"content": "4"}), chunk({}, "stop"), "[DONE]", "[DONE]"), True),
        (events(chunk({"content": "4"}), chunk({}, "stop"), chunk({}, "stop"), "[DONE]"), True),
        (events(chunk({"content": "4"}), chunk({}, "stop")).rstrip(), True),
        (b": keep-alive\n\n" + events(chunk({"content": "4"}), end="\n\n: wait\n\n"), False),
        (b"", False),
    ],
    ids=["no done", "no finish", "done twice", "finish twice", "no blank line", "cut", "empty"],
)
def test_an_answer_is_whole_where_its_end_was_said(data: bytes, finished: bool):
    stream = read(data)
    assert stream.finished == finished
    if data:
        assert message(stream)["content"] == "4"


def test_what_is_no_object_is_told():
    assert read(events(chunk({"content": "4"}), '{"choices": [{"del', "[DONE]")).damaged
    assert not read(ANSWER).damaged


def test_an_event_without_data_is_none():
    """So says the standard; some gateways keep a connection alive by such ones."""
    stream = read(b"data:\n\ndata: \n\n" + ANSWER + b"data:\n\n")
    assert not stream.damaged
    assert stream.reply() == read(ANSWER).reply()


def test_it_has_started_with_the_first_piece_of_text():
    stream = Stream()
    stream.feed(events(chunk({"role": "assistant", "content": ""})))
    assert not stream.started
    stream.feed(events(chunk({"reasoning": "a"})))
    assert stream.started


def test_lone_surrogates_can_be_kept():
    stream = read(events('{"choices": [{"delta": {"content": "\\ud800数"}}]}'))
    to_text(stream.reply()).encode()
    assert parse(to_text(stream.reply())) == stream.reply()
