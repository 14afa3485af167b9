"""Recipes that are wrong: every mistake, its place, and what would be right."""

import os
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from potstill.errors import RecipeError
from potstill.models.thinking import ThinkingSwitch
from potstill.recipe import Recipe, TeacherSpec, load_recipe, read_dumped

TEACHER = ", ".join(TeacherSpec.model_fields)
SAMPLING = (
    "temperature, top_p, top_k, min_p, presence_penalty, frequency_penalty, repetition_penalty, "
    "max_tokens, stop, extra_body"
)
SECTIONS = (
    "name, sources, dedup, decontaminate, label, distil, verify, filter, export, engine, budget"
)
COLUMNS = (
    "source, file, line, row_id, problem_id, category, language, has_reference, has_tests, "
    "has_tools, license, origin, contamination"
)
LEGAL = (
    "a condition may hold columns, text, numbers, true, false, null, comparisons "
    "(= != <> < <= > >=), and, or, not, in (…), is null and parentheses"
)
NAME = "at most 100 letters, digits, '.', '_' and '-', without a '.' in front"
URL = "must be an address like http://127.0.0.1:8000/v1"
NOWHERE = "does not say where the model is: give `base_url`, `endpoints` or `local`"
TWICE = "of which only one can say where the model is"
SWITCHES = ", ".join(f"'{switch}'" for switch in ("auto", *get_args(ThinkingSwitch))[:-1])
NO_KEY = (
    "must be the name of an environment variable, such as TEACHER_KEY: capital letters, digits and "
    "_ (the value is not shown here, in case it is the key itself)"
)
TEACHERS = """\
  teachers:
    - model: my-model
      base_url: http://127.0.0.1:8000/v1
      key_env: TEACHER_KEY            # the variable's name; optional
      sampling: {temperature: 0.6, top_p: 0.95, max_tokens: 4096}
      max_in_flight: 300
"""
EXPORTS = """\
  - {use: messages, when: "outcome = 'pass'"}
  - {use: am-1.4m, when: "outcome = 'pass'"}
"""
FIRST = '"{problem}\\n请一步步推理，并把最终答案放到 \\\\boxed{}。"'
MATH = "category = 'math' and language"


def complaint(path: Path, *sets: str) -> str:
    """What is said of a recipe, without the folder that it lies in."""
    with pytest.raises(RecipeError) as caught:
        load_recipe(path, sets=sets)
    return str(caught.value).replace(f"{path.parent}{os.sep}", "")


