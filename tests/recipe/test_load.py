"""Recipes that are right: what they mean, where their files are, and back to YAML."""

import os
import pickle
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potstill.errors import InputError
from potstill.models.requests import RESERVED
from potstill.recipe import (
    Condition,
    DecontaminateSpec,
    DedupSpec,
    DistilSpec,
    EngineSpec,
    ExportSpec,
    FilterSpec,
    PromptSpec,
    Recipe,
    Sampling,
    SourceSpec,
    TeacherSpec,
    VerifySpec,
    dump,
    load_recipe,
    read_dumped,
)

SMALL = """\
name: small
sources: [{path: problems.jsonl}]
distil: {teachers: [{local: smollm2-135m}]}
export: [{use: messages}]
"""


def load(folder: Path, text: str, *sets: str) -> Recipe:
    (folder / "recipe.yaml").write_text(text, encoding="utf-8")
    return load_recipe(folder / "recipe.yaml", sets=sets)


def test_reads_the_documented_recipe(folder: Path, good: str):
    recipe = load(folder, good)
    assert recipe.name == "school-math"
    assert recipe.sources == (
        SourceSpec(
            use="jsonl",
            path=folder / "problems.jsonl",
            name="problems",
            map={"problem": "question", "reference_answer": "gold"},
            set={"category": "math"},
        ),
    )
    assert [(s.use, s.options) for s in recipe.dedup] == [
        ("exact", {}),
        ("minhash", {"threshold": 0.8}),
    ]
    (against,) = recipe.decontaminate[0].against
    assert (against.use, against.path) == ("jsonl", str(folder / "benchmark.jsonl"))
    assert recipe.distil.samples == 4
    assert recipe.distil.prompt[0].where == Condition(
        "category = 'math' and language = 'zh'", "problem"
    )
    assert recipe.distil.prompt[0].template.endswith("\\boxed{}。")
    assert recipe.distil.teachers == (
        TeacherSpec(
            model="my-model",
            base_url="http://127.0.0.1:8000/v1",
            key_env="TEACHER_KEY",
            sampling=Sampling(temperature=0.6, top_p=0.95, max_tokens=4096),
            max_in_flight=300,
        ),
    )
    assert recipe.verify[0].where == Condition("category = 'math'")
    assert [s.use for s in recipe.filter] == ["format", "repetition"]
    assert recipe.export[1].when == Condition("outcome = 'pass'")


def test_everything_but_sources_teachers_and_exports_may_be_left_out(folder: Path):
    recipe = load(folder, SMALL)
    teacher = recipe.distil.teachers[0]
    assert (recipe.dedup, recipe.verify, recipe.filter) == ((), (), ())
    assert recipe.decontaminate == tuple(
        DecontaminateSpec(use=name, against=("all",)) for name in ("ngram", "similar")
    )
    assert (recipe.sources[0].use, recipe.sources[0].name) == ("jsonl", "problems")
    assert (recipe.distil.samples, recipe.distil.reasoning, recipe.distil.prompt) == (1, "on", ())
    assert (teacher.model, teacher.max_in_flight, teacher.seed) == ("smollm2-135m", None, True)
    assert teacher.sampling == Sampling()
    assert recipe.engine == EngineSpec(use="local", workers=None)


@pytest.mark.parametrize(
    ("local", "model"),
    [
        ("smollm2-135m", "smollm2-135m"),
        ("tiny.gguf", "tiny"),
        ("org/some-1.5B", "org/some-1.5B"),
        ("org/some-1.5B:q4/some.Q4_1.gguf", "some.Q4_1"),
    ],
)
def test_a_local_model_has_the_name_of_its_file(folder: Path, local: str, model: str):
    recipe = load(folder, SMALL, f"distil.teachers.0.local={local}")
    assert recipe.distil.teachers[0].model == model


@pytest.mark.parametrize(
    ("written", "means"),
    [("on", "on"), ("off", "off"), ("true", "on"), ("false", "off"), ("both", "both")],
)
def test_reasoning_may_be_written_without_quotes(folder: Path, written: str, means: str):
    switch = "distil.teachers.0.thinking_switch=chat_template_kwargs"
    recipe = load(folder, SMALL, f"distil.reasoning={written}", switch)
    assert recipe.distil.reasoning == means


def test_one_text_is_a_template_for_all(folder: Path):
    recipe = load(folder, SMALL, "distil.prompt='{problem} \\boxed{}'")
    assert recipe.distil.prompt == (PromptSpec(template="{problem} \\boxed{}"),)


