import pytest

from potstill.verifiers.answers import answering


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("x = 5", "x = 5"),
        ("<think>\\boxed{5}</think>\n\\boxed{6}", "\\boxed{6}"),
        ("5 or 6?</think>6", "6"),
        ("◁think▷5◁/think▷6", "6"),
        ("[THINK]5[/THINK]6", "6"),
        (
            "<|begin_of_thought|>5<|end_of_thought|>\n<|begin_of_solution|>6<|end_of_solution|>",
            "6",
        ),
        (
            "<|channel|>analysis<|message|>5<|end|><|start|>assistant<|channel|>final<|message|>6"
            "<|return|>",
            "6",
        ),
        ("<think>I close it with `</think>` soon</think>6", "6"),
        ("It is `</think>` that ends it.", "It is `</think>` that ends it."),
        ("<think>5</think>", ""),
        ("The answer is 5.<|im_end|>\n<|im_start|>user\nAnd 7?", "The answer is 5."),
        ("<|im_start|>assistant\n5<|im_end|>", "5"),
        ("5</s>", "5"),
        ("5<｜end▁of▁sentence｜>", "5"),
        ("a < b and [1, 2]", "a < b and [1, 2]"),
    ],
)
def test_the_answering_part(text: str, answer: str) -> None:
    assert answering(text) == (answer, False)


@pytest.mark.parametrize("text", ["<think>\\boxed{5}", "\n<think>\nThe answer is 5.", "◁think▷5"])
def test_unfinished_thinking_answers_nothing(text: str) -> None:
    assert answering(text) == ("", True)
