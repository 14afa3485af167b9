import pytest
from pydantic import ValidationError

from potstill.models.batches.options import BatchOptions
from potstill.recipe.teachers import TeacherSpec


@pytest.mark.parametrize(
    ("model", "switch"), [("Qwen/Qwen3-8B", "chat_template_kwargs"), ("somebody/new", "none")]
)
def test_an_automatic_switch_is_the_model_s_own(model, switch):
    spec = TeacherSpec.model_validate(
        {"thinking_switch": "auto", "model": model, "base_url": "http://127.0.0.1:8000/v1"}
    )
    assert spec.thinking_switch == switch


@pytest.mark.parametrize(
    ("batch", "options"),
    [(True, BatchOptions()), (False, None), ({"poll_s": 5}, BatchOptions(poll_s=5))],
)
def test_batches_are_on_or_off_or_told_in_detail(batch, options):
    spec = TeacherSpec.model_validate(
        {"model": "m", "base_url": "http://127.0.0.1:8000/v1", "batch": batch}
    )
    assert spec.batch == options


@pytest.mark.parametrize(
    "place",
    [{"local": "smollm2-135m"}, {"endpoints": [{"base_url": f"http://{c}/v1"} for c in "ab"]}],
)
def test_batches_need_one_endpoint(place):
    with pytest.raises(ValidationError, match="batches need one endpoint"):
        TeacherSpec.model_validate({"model": "m", "batch": True, **place})
