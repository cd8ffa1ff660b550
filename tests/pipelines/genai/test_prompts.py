"""A prompt is a file with its own identity, and it is released with its model and parameters as one component."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from operations.prompts import compared, listed, restored
from pipelines.genai import cards
from pipelines.genai.assets import Assets
from pipelines.genai.prompt import Prompt
from settings.problems import InvalidSettings
from tests.program import EXAMPLE, ROOT, blueprint

PASSAGES = [{"id": "billing#1", "text": "Invoices are due within 14 days."}]


def answer(assets: Assets) -> Prompt:
    return assets.prompt("answer")


def edit(assets: Assets, file: str, old: str, new: str) -> None:
    path = assets.folder / "prompts/answer" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def problems(assets: Assets) -> list[str]:
    with pytest.raises(InvalidSettings) as told:
        answer(assets)
    return [str(problem) for problem in told.value.problems]


@pytest.mark.proves("GO-prompt-1", "GO-prompt-2", defect="another example, model version, temperature, filter or word")
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("examples.jsonl", "Do you deliver pizza?", "Do you deliver pasta?"),
        ("prompt.yaml", "model: gemini-3.5-flash", "model: gemini-3.5-flash\nmodel_version: gemini-3.5-flash-002"),
        ("prompt.yaml", "temperature: 0.0", "temperature: 0.1"),
        ("prompt.yaml", "HATE_SPEECH: BLOCK_MEDIUM_AND_ABOVE", "HATE_SPEECH: BLOCK_LOW_AND_ABOVE"),
        ("template.txt", "you do not know.", "you do not know!"),
    ],
)
def test_whatever_the_model_sees_is_in_the_version(copy: Assets, file: str, old: str, new: str) -> None:
    before = answer(copy).version
    edit(copy, file, old, new)
    assert answer(copy).version != before


def test_who_owns_a_prompt_is_not_in_the_version(copy: Assets) -> None:
    before = answer(copy).version
    edit(copy, "prompt.yaml", "assistant-team@", "other-team@")
    assert answer(copy).version == before


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("template.txt", "{{ question }}", "{{ question", "prompts/answer/template.txt:20: cannot be parsed"),
        (
            "template.txt",
            "{{ question }}",
            "{{ qestion }}",
            "template.txt:20: unknown variable 'qestion'; did you mean 'question'?",
        ),
        (
            "template.txt",
            "{{ question }}",
            "",
            "prompts/answer/prompt.yaml.inputs: the template does not use 'question'",
        ),
        (
            "prompt.yaml",
            "HARASSMENT: BLOCK_MEDIUM_AND_ABOVE",
            "HARASSMENT: BLOCK_NONE",
            "HARM_CATEGORY_HARASSMENT is BLOCK_NONE",
        ),
        (
            "prompt.yaml",
            "  HARM_CATEGORY_HATE_SPEECH: BLOCK_MEDIUM_AND_ABOVE\n",
            "",
            "HARM_CATEGORY_HATE_SPEECH is not set",
        ),
        ("prompt.yaml", "task: answer", "tsk: answer", "unknown key 'tsk'"),
        ("examples.jsonl", '{"inputs"', '{"inputs', "prompts/answer/examples.jsonl:1: is not JSON"),
        ("examples.jsonl", '"question": "Who', '"qestion": "Who', "examples.jsonl:2: unknown input 'qestion'"),
    ],
)
def test_bad_prompts_are_named_with_file_and_line(copy: Assets, file: str, old: str, new: str, told: str) -> None:
    edit(copy, file, old, new)
    assert any(told in line for line in problems(copy)), problems(copy)


def test_a_value_that_is_missing_or_unknown_or_no_number_is_told(example: Assets) -> None:
    with pytest.raises(InvalidSettings) as told:
        answer(example).render({"passages": PASSAGES, "sentences": "two", "qestion": "x"})
    assert [problem.text for problem in told.value.problems] == [
        "the input 'question' has no value",
        "the input 'sentences' is no number",
        "unknown input 'qestion'",
    ]


def test_a_template_cannot_reach_into_the_program(copy: Assets) -> None:
    edit(copy, "template.txt", "{{ question }}", "{{ question.__class__.__mro__ }}")
    with pytest.raises(InvalidSettings, match="cannot be rendered"):
        answer(copy).render({"passages": PASSAGES, "question": "x"})


@pytest.mark.proves("GO-prompt-3", defect="a revision that does not exist")
def test_versions_are_compared_with_history_and_restored(copy: Assets, tmp_path: Path) -> None:
    def git(*words: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", "-C", str(tmp_path), *identity, *words], check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "first")
    before = answer(copy).version
    edit(copy, "template.txt", "in the words of the handbook", "as you like")
    settings = ROOT / "settings"
    assert "+- Answer in at most {{ sentences }} sentence(s), as you like." in compared(
        copy.folder, settings, "answer", "HEAD"
    )
    assert restored(copy.folder, settings, "answer", "HEAD") == before == answer(copy).version
    assert before[:12] in [line.version[:12] for line in listed(copy.folder, settings)]
    with pytest.raises(InvalidSettings, match=r"git: .*nowhere"):
        compared(copy.folder, settings, "answer", "nowhere")


def test_a_model_that_an_environment_does_not_permit_is_refused(copy: Assets, tmp_path: Path) -> None:
    edit(copy, "prompt.yaml", "model: gemini-3.5-flash", "model: gemini-3.5-pro")
    done = blueprint("prompt", "verify", "--assets", str(copy.folder), *EXAMPLE, cwd=tmp_path)
    assert done.returncode == 2
    assert "'gemini-3.5-pro' is not allowed in nonproduction; did you mean 'gemini-3.5-flash'?" in done.stderr
    assert "in interactive" not in done.stderr


def spoken(path: Path) -> Iterator[str]:
    """The texts of a program's file; what its docstrings say is not spoken."""
    tree = ast.parse(path.read_text())
    bodies = [n.body for n in ast.walk(tree) if isinstance(getattr(n, "body", None), list) and n.body]  # type: ignore[attr-defined]
    silent = {id(body[0].value) for body in bodies if isinstance(body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.value


def fixed(folders: Iterable[Path], models: Iterable[str]) -> list[str]:
    """Every text of code that names a model, one of its family, or begins a prompt."""
    families = {f"{re.split('[^a-z]', name)[0]}-" for name in models} | {*models, "You answer"}
    return [
        f"{path.name}: {text}"
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
        for text in spoken(path)
        if any(family in text for family in families)
    ]


def test_no_model_and_no_prompt_stands_in_code(example: Assets, tmp_path: Path) -> None:
    models = cards.read_all(example)
    assert fixed([ROOT / "pipelines", ROOT / "operations", ROOT / "scripts"], models) == []
    (tmp_path / "deep").mkdir()
    for name in models:
        (tmp_path / "deep/planted.py").write_text(f'"""It asks {name}."""\nASKED = "{name}"\n')
        assert fixed([tmp_path], models) == [f"planted.py: {name}"]


@pytest.mark.parametrize(
    "broken", ["{{ question + 1 }}", "{{ 1 / 0 }}", "{{ question.a.b }}", "{{ question | round }}"]
)
def test_a_template_that_cannot_be_rendered_is_named(copy: Assets, tmp_path: Path, broken: str) -> None:
    path = copy.folder / "prompts/answer/template.txt"
    path.write_text(f"{path.read_text()}{broken}\n")
    words = ("prompt", "render", "answer", "--input", "question=When?", "--input", "passages=[]")
    done = blueprint(*words, "--assets", str(copy.folder), *EXAMPLE, cwd=tmp_path)
    assert (done.returncode, "prompts/answer/template.txt: cannot be rendered" in done.stderr) == (2, True), done.stderr
