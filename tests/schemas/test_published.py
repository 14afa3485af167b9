"""Rows in the shapes that the datasets' cards show."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill import registry
from potstill.protocols import NotReadable

AM_1_4M = {
    "messages": [
        {
            "role": "user",
            "content": "What is 6 times 7?",
            "info": {"source": "openThoughts", "reference_answer": "42", "test_case": None},
        },
        {
            "role": "assistant",
            "content": "<think>Six sevens.\n</think>\n<answer>\nIt is 42.\n</answer>",
            "info": {
                "source": "openThoughts",
                "reference_answer": None,
                "test_case": None,
                "think_content": "Six sevens.\n",
                "answer_content": "\nIt is 42.\n",
            },
        },
    ]
}
AM_0528 = {
    "system": "Be exact.",
    "conversations": [
        {"from": "human", "value": "What is 6 times 7?", "info": {"source": "school"}},
        {"from": "assistant", "value": "41.", "info": {"think_content": "Hm.\n"}},
        {
            "from": "human",
            "value": "Sure?",
            "info": {
                "source": "school",
                "category": "math",
                "ground_truth": "42",
                "test_case": None,
                "instruction_constrain": None,
            },
        },
        {
            "from": "assistant",
            "value": "<think>Six sevens.\n</think>\n<answer>\n42, sorry.\n</answer>",
            "info": {
                "think_content": "Six sevens.\n",
                "answer_content": "\n42, sorry.\n",
                "verify_score": 0.95,
                "model_name": "deepseek-r1-0528",
                "ppl": 2.9,
            },
        },
    ],
}
NEMOTRON = {
    "uuid": "0b9a",
    "license": "cc-by-4.0",
    "generator": "DeepSeek-R1-0528",
    "version": "v1",
    "category": "math",
    "reasoning": "on",
    "messages": [
        {"role": "user", "content": "What is 6 times 7?", "tool_calls": []},
        {
            "role": "assistant",
            "content": "<think>\nSix sevens.\n</think>\n\\boxed{42}",
            "tool_calls": [],
        },
    ],
    "metadata": '{"expected_answer": "42"}',
}
RAW = {
    "input": "六乘七等于多少？",
    "reasoning_content": "\n六七四十二。\n",
    "content": "\n\n\\boxed{42}",
    "repo_name": "meta-math/GSM8K_zh",
    "prompt_tokens_len": 11,
    "reasoning_content_tokens_len": 9,
    "content_tokens_len": 7,
    "score": 10,
}
SFT = {
    "instruction": "六乘七等于多少？",
    "input": "",
    "output": "<think>\n六七四十二。\n</think>\n\\boxed{42}",
    "repo_name": "meta-math/GSM8K_zh",
    "score": 10,
}
HISTORY = {
    "instruction": "And then?",
    "input": "Say it in French.",
    "output": "Trois.",
    "system": "Count.",
    "history": [["One", "Two"], ["Go on", "Three"]],
    "level": 1,
}
SHAREGPT = {
    "conversations": [
        {"from": "system", "value": "Be kind."},
        {"from": "human", "value": "Hi"},
        {"from": "gpt", "value": "Hello!"},
    ],
    "tools": "[]",
}
MESSAGES = {
    "messages": [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": [{"type": "text", "text": "H"}, {"type": "text", "text": "i"}]},
        {"role": "assistant", "content": "Hello!", "reasoning_content": " A greeting. "},
    ],
    "model": "m",
    "id": 7,
}
HUATUO = {
    "Question": "What is it?",
    "Complex_CoT": "Let me see.",
    "Response": "A cold.",
    "Ground-True Answer": "common cold",
    "question": "Which of these?",
    "options": {"A": "cold"},
}

TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
CALL = [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
ROWS = {
    "am-1.4m": AM_1_4M,
    "am-0528": AM_0528,
    "nemotron-v1": NEMOTRON,
    "chinese-110k": RAW,
    "alpaca": HISTORY,
    "sharegpt": SHAREGPT,
    "messages": MESSAGES,
    "huatuo-o1": HUATUO,
    "qa": {"question": "1 + 1", "answer": "2"},
    "gsm8k": {"question": "How many?", "answer": "1 + 1 = <<1+1=2>>2\n#### 2"},
    "math": {"problem": "1 + 1?", "solution": "It is $\\boxed{2}$.", "level": "Level 1"},
    "mcq": {"question": "Which?", "A": "this", "B": "that", "answer": "B"},
    "humaneval": {
        "task_id": "HumanEval/0",
        "prompt": "def f():\n",
        "test": "def check(candidate):\n    assert candidate() == 1\n\n",
        "entry_point": "f",
    },
    "mbpp": {"text": "Write f.", "test_list": ["assert f() == 1"], "test_setup_code": ""},
    "apps": {"question": "Add.", "input_output": '{"inputs": ["1\\n"], "outputs": ["2"]}'},
    "code-contests": {
        "description": "Add.",
        "public_tests": {"input": ["1\n"], "output": ["2\n"]},
    },
    "codeforces": {"description": "Add.", "examples": [{"input": "1", "output": "2"}]},
    "deepcoder": {"problem": "Add.", "tests": [{"input": "1", "output": "2"}]},
}


def read(name, row):
    before = copy.deepcopy(row)
    found = registry.load("schemas", name)(row)
    assert row == before
    return found


def turns(*pairs, infos=None):
    said = [{"role": role, "content": content} for role, content in pairs]
    for number, info in (infos or {}).items():
        said[number]["info"] = info
    return said


def reason(name, row):
    with pytest.raises(NotReadable) as raised:
        read(name, row)
    json.dumps(raised.value.evidence)
    return raised.value.reason


def test_every_schema_has_a_row_here() -> None:
    assert ROWS.keys() == registry.PLUGINS["schemas"].keys()


def test_am_1_4m() -> None:
    assert read("am-1.4m", AM_1_4M) == {
        "messages": turns(("user", "What is 6 times 7?")),
        "reference_answer": "42",
        "category": None,
        "response": {"think": "Six sevens.", "answer": "It is 42.", "teacher": None},
        "tests": None,
        "origin": "openThoughts",
    }


def test_am_1_4m_without_the_parts_reads_the_content() -> None:
    row = copy.deepcopy(AM_1_4M)
    del row["messages"][1]["info"]
    found = read("am-1.4m", row)
    assert found["response"] == read("am-1.4m", AM_1_4M)["response"]


CODE = "assert f() == 1"
STRUCT = {"test_code": CODE, "test_entry_point": "f"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (STRUCT, {"code": CODE, "entry_point": "f"}),
        (json.dumps(STRUCT), {"code": CODE, "entry_point": "f"}),
        (CODE, {"code": CODE}),
        ({"test_code": CODE, "test_entry_point": None}, {"code": CODE}),
        ({"test_code": None, "test_entry_point": None}, None),
        ('{"inputs": ["1"], "outputs": ["2"]}', {"inputs": ["1"], "outputs": ["2"]}),
        ("", None),
    ],
)
def test_am_1_4m_s_tests_come_in_two_shapes(given, expected) -> None:
    row = copy.deepcopy(AM_1_4M)
    row["messages"][0]["info"]["test_case"] = given
    found = read("am-1.4m", row)
    assert found["tests"] == expected
    assert "test_case" not in found


def test_tests_of_another_shape_stay_a_column() -> None:
    row = copy.deepcopy(AM_1_4M)
    row["messages"][0]["info"]["test_case"] = "see the web site"
    found = read("am-1.4m", row)
    assert (found["tests"], found["test_case"]) == (None, "see the web site")


def test_question_and_answer_may_name_two_sources() -> None:
    row = copy.deepcopy(AM_1_4M)
    row["messages"][1]["info"]["source"] = "R1"
    found = read("am-1.4m", row)
    assert (found["origin"], found["response_source"]) == ("openThoughts", "R1")


def test_am_0528_with_several_turns() -> None:
    assert read("am-0528", AM_0528) == {
        "messages": turns(
            ("system", "Be exact."),
            ("user", "What is 6 times 7?"),
            ("assistant", "41."),
            ("user", "Sure?"),
            infos={1: {"source": "school"}, 2: {"think_content": "Hm.\n"}},
        ),
        "reference_answer": "42",
        "category": "math",
        "response": {
            "think": "Six sevens.",
            "answer": "42, sorry.",
            "teacher": "deepseek-r1-0528",
        },
        "tests": None,
        "origin": "school",
        "verify_score": 0.95,
        "ppl": 2.9,
    }


def test_nemotron_v1() -> None:
    found = read("nemotron-v1", NEMOTRON)
    assert found["messages"] == turns(("user", "What is 6 times 7?"))
    assert found["response"] == {
        "think": "Six sevens.",
        "answer": "\\boxed{42}",
        "teacher": "DeepSeek-R1-0528",
        "reasoning": "on",
    }
    assert found["reference_answer"] == "42"
    assert {name: found[name] for name in NEMOTRON if name != "messages"} == {
        name: value for name, value in NEMOTRON.items() if name != "messages"
    }


@pytest.mark.parametrize(
    ("prompt", "metadata", "expected", "origin"),
    [
        ("", {"conversation_id": "ab"}, ("lmsys-chat-1m", "ab"), ["lmsys-chat-1m:ab"]),
        (
            "-",
            {"dataset": "taco", "split": "train", "index": "17", "source": "codechef"},
            ("taco", "train:17"),
            ["taco:train:17", "codechef"],
        ),
        (
            "-",
            {"dataset": "apps", "split": "test", "index": 0},
            ("apps", "test:0"),
            ["apps:test:0"],
        ),
        ("-", {"dataset": "apps"}, ("apps", None), ["apps"]),
        ("", {}, (None, None), None),
    ],
)
def test_a_prompt_that_nemotron_leaves_to_its_user(prompt, metadata, expected, origin) -> None:
    row = copy.deepcopy(NEMOTRON) | {"metadata": json.dumps(metadata)}
    row["messages"][0]["content"] = prompt
    found = read("nemotron-v1", row)
    assert found["withheld"] == dict(zip(("set", "key"), expected, strict=True))
    assert found["origin"] == origin
    assert found["response"]


def test_an_empty_turn_after_the_first_is_nobody_s() -> None:
    said = turns(("user", ""), ("assistant", "Hi"), ("user", ""), ("assistant", "Hi?"))
    assert reason("nemotron-v1", NEMOTRON | {"messages": said}) == "prompt_withheld"


def test_nemotron_s_problems_of_mathematics_name_their_source() -> None:
    metadata = '{"expected_answer": "7", "problem_source": "aops_c6"}'
    found = read("nemotron-v1", NEMOTRON | {"metadata": metadata, "reasoning": "off"})
    assert (found["origin"], found["reference_answer"]) == (["aops_c6"], "7")
    assert (found["response"]["reasoning"], found["reasoning"]) == ("off", "off")
    assert "withheld" not in found


def test_nemotron_s_tools_stand_in_its_metadata() -> None:
    called = {"role": "assistant", "content": "", "tool_calls": CALL}
    result = {"role": "tool", "content": "", "tool_calls": []}
    told = turns(("user", "Which?"))
    for messages, response in (
        ([*told, called], {"think": None, "answer": "", "tool_calls": CALL}),
        ([*told, called, result, *turns(("assistant", "It is x."))], {"answer": "It is x."}),
    ):
        metadata = json.dumps({"tools": [TOOL]})
        found = read("nemotron-v1", NEMOTRON | {"messages": messages, "metadata": metadata})
        assert found["tools"] == [TOOL]
        assert response.items() <= found["response"].items()
        assert found["metadata"] == metadata
    assert found["messages"] == [*told, called, {"role": "tool", "content": ""}]


@pytest.mark.parametrize("tools", [[{"name": 5}], "f", [5], {"f": 1}, '[{"x": NaN}]'])
def test_tools_of_another_shape_are_not_read(tools) -> None:
    for name, row in (("messages", MESSAGES), ("sharegpt", SHAREGPT)):
        assert reason(name, row | {"tools": tools}) == "tools"
    assert reason("nemotron-v1", NEMOTRON | {"metadata": {"tools": tools}}) == "tools"


def test_nemotron_s_metadata_may_be_anything() -> None:
    for metadata in ("", "not json", "[" * 100_000, '{"tools": []}', None, {"tools": None}):
        found = read("nemotron-v1", NEMOTRON | {"metadata": metadata})
        assert found["response"]
        assert "tools" not in found


def test_chinese_110k_is_one_thing_in_two_forms() -> None:
    raw, sft = read("chinese-110k", RAW), read("chinese-110k", SFT)
    assert raw["messages"] == sft["messages"] == turns(("user", "六乘七等于多少？"))
    assert raw["response"] == sft["response"]
    assert raw["response"] == {"think": "六七四十二。", "answer": "\\boxed{42}", "teacher": None}
    assert (raw["score"], raw["origin"]) == (10, "meta-math/GSM8K_zh")
    assert (sft["score"], sft["origin"]) == (10, "meta-math/GSM8K_zh")
    assert not raw.keys() & {"input", "repo_name"}


def test_alpaca_with_all_its_columns() -> None:
    assert read("alpaca", HISTORY) == {
        "messages": turns(
            ("system", "Count."),
            ("user", "One"),
            ("assistant", "Two"),
            ("user", "Go on"),
            ("assistant", "Three"),
            ("user", "And then?\nSay it in French."),
        ),
        "response": {"think": None, "answer": "Trois.", "teacher": None},
        "level": 1,
    }


def test_alpaca_s_further_columns_may_be_null_or_empty() -> None:
    row = {"instruction": "Go", "input": "", "output": "Gone", "system": None, "history": None}
    assert read("alpaca", row)["messages"] == turns(("user", "Go"))
    assert read("alpaca", row | {"history": [], "system": ""})["messages"] == turns(("user", "Go"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"instruction": None}, "wrong_type"),
        ({"output": 5}, "wrong_type"),
        ({"input": ["x"]}, "wrong_type"),
        ({"history": "before"}, "wrong_type"),
        ({"history": [["alone"]]}, "wrong_type"),
        ({"history": [{"from": "human"}]}, "wrong_type"),
    ],
)
def test_an_alpaca_row_of_other_types_is_refused(change, expected) -> None:
    assert reason("alpaca", HISTORY | change) == expected


def test_sharegpt() -> None:
    found = read("sharegpt", SHAREGPT)
    assert found["messages"] == turns(("system", "Be kind."), ("user", "Hi"))
    assert found["response"] == {"think": None, "answer": "Hello!", "teacher": None}


def test_sharegpt_s_speakers_have_several_names() -> None:
    said = [
        {"from": "user", "value": "Hi"},
        {"from": "assistant", "value": "<think>\nHm.\n</think>\n\nHello!"},
        {"from": "human", "value": "Bye", "weight": 1},
    ]
    found = read("sharegpt", {"conversations": said, "system": " ", "chosen": {"from": "gpt"}})
    assert [turn["role"] for turn in found["messages"]] == ["user", "assistant", "user"]
    assert found["messages"][1]["content"] == said[1]["value"]
    assert found["messages"][2] == {"role": "user", "content": "Bye", "weight": 1}
    assert (found["response"], found["chosen"]) == (None, {"from": "gpt"})


def test_sharegpt_with_tools() -> None:
    call = {"name": "f", "arguments": {"x": 1}}
    said = [
        {"from": "human", "value": "Which?"},
        {"from": "function_call", "value": json.dumps(call)},
        {"from": "observation", "value": "[1]"},
        {"from": "function_call", "value": f"<think>\nTwo.\n</think>\n\n{json.dumps([call] * 2)}"},
    ]
    offered = TOOL["function"]
    row = {"conversations": said, "tools": json.dumps([offered])}
    assert read("sharegpt", row) == {
        "messages": [
            *turns(("user", "Which?")),
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "content": "[1]"},
        ],
        "tools": [TOOL],
        "response": {"think": "Two.", "answer": "", "teacher": None, "tool_calls": [call, call]},
    }


@pytest.mark.parametrize("value", ["{}", "f(1)", "[]", "5", '[{"name": 5}]', "<think>{}</think>"])
def test_a_call_of_another_shape_is_not_read(value) -> None:
    row = copy.deepcopy(SHAREGPT)
    row["conversations"].insert(2, {"from": "function_call", "value": value})
    assert reason("sharegpt", row) == "tool_calls"


def test_messages() -> None:
    assert read("messages", MESSAGES) == {
        "messages": turns(("system", "Be kind."), ("user", "Hi")),
        "response": {"think": "A greeting.", "answer": "Hello!", "teacher": "m"},
        "model": "m",
        "id": 7,
    }


def test_beside_reasoning_content_tags_are_part_of_the_answer() -> None:
    row = {"messages": turns(("user", "Hi"), ("assistant", "<think>x</think>y"))}
    assert read("messages", row)["response"]["think"] == "x"
    row["messages"][1]["reasoning_content"] = "Hm."
    response = read("messages", row)["response"]
    assert (response["think"], response["answer"]) == ("Hm.", "<think>x</think>y")


def test_an_answer_that_is_still_to_come_is_none() -> None:
    row = {"messages": turns(("user", "Hi"), ("assistant", ""))}
    found = read("messages", row)
    assert (found["messages"], found["response"]) == (turns(("user", "Hi")), None)
    cut = {"role": "assistant", "content": None, "reasoning_content": "Hm"}
    response = read("messages", {"messages": [*turns(("user", "Hi")), cut]})["response"]
    assert response == {"think": "Hm", "answer": "", "teacher": None}


def test_what_a_turn_says_more_stays_with_it() -> None:
    row = {"messages": [{"role": "user", "content": "Hi", "name": "Ann", "tool_calls": None}]}
    assert read("messages", row)["messages"] == [{"role": "user", "content": "Hi", "name": "Ann"}]


def test_a_response_in_a_column_of_its_own_stays_there() -> None:
    row = {"messages": turns(("user", "Hi")), "response": "Hello!", "category": "chat"}
    assert read("messages", row) == row


def test_messages_with_tools() -> None:
    said = [
        *turns(("developer", "Be brief."), ("user", "Which?")),
        {"role": "assistant", "content": None, "tool_calls": CALL},
        {"role": "tool", "content": "[1]", "tool_call_id": "1"},
        {"role": "assistant", "content": None, "reasoning_content": "Hm.", "tool_calls": CALL},
    ]
    found = read("messages", {"messages": said, "tools": [TOOL], "model": "m"})
    assert found == {
        "messages": [
            *turns(("system", "Be brief."), ("user", "Which?")),
            said[2] | {"content": ""},
            said[3],
        ],
        "tools": [TOOL],
        "response": {"think": "Hm.", "answer": "", "teacher": "m", "tool_calls": CALL},
        "model": "m",
    }


def test_the_older_names_of_tools_are_read() -> None:
    function = CALL[0]["function"]
    said = [
        *turns(("user", "Which?")),
        {"role": "assistant", "content": None, "function_call": function},
        {"role": "function", "name": "f", "content": "1"},
        *turns(("assistant", "x")),
    ]
    found = read("messages", {"messages": said, "functions": [TOOL["function"]]})
    assert found["tools"] == [TOOL]
    assert found["messages"][1:] == [
        {"role": "assistant", "content": "", "tool_calls": [function]},
        {"role": "tool", "name": "f", "content": "1"},
    ]
    assert "functions" not in found


def test_calls_may_be_parts_of_the_content() -> None:
    parts = [
        {"type": "reasoning", "value": "Hm."},
        {"type": "tool_call", "value": '{"name": "f", "arguments": {}}'},
    ]
    found = read("messages", {"messages": [*turns(("user", "?")), *turns(("assistant", parts))]})
    assert found["response"] == {
        "think": "Hm.",
        "answer": "",
        "teacher": None,
        "tool_calls": [{"name": "f", "arguments": {}}],
    }


IMAGE = [{"type": "image_url", "image_url": {"url": "x"}}]
BAD_CALL = [{"id": "1", "type": "function", "function": {"arguments": "{}"}}]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], "no_user_turn"),
        (turns(("assistant", "Hi")), "no_user_turn"),
        (turns(("user", "Hi"), ("system", "x")), "no_user_turn"),
        (turns(("user", "Hi"), ("assistant", "x"), ("assistant", "y")), "no_user_turn"),
        (turns(("user", None)), "not_text"),
        (turns(("user", IMAGE)), "not_text"),
        (turns(("user", 5)), "not_text"),
        (turns(("assistant", {"answer": "x"})), "not_text"),
        (turns(("reader", "x")), "bad_message"),
        (turns((["user"], "x")), "bad_message"),
        (["Hi"], "bad_message"),
        (turns(("system", "Hi"), ("tool", "{}")), "no_user_turn"),
        ([{"role": "assistant", "content": None, "tool_calls": BAD_CALL}], "tool_calls"),
        ([{"role": "assistant", "content": None, "tool_calls": "f(1)"}], "tool_calls"),
        ([{"role": "user", "content": "Hi", "tool_calls": CALL}], "tool_calls"),
        ("Hi", "wrong_type"),
    ],
)
def test_messages_that_can_t_be_read(said, expected) -> None:
    assert reason("messages", {"messages": said}) == expected


@pytest.mark.parametrize(
    ("row", "reference", "left"),
    [
        ({"question": "q", "answer": "a"}, "a", set()),
        ({"problem": "q", "solution": "s", "answer": "a"}, "a", {"solution"}),
        ({"problem": "q", "solution": "s", "answer": ""}, "s", {"answer"}),
        ({"question": "q", "golden": 18, "answer": None}, 18, {"answer"}),
        ({"query": "q", "reference": "r"}, "r", set()),
        ({"problem": "q", "prompt": "{q}", "ground_truth": "g"}, "g", {"prompt"}),
        ({"prompt": "q"}, None, set()),
        ({"prompt": "q", "options": None, "": 1}, None, {"options", ""}),
    ],
)
def test_questions_and_answers_by_their_columns_names(row, reference, left) -> None:
    found = read("qa", row)
    assert found["messages"] == turns(("user", "q"))
    assert (found["reference_answer"], found["response"]) == (reference, None)
    assert found.keys() - {"messages", "reference_answer", "response"} == left


def test_a_table_s_response() -> None:
    row = {"prompt": "q", "full_response": "<think>t</think>a", "model_name": "R1"}
    found = read("qa", row)
    assert found["response"] == {"think": "t", "answer": "a", "teacher": "R1"}
    assert "full_response" not in found
    assert read("qa", {"prompt": "q", "response": 5})["response"] == 5


def test_choices_in_a_column_of_their_own_are_no_whole_prompt() -> None:
    assert reason("qa", {"question": "Which?", "options": ["(A) x"]}) == "choices_apart"


def test_huatuo_o1() -> None:
    found = read("huatuo-o1", HUATUO)
    assert found["messages"] == turns(("user", "What is it?"))
    assert found["reference_answer"] == "common cold"
    assert found["response"] == {"think": "Let me see.", "answer": "A cold.", "teacher": None}
    assert found["question"] == "Which of these?"


@pytest.mark.parametrize("name", list(ROWS))
def test_a_row_of_another_shape_is_told_what_it_lacks(name) -> None:
    assert reason(name, {"text": "x"}) == "missing_field"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
TURNS = st.lists(
    VALUES
    | st.fixed_dictionaries(
        {"role": VALUES | st.sampled_from(["user", "assistant"])},
        optional=dict.fromkeys(["content", "from", "value", "info", "tool_calls"], VALUES),
    )
    | st.fixed_dictionaries({"from": st.just("human"), "value": VALUES, "info": VALUES})
)


@settings(deadline=None)
@given(st.sampled_from(list(ROWS)), st.data())
def test_any_row_is_read_or_refused(name, data) -> None:
    others = {"response", "metadata", "tests", "options", "A", "label", "Correct Answer"}
    names = st.sampled_from(sorted({*ROWS[name], *HISTORY, *others}))
    row = data.draw(st.dictionaries(names, VALUES | TURNS))
    row = ROWS[name] | row if data.draw(st.booleans()) else row
    try:
        found = registry.load("schemas", name)(row)
    except NotReadable as refused:
        json.dumps(refused.evidence)
        return
    assert found["messages"][-1]["role"] == "user"
    assert all(isinstance(turn["content"], str) for turn in found["messages"])
    assert "response" in found
