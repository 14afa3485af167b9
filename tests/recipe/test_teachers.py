import pytest

from potstill.recipe.teachers import TeacherSpec


@pytest.mark.parametrize(
    ("model", "switch"), [("Qwen/Qwen3-8B", "chat_template_kwargs"), ("somebody/new", "none")]
)
def test_an_automatic_switch_is_the_model_s_own(model, switch):
    spec = TeacherSpec.model_validate(
        {"thinking_switch": "auto", "model": model, "base_url": "http://127.0.0.1:8000/v1"}
    )
    assert spec.thinking_switch == switch