# Each is the good recipe with one text changed.
WRONG = {
    # names, missing and unknown keys
    ("name: school-math\n", ""): "1: the recipe lacks the key 'name'",
    ("school-math", "../x"): f"1: name must be a name for a directory, not '../x': {NAME}",
    ("school-math", ".x"): f"1: name must be a name for a directory, not '.x': {NAME}",
    ("school-math", "5"): "1: name must be text, not 5: put it in quotes",
    ("school-math", "null"): "1: name must be text, not null",
    ("filter:", "filters:"): "30: the recipe has no key 'filters' (did you mean 'filter'?): "
    + SECTIONS,
    ("samples: 4", "<<: {samples: 4}"): "14: distil has no key '<<': samples, system, prompt, "
    "reasoning, teachers, salvage",
    (f"\n{TEACHERS}", "\n"): "13: distil lacks the key 'teachers'",
    # sources
    ("    path: problems.jsonl\n", ""): "3: sources.0 lacks the key 'path'",
    ("problems.jsonl", "problem.jsonl"): "4: there is no file or folder problem.jsonl",
    ("problems.jsonl", "''"): "4: sources.0.path is empty",
    ("path: problems.jsonl", 'path: "/a\\0b"'): "4: there is no file or folder '/a\\x00b'",
    ("use: jsonl", "use: jsnl"): "3: sources has no 'jsnl' (did you mean 'jsonl'?): "
    "jsonl, json, parquet, csv",
    ("use: jsonl", "use: 7"): "3: sources.0.use must be text, not 7: put it in quotes",
    ("use: jsonl", "pth: x\n    use: jsonl"): "3: sources.0 has no key 'pth' (did you mean "
    "'path'?): use, path, commit, license, name, schema, map, set, fill",
    ("{problem: question, ref", "{answer: x, ref"): "5: sources.0.map.answer can't be given (did "
    "you mean 'reference_answer'?); these can: problem, messages, tools, reference_answer, "
    "category, language, response, tests, license, origin",
    ("problem: question, ref", "problem: 5, ref"): "5: sources.0.map.problem must be text, not 5: "
    "put it in quotes",
    ("{category: math}", "{source: math}"): "6: sources.0.set.source can't be given; these can: "
    "reference_answer, category, language",
    ("{category: math}", "{category: 5}"): "6: sources.0.set.category must be text, not 5: put it "
    "in quotes",
    ("dedup:\n", "  - {use: json, path: problems.jsonl}\ndedup:\n"): "7: sources.1 has the name "
    "'problems' of an earlier one: give one of them another `name`",
    # plug-ins and their options
    ("threshold: 0.8", "thresold: 0.8"): "9: dedup.1 has no key 'thresold' (did you mean "
    "'threshold'?): use, where, threshold",
    ("threshold: 0.8", "threshold: 2"): "9: dedup.1.threshold must be at most 1.0, not 2",
    ("threshold: 0.8", "threshold: 0"): "9: dedup.1.threshold must be more than 0.0, not 0",
    ("threshold: 0.8", "threshold: high"): "9: dedup.1.threshold must be a number, not 'high'",
    ("use: exact", "use: mine.py:f"): "8: 'mine.py:f' would run code from a file: allow it with "
    "--allow-code, or in Python with allow_code=True",
    ("use: math", "use: maths"): "29: verifiers has no 'maths' (did you mean 'math'?): math, "
    "choice",
    ("{use: math,", "{use: math, rounding: 1,"): "29: verify.0.rounding must be true or false, "
    "not 1",
    ("{use: format}", "{use: length}"): "31: filter.0 lacks the key 'max_tokens'",
    ("{use: repetition}", "{use: repetition, most: 1.5}"): "32: filter.1.most must be a whole "
    "number, not 1.5",
    ("- {use: format}", "- format"): "31: filter.0 must be a mapping, not 'format'",
    ("- {use: format}", "- {}"): "31: filter.0 lacks the key 'use'",
    ("  - {use: format}\n  - {use: repetition}", "  {use: format}"): "30: filter must be a list, "
    "not a mapping",
    # benchmarks
    ("[{path: benchmark.jsonl, map: {problem: question}}]", "[]"): "12: decontaminate.0.against is "
    "empty; it needs at least 1 item",
    ("benchmark.jsonl", "plain"): "12: decontaminate.0.against.0 needs the key 'use', as 'plain' "
    "has none of the endings jsonl, json, parquet, csv",
    ("benchmark.jsonl", "bench.jsonl"): "12: there is no file or folder bench.jsonl",
    ("benchmark.jsonl,", "benchmark.jsonl, nme: x,"): "12: decontaminate.0.against.0 has no key "
    "'nme' (did you mean 'name'?): use, path, commit, license, name, schema, map, set, fill",
    # how to ask
    ("samples: 4", "samples: 0"): "14: distil.samples must be at least 1, not 0",
    ("samples: 4", "samples: four"): "14: distil.samples must be a whole number, not 'four'",
    ("samples: 4", 'samples: "4"'): "14: distil.samples must be a whole number, not '4'",
    ("samples: 4", "samples: 1.5"): "14: distil.samples must be a whole number, not 1.5",
    ("samples: 4", "samples: true"): "14: distil.samples must be a whole number, not true",
    ("samples: 4", "samples:"): "14: distil.samples must be a whole number, not null",
    ("system: null", "system: [a]"): "15: distil.system must be text, not a list: put it in quotes",
    (FIRST, "hello"): "18: distil.prompt.0.template does not contain {problem}, where the "
    "problem's text belongs",
    (FIRST, "{problem}"): "18: distil.prompt.0.template must be text, not a mapping: put it in "
    "quotes",
    ("- where:", "- were:"): "17: distil.prompt.0 has no key 'were' (did you mean 'where'?): "
    "where, template",
    ('"on" ', "of"): "21: distil.reasoning must be 'on', 'off', 'both' or 'prompted', not 'of' "
    "(did you mean 'off'?)",
    # conditions
    (MATH, "catgory = 'math' and language"): "17: the condition \"catgory = 'math' and language = "
    "'zh'\" names the unknown column 'catgory' (did you mean 'category'?); the columns are "
    + COLUMNS,
    (MATH, "category = 1 and language"): "17: the condition \"category = 1 and language = 'zh'\" "
    "compares category (text) with 1 (number)",
    (MATH, "upper(language)"): "17: the condition \"upper(language) = 'zh'\" holds "
    f"'UPPER(language)', which is not allowed; {LEGAL}",
    ("when: \"outcome = 'pass'\"", "when: outcome ="): "34: the condition 'outcome =' can't be "
    f"read near '='; {LEGAL}",
    ("when: \"outcome = 'pass'\"", "when: true"): "34: export.0.when must be text, not true: put "
    "it in quotes",
    ("use: messages, when", "use: messages, whem"): "34: export.0 has no key 'whem' (did you mean "
    "'when'?): use, name, when",
    ("outcome = 'pass'", "outcome = 'passed'"): "34: the condition \"outcome = 'passed'\" compares "
    "outcome with 'passed', which it never is (did you mean 'pass'?): pass, fail, undecided",
    (MATH, "source = 'school' or language"): "17: the condition \"source = 'school' or language = "
    "'zh'\" compares source with 'school', which it never is: problems",
    ("outcome = 'pass'", "teacher = 'model'"): "34: the condition \"teacher = 'model'\" compares "
    "teacher with 'model', which it never is (did you mean 'my-model'?): my-model",
    # teachers
    (f"\n{TEACHERS}", "\n  teachers: []\n"): "22: distil.teachers is empty; it needs at least 1 "
    "item",
    (TEACHERS, "  teachers: my-model\n"): "22: distil.teachers must be a list, not 'my-model'",
    (
        "base_url: http",
        "local: smollm2-135m\n      base_url: http",
    ): f"24: distil.teachers.0 has `base_url` and `local`, {TWICE}",
    (
        "base_url: http:",
        'endpoints: [{base_url: "http://h/v1"}]\n      local: smollm2-135m\n      base_url: http:',
    ): f"25: distil.teachers.0 has `base_url` and `endpoints` and `local`, {TWICE}",
    ("      base_url: http://127.0.0.1:8000/v1\n", ""): f"23: distil.teachers.0 {NOWHERE}",
    ("max_in_flight: 300", "thinking_switch: autos"): "27: distil.teachers.0.thinking_switch must "
    f"be {SWITCHES} or 'prefix_flag', not 'autos' (did you mean 'auto'?)",
    ("max_in_flight: 300", "prices: {}"): "27: distil.teachers.0.prices is empty: give `input` and "
    "`output`, in USD per million tokens",
    ("max_in_flight: 300", "endings: {network: {delay_s: .inf}}"): "27: "
    "distil.teachers.0.endings.network.delay_s: the number '.inf' is not finite",
    ("engine: {use: local}", "budget: {tokens: 10X}"): "36: budget.tokens must be a number of "
    "tokens such as 500k, 10M or 1.5B, not '10X'",
    ("model: my-model\n      ", ""): "23: distil.teachers.0.model must be given: an endpoint is "
    "asked for a model by name",
    ("http://127.0.0.1", "ftp://host"): f"24: distil.teachers.0.base_url {URL}, not "
    "'ftp://host:8000/v1'",
    ("127.0.0.1:8000", "127.0.0.1:port"): f"24: distil.teachers.0.base_url {URL}, not "
    "'http://127.0.0.1:port/v1'",
    ("http://127", "http://me:secret@127"): "24: distil.teachers.0.base_url must not hold a user "
    "name or password: put the key in a `key_env`",
    ("http://127", "//me:secret@127"): f"24: distil.teachers.0.base_url {URL}",
    ("TEACHER_KEY", "sk-secret"): f"25: distil.teachers.0.key_env {NO_KEY}",
    ("TEACHER_KEY", "hf_secretSecret"): f"25: distil.teachers.0.key_env {NO_KEY}",
    ("TEACHER_KEY", "[secret]"): "25: distil.teachers.0.key_env must be text",
    ("TEACHER_KEY", "12345"): "25: distil.teachers.0.key_env must be text",
    ("key_env: TEACHER_KEY", "key: secret"): "25: distil.teachers.0 has no key 'key' (did you mean "
    f"'key_env'?): {TEACHER}",
    ("temperature", "temprature"): "26: distil.teachers.0.sampling has no key 'temprature' (did "
    f"you mean 'temperature'?): {SAMPLING}",
    ("top_p: 0.95", "top_p: 2"): "26: distil.teachers.0.sampling.top_p must be at most 1.0, not 2",
    ("max_tokens: 4096", "max_tokens: 0"): "26: distil.teachers.0.sampling.max_tokens must be more "
    "than 0, not 0",
    ("max_tokens: 4096", "extra_body: {seed: 1}"): "26: distil.teachers.0.sampling.extra_body "
    "can't set seed",
    ("max_in_flight: 300", "max_in_flight: -1"): "27: distil.teachers.0.max_in_flight must be at "
    "least 1, not -1",
    ("base_url: http://127.0.0.1:8000/v1", "local: no.gguf"): "24: there is no file or folder "
    "no.gguf",
    (
        "verify: ",
        "    - {model: my-model, local: smollm2-135m}\nverify: ",
    ): "28: distil.teachers.1 has the "
    "name 'my-model' of an earlier one: give one of them another `model`",
    ("base_url: http://127.0.0.1:8000/v1", "local: smolm2"): "24: distil.teachers.0.local: there "
    "is no model 'smolm2' (did you mean 'smollm2-135m'?): smollm2-135m, the path of a .gguf file, "
    "or a hub name like org/repo",
    ('"on" ', "both"): "23: distil.teachers.0.thinking_switch is none, so that `reasoning: both` "
    "would send each prompt twice, the same both times: set it to auto or to the one that "
    "the model knows, or reasoning to on or off",
    # engine
    (
        "{use: local}",
        "{use: rai}",
    ): "36: engine.use must be 'local' or 'ray', not 'rai' (did you mean 'ray'?)",
    ("{use: local}", "{address: auto}"): "36: engine.address is for `use: ray` alone",
    ("{use: local}", "{use: ray, address: here}"): "36: engine.address must be auto, HOST:PORT or "
    "ray://HOST:PORT, not 'here'",
    ("{use: local}", "local"): "36: engine must be a mapping, not 'local'",
    ("{use: local}", "{workers: 0}"): "36: engine.workers must be at least 1, not 0",
    # YAML
    ("samples: 4", "samples: 4\n  samples: 4"): "15: distil.samples was given before, at "
    "recipe.yaml:14",
    ("  samples: 4", "\tsamples: 4"): "14: not YAML: use spaces, not tabs, to indent",
    ("{use: local}", "{use: local"): "37: not YAML: while parsing a flow mapping expected ',' or "
    "'}', but got '<stream end>'",
    ("samples: 4", "samples: 4: 5"): "14: not YAML: mapping values are not allowed here",
    ("samples: 4", "samples: *none"): "14: not YAML: found undefined alias 'none'",
    ("samples: 4", "samples: \a"): "14: not YAML: the character U+0007 is not allowed",
    ("samples: 4", "samples: 4\n---\na: 1"): "15: not YAML: expected a single document in the "
    "stream but found another document",
    ("samples: 4", "samples: !!python/object:os.system x"): "14: the tag "
    "'tag:yaml.org,2002:python/object:os.system' is not allowed: only plain YAML",
    ("samples: 4", "samples: !include [x]"): "14: the tag '!include' is not allowed: only plain "
    "YAML",
    ("samples: 4", "samples: !!int x"): "14: 'x' is no int",
    ("samples: 4", "samples: !!bool x"): "14: 'x' is no bool",
    ("samples: 4", "samples: .inf"): "14: distil.samples: the number '.inf' is not finite",
    ("samples: 4", "samples: 99999999999999999999"): "14: distil.samples: the number "
    "'99999999999999999999' is too large",
    ("system: null", 'system: "\\ud800"'): "15: the text holds half of a surrogate pair, which is "
    "no character",
    ("samples: 4", "samples: &a [*a]"): "14: more than 50 mappings and lists inside each other",
    ("samples: 4", f"samples: {'[' * 51}"): "14: more than 50 mappings and lists inside each other",
    ("samples: 4", "? [a]\n  : 4"): "14: a key must be text, not a list or a mapping",
}