@pytest.mark.parametrize(
    ("name", "use"), [("x.json", "json"), ("x.v2.JSONL", "jsonl"), ("x.jsonl.zst", "jsonl")]
)
def test_the_ending_tells_the_source(folder: Path, name: str, use: str):
    (folder / name).write_text("{}")
    assert load(folder, SMALL, f"sources.0.path={name}").sources[0].use == use


def test_paths_start_from_the_recipe_then_from_here(tmp_path: Path, folder: Path):
    (tmp_path / "problems.jsonl").write_text("{}")
    recipe = load(tmp_path, SMALL)
    assert recipe.sources[0].path == str(tmp_path / "problems.jsonl")
    (tmp_path / "problems.jsonl").unlink()
    recipe = load(tmp_path, SMALL)
    assert recipe.sources[0].path == str(folder / "problems.jsonl")


def test_paths_from_the_command_line_start_from_here_then_from_the_recipe(
    tmp_path: Path, folder: Path
):
    for name in ("problems.jsonl", "only-there.jsonl"):
        (tmp_path / name).write_text("{}")
    recipe = load(tmp_path, SMALL, "sources.0.path=problems.jsonl")
    assert recipe.sources[0].path == str(folder / "problems.jsonl")
    recipe = load(tmp_path, SMALL, "sources.0={path: only-there.jsonl}")
    assert recipe.sources[0].path == str(tmp_path / "only-there.jsonl")


def test_paths_may_start_from_home(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    monkeypatch.setenv("USERPROFILE", os.fspath(tmp_path))
    (tmp_path / "mine.jsonl").write_text("{}")
    recipe = load(folder, SMALL, "sources.0.path=~/mine.jsonl")
    assert recipe.sources[0].path == str(tmp_path / "mine.jsonl")


def test_a_gguf_file_is_looked_for_like_a_source(folder: Path):
    recipe = load(folder, SMALL, "distil.teachers.0.local=tiny.gguf")
    assert recipe.distil.teachers[0].local == os.fspath(folder / "tiny.gguf")


def test_a_file_of_code_runs_only_where_that_is_allowed(folder: Path, tmp_path: Path):
    (tmp_path / "mine.py").write_text("def short(sample, /, *, most: int): ...\n")
    (tmp_path / "recipe.yaml").write_text(SMALL + "filter: [{use: 'mine.py:short', most: 3}]\n")
    recipe = load_recipe(tmp_path / "recipe.yaml", allow_code=True)
    assert recipe.filter[0].use == f"{tmp_path / 'mine.py'}:short"
    assert recipe.filter[0].options == {"most": 3}


def test_sets_change_add_and_append(folder: Path, good: str):
    recipe = load(
        folder,
        good,
        "distil.teachers.0.sampling.max_tokens=200",
        "distil.teachers.0.sampling.top_k=5",
        "distil.teachers.1.local=smollm2-135m",
        "engine.workers=3",
        "dedup=[]",
        "filter.1={use: length, max_tokens: 9}",
        "name=other-name",
        "distil.system=",
    )
    first, second = recipe.distil.teachers
    assert (first.sampling.max_tokens, first.sampling.top_k) == (200, 5)
    assert first.sampling.temperature == 0.6
    assert second.model == "smollm2-135m"
    assert recipe.engine.workers == 3
    assert recipe.dedup == ()
    assert recipe.filter[1].options == {"max_tokens": 9}
    assert recipe.name == "other-name"


def test_later_sets_win(folder: Path):
    assert load(folder, SMALL, "distil.samples=2", "distil.samples=3").distil.samples == 3


def test_aliases_and_dates_are_plain_values(folder: Path):
    text = SMALL.replace("small", "2020-01-01") + "dedup: [{use: exact, where: &w 'line = 1'}]\n"
    text += "verify: [{use: math, where: *w}]\nfilter: [{use: format, where: &w 'line = 2'}]\n"
    recipe = load(folder, text)
    assert recipe.name == "2020-01-01"
    assert recipe.verify[0].where == Condition("line = 1")
    assert recipe.filter[0].where == Condition("line = 2")


def test_a_recipe_can_be_pickled(folder: Path, good: str):
    recipe = load(folder, good)
    assert pickle.loads(pickle.dumps(recipe)) == recipe


def test_a_dumped_recipe_is_the_same(folder: Path, good: str):
    recipe = load(folder, good)
    assert load(folder, dump(recipe)) == recipe
    assert dump(load(folder, dump(recipe))) == dump(recipe)


def test_a_dumped_recipe_outlives_its_files(tmp_path: Path, folder: Path, good: str):
    recipe = load(folder, good)
    gone = recipe.sources[0].model_copy(update={"path": str(tmp_path / "gone.jsonl")})
    recipe = recipe.model_copy(update={"sources": (gone,)})
    (tmp_path / "recipe.yaml").write_text(dump(recipe), encoding="utf-8")
    assert read_dumped(tmp_path / "recipe.yaml") == recipe


texts = st.text(st.characters(exclude_categories=["Cs"]))
names = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=8)
words = texts | st.sampled_from(["on", "null", "1", "1e3", "2020-01-01", "a: b", "- x", "#", "<<"])
problem_conditions = st.sampled_from(["line = 1", "category = '数学' or -line < -1e3"]).map(
    lambda text: Condition(text, "problem")
)
sample_conditions = st.sampled_from(["category = 'it''s'", "has_think"]).map(Condition)


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


