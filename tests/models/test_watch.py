import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.errors import EndpointError
from potstill.models.traces import Trace
from potstill.models.watch import ALARM, PROBE, PROBE_MOST, WINDOW, TraceWatch
from potstill.records import ANSWERED

THOUGHT, BARE = Trace("t", "4"), Trace(None, "4")


def asked(reasoning, *traces, teacher="m", ending="ok"):
    """Show the watch some traces; return the cautions."""
    watch = TraceWatch(teacher)
    return [caution for trace in traces if (caution := watch.see(reasoning, trace, ending))]


@pytest.mark.parametrize("mode", ["on", "prompted"])
def test_first_answers_without_thinking_stop_the_run(mode):
    asked(mode, *[BARE] * (PROBE - 1))
    with pytest.raises(EndpointError, match=f"`reasoning: {mode}`.*hold no thinking"):
        asked(mode, *[BARE] * PROBE)


def test_first_answers_with_unwanted_thinking_stop_the_run():
    asked("off", *[THOUGHT] * (PROBE - 1))
    with pytest.raises(EndpointError, match="not to think.*hold thinking.*or `reasoning: on`"):
        asked("off", *[THOUGHT] * PROBE)


def test_the_sentence_names_the_teacher_and_the_switch_that_fits_it():
    with pytest.raises(EndpointError) as raised:
        asked("on", *[BARE] * PROBE, teacher="Qwen/Qwen3-8B")
    assert "'Qwen/Qwen3-8B'" in str(raised.value)
    assert "set its `thinking_switch` to chat_template_kwargs, which fits" in str(raised.value)


def test_without_a_fitting_switch_the_sentence_names_all():
    with pytest.raises(EndpointError, match=r"one that it knows \(chat_template_kwargs, .*prefix"):
        asked("off", *[THOUGHT] * PROBE)


@given(st.integers(0, PROBE - 1))
def test_one_answer_as_asked_is_enough_for_the_probe(which):
    traces = [BARE] * PROBE
    traces[which] = THOUGHT
    assert asked("on", *traces, *[BARE] * (WINDOW - PROBE - 1)) == []


def test_each_mode_has_a_probe_of_its_own():
    watch = TraceWatch("m")
    assert not watch.settled("on")
    watch.see("on", THOUGHT, "ok")
    assert watch.settled("on")
    assert not watch.settled("off")
    watch.see("off", BARE, "ok")
    assert watch.settled("off")


def test_what_tells_nothing_neither_stops_nor_holds_back_for_ever():
    watch = TraceWatch("m")
    for count in range(PROBE_MOST):
        assert not watch.settled("on")
        watch.see("on", BARE, "refused" if count % 2 else "truncated")
    assert watch.settled("on")
    with pytest.raises(EndpointError):
        [watch.see("on", BARE, "ok") for _ in range(PROBE)]


@pytest.mark.parametrize("ending", ["truncated", "thinking_only"])
def test_thinking_counts_also_where_no_answer_came(ending):
    watch = TraceWatch("m")
    watch.see("on", Trace("t", ""), ending)
    assert watch.settled("on")
    with pytest.raises(EndpointError):
        asked("off", *[Trace("t", "")] * PROBE, ending=ending)


def test_a_climbing_rate_is_told_once_and_again_only_after_it_recovered():
    watch = TraceWatch("m")

    def cautions(trace, times):
        said = [watch.see("on", trace, "ok") for _ in range(times)]
        return [caution for caution in said if caution]

    limit = int(ALARM * WINDOW)
    assert cautions(THOUGHT, WINDOW) == []
    assert cautions(BARE, limit) == []
    told = f"{limit + 1} of the last {WINDOW} answers of teacher 'm' hold no thinking, though it "
    assert cautions(BARE, WINDOW) == [f"{told}was asked to think (`reasoning: on`)"]
    assert cautions(THOUGHT, WINDOW - limit) == []  # back at the limit, not yet recovered
    assert cautions(BARE, limit) == []
    assert cautions(THOUGHT, WINDOW) == []
    assert len(cautions(BARE, limit + 1)) == 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["on", "off", "prompted"]),
            st.sampled_from([THOUGHT, BARE, Trace("t", ""), Trace(None, "")]),
            st.sampled_from(sorted(ANSWERED)),
        ),
        max_size=80,
    )
)
def test_a_mode_is_refused_only_where_no_answer_was_as_asked(answers):
    watch = TraceWatch("m")
    contrary = {"on": [], "off": [], "prompted": []}
    for reasoning, trace, ending in answers:
        if ending != "refused" and not (ending == "truncated" and trace.think is None):
            contrary[reasoning].append((trace.think is not None) == (reasoning == "off"))
        told = contrary[reasoning]
        try:
            watch.see(reasoning, trace, ending)
        except EndpointError:
            assert len(told) >= PROBE
            assert all(told)
        else:
            assert len(told) < PROBE or ending in ("refused", "truncated") or not all(told)