@pytest.mark.parametrize(("change", "says"), WRONG.items())
def test_one_mistake(folder: Path, good: str, change: tuple[str, str], says: str):
    assert change[0] in good
    path = folder / "recipe.yaml"
    path.write_text(good.replace(*change, 1), encoding="utf-8")
    assert complaint(path) == f"recipe.yaml:{says}"


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", ":1: the recipe is empty: it needs name, sources, distil and export"),
        (b"# x\n", ":1: the recipe is empty: it needs name, sources, distil and export"),
        (b"- a", ":1: the recipe is a list, not a mapping: it needs name, sources, distil and "
         "export"),
        (b"text", ":1: the recipe is 'text', not a mapping: it needs name, sources, distil and "
         "export"),
        (b"name: x\n\0", ":2: not YAML: the character U+0000 is not allowed"),
        (b"name: x\n\xff", ":2: the recipe is not UTF-8 text"),
        (b"PK\x03\x04\xb1", ":1: the recipe is not UTF-8 text"),
        (b"#" * 200_001, ": the recipe has more than 200,000 bytes"),
        (BOMB.encode(), ":1: more than 50000 values, aliases written out"),
        (b"[" * 199_999, ":1: more than 50 mappings and lists inside each other"),
    ],
    ids=range(10),
)  # fmt: skip
def test_what_is_no_recipe(folder: Path, data: bytes, says: str):
    path = folder / "recipe.yaml"
    path.write_bytes(data)
    assert complaint(path) == f"recipe.yaml{says}"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing.yaml", "missing.yaml: the recipe can't be read: No such file or directory"),
        ("subfolder", "subfolder: the recipe can't be read: Is a directory"),
        ("/a\0b", "'/a\\x00b': the recipe can't be read: embedded null byte"),
    ],
)
def test_what_is_no_file(folder: Path, name: str, says: str):
    (folder / "subfolder").mkdir(exist_ok=True)
    assert complaint(folder / name) == says