samplings = st.builds(
    Sampling,
    temperature=optional(st.floats(0, 5)),
    max_tokens=st.integers(1, 2**40),
    stop=optional(st.lists(words, max_size=2).map(tuple)),
    extra_body=st.dictionaries(
        names.filter(lambda name: name not in RESERVED),
        words | st.integers(-5, 5) | st.booleans(),
        max_size=2,
    ),
)
teachers = st.builds(
    TeacherSpec,
    model=words.filter(bool),
    base_url=st.just("https://example.org/v1?api-version=2"),
    key_env=optional(st.just("KEY_2")),
    sampling=samplings,
    stall_s=st.floats(1e-5, 1e9),
    seed=st.booleans(),
    thinking_switch=st.just("chat_template_kwargs"),
)
distils = st.builds(
    DistilSpec,
    samples=st.integers(1, 99),
    system=optional(words),
    prompt=st.lists(
        st.builds(
            PromptSpec, where=optional(problem_conditions), template=words.map("{problem}".__add__)
        ),
        max_size=2,
    ),
    reasoning=st.sampled_from(["on", "off", "both", "prompted"]),
    teachers=st.lists(teachers, min_size=1, max_size=2, unique_by=lambda t: t.model),
)


def recipes(source: Path) -> st.SearchStrategy[Recipe]:
    sources = st.builds(
        SourceSpec,
        use=st.just("jsonl"),
        path=st.just(source),
        name=words.filter(bool),
        map=st.dictionaries(st.sampled_from(["problem", "category"]), words),
        set=st.dictionaries(st.sampled_from(["language", "category"]), words),
    )
    many = st.lists(sources, min_size=1, max_size=2, unique_by=lambda s: s.name)
    return st.builds(
        Recipe,
        name=names,
        sources=many,
        dedup=st.lists(
            st.builds(
                DedupSpec,
                use=st.just("minhash"),
                where=optional(problem_conditions),
                threshold=st.floats(0.001, 1),
            ),
            max_size=1,
        ),
        decontaminate=st.lists(
            st.builds(DecontaminateSpec, use=st.just("ngram"), against=many), max_size=1
        ),
        distil=distils,
        verify=st.lists(
            st.builds(VerifySpec, use=st.just("math"), where=optional(sample_conditions)),
            max_size=1,
        ),
        filter=st.lists(
            st.builds(
                FilterSpec, use=st.just("length"), max_tokens=st.integers(-(2**63) + 1, 2**63 - 1)
            ),
            max_size=1,
        ),
        export=st.lists(
            st.builds(
                ExportSpec,
                use=st.just("messages"),
                name=st.sampled_from(["", "a", "b.c"]),
                when=optional(sample_conditions),
            ),
            min_size=1,
            max_size=2,
            unique_by=lambda e: e.name,
        ),
    )


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_dump_and_load_are_inverse(folder: Path, data: st.DataObject):
    recipe = data.draw(recipes(folder / "problems.jsonl"))
    assert load(folder, dump(recipe)) == recipe


def test_one_change_may_be_a_text(folder: Path):
    (folder / "recipe.yaml").write_text(SMALL)
    assert load_recipe(folder / "recipe.yaml", sets="name=other").name == "other"


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.zst", "x.PARQUET", "x.csv"])
def test_a_data_file_is_told_from_a_recipe(folder: Path, name: str):
    (folder / name).write_bytes(b'{"question": "1?"}\n\xff')
    with pytest.raises(InputError, match="looks like data, not like a recipe: `potstill init"):
        load_recipe(folder / name)