@pytest.mark.parametrize(
    ("sets", "says"),
    [
        (["distil.samples"], "distil.samples: must be KEY=VALUE, such as distil.samples=2"),
        (["=2"], ": must be KEY=VALUE, such as distil.samples=2"),
        (["a" + ".b" * 999 + "=1"], "a" + ".b" * 999 + ": must be KEY=VALUE, such as "
         "distil.samples=2"),
        (["distil.sample=2"], "distil.sample: distil has no key 'sample' (did you mean 'samples'?)"
         ": samples, system, prompt, reasoning, teachers, salvage"),
        (["distil.samples=two"], "distil.samples: distil.samples must be a whole number, not "
         "'two'"),
        (["distil.samples="], "distil.samples: distil.samples must be a whole number, not null"),
        (["distil.samples={"], "distil.samples: not YAML: while parsing a flow node expected the "
         "node content, but found '<stream end>'"),
        (["distil.system={a: 1, a: 2}"], "distil.system: distil.system must be text, not a "
         "mapping: put it in quotes\n--set distil.system: distil.system.a was given before, at "
         "--set distil.system"),
        (["distil.teachers.0.smpling.top_p=1"], "distil.teachers.0.smpling.top_p: "
         f"distil.teachers.0 has no key 'smpling' (did you mean 'sampling'?): {TEACHER}"),
        (["distil.teachers.5.model=x"], "distil.teachers.5.model: distil.teachers is a list: '5' "
         "is no index from 0 to 1"),
        (["distil.teachers.x.model=x"], "distil.teachers.x.model: distil.teachers is a list: 'x' "
         "is no index from 0 to 1"),
        (["distil.teachers.1.model=x"], f"distil.teachers.1.model: distil.teachers.1 {NOWHERE}"),
        (["distil.samples=.nan"], "distil.samples: the number '.nan' is not finite"),
        (["name.x=2"], "name.x: name is 'school-math', which has no key 'x'"),
        (["sources.0.path=nope"], "sources.0.path: there is no file or folder nope"),
        (["engine.worker=2"], "engine.worker: engine has no key 'worker' (did you mean 'workers'?)"
         ": use, workers, address"),
        (["distil.teachers.0.key_env=sk-secret"], "distil.teachers.0.key_env: "
         f"distil.teachers.0.key_env {NO_KEY}"),
        (["dedup.1.n=2", "dedup.0.use=x"], "dedup.1.n: dedup.1 has no key 'n': use, where, "
         "threshold\n--set dedup.0.use: dedup has no 'x': exact, minhash, semantic"),
    ],
)  # fmt: skip
def test_mistakes_on_the_command_line(folder: Path, good: str, sets: list[str], says: str):
    path = folder / "recipe.yaml"
    path.write_text(good, encoding="utf-8")
    assert complaint(path, *sets) == f"--set {says}"


def test_all_mistakes_at_once_in_order_of_place(folder: Path):
    path = folder / "recipe.yaml"
    path.write_text(
        """\
sources:
  - {use: jsonl, path: nope.jsonl, map: {answer: x}}
  - {use: jsnl, path: problems.jsonl}
dedup:
  - {use: minhash, threshold: 3, bands: 4}
distil:
  samples: 0
  prompt: "Think."
  teachers:
    - {base_url: http://h/v1, key_env: sk-secret, sampling: {top_p: 7}}
verify:
  - {use: maths, where: "catgory = 1"}
export: []
""",
        encoding="utf-8",
    )
    lines = complaint(path, "engine.use=rai").splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "recipe.yaml:1",
        *["recipe.yaml:2"] * 2,
        "recipe.yaml:3",
        *["recipe.yaml:5"] * 2,
        "recipe.yaml:7",
        "recipe.yaml:8",
        *["recipe.yaml:10"] * 3,
        *["recipe.yaml:12"] * 2,
        "--set engine.use",
    ]
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    assert caught.value.mistakes[0].text == "the recipe lacks the key 'name'"
    assert caught.value.exit_code == 2


def test_without_teachers_the_sources_must_bring_responses(folder: Path, good: str):
    path = folder / "recipe.yaml"
    path.write_text(good, encoding="utf-8")
    text = complaint(path, "distil=null")
    assert text == (
        "recipe.yaml:1: the recipe lacks the key 'distil', and none of its sources brings "
        "responses along, as by schema: NAME or map: {response: COLUMN}"
    )
    assert load_recipe(path, sets=["distil=null", "sources.0.map.response=answer"]).distil is None


def test_a_missing_file_names_both_places_that_were_tried(tmp_path: Path, folder: Path, good: str):
    (tmp_path / "recipe.yaml").write_text(good, encoding="utf-8")
    (tmp_path / "benchmark.jsonl").touch()
    text = complaint(tmp_path / "recipe.yaml", "sources.0.path=x.jsonl")
    assert text.endswith(f"there is no file or folder {folder / 'x.jsonl'} or x.jsonl")


def test_a_broken_dump_is_a_mistake_with_its_place(folder: Path):
    (folder / "recipe.yaml").write_text("name: x\nnme: y\n")
    with pytest.raises(RecipeError, match=r"recipe\.yaml:2: the recipe has no key 'nme'"):
        read_dumped(folder / "recipe.yaml")


@pytest.mark.parametrize(
    "fields",
    [
        {"base_url": "http://me:secret@host/v1", "model": "m"},
        {"base_url": "http://h/v1", "model": "m", "key_env": "secret"},
        {"base_url": "http://h/v1", "model": "m", "api_key": "secret"},
    ],
)
def test_python_users_see_no_secrets_in_errors_either(fields: dict[str, str]):
    with pytest.raises(ValidationError) as caught:
        TeacherSpec.model_validate(fields)
    assert "secret" not in str(caught.value)
    with pytest.raises(ValidationError) as caught:
        Recipe.model_validate({"name": "x", "distil": {"teachers": [fields]}})
    assert "secret" not in str(caught.value)
