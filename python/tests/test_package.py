"""The package itself: its version, its names, their types and docs, and the code in README.md."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import rotescope
from conftest import MODEL, ROOT
from rotescope import judge, types

README = (ROOT / "python/README.md").read_text()


def test_the_version_is_that_of_the_program(program):
    assert program("--version").split()[1] == rotescope.__version__


def test_what_is_there_has_a_docstring():
    owners = [rotescope, judge, rotescope.Index, rotescope.Table]
    public = [(owner, name) for owner in owners for name in getattr(owner, "__all__", dir(owner))]
    named = [(owner, name) for owner, name in public if not name.startswith("_")]
    assert len(named) > 25
    assert [f"{owner.__name__}.{name}" for owner, name in named if not inspect.getdoc(getattr(owner, name))] == []


def test_types_are_those_of_what_is_there():
    run = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "rotescope", "--concise"],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_answers_have_the_members_of_their_types(index):
    said = index.attribute(" He buys 7 apples.", prompt="Tom has 5 apples.")
    judged = judge.completion("5 * 4 = 25. So the answer is 25.")
    answers = {
        types.Next: index.next(" apples"),
        types.NextToken: index.next(" apples")["tokens"][0],
        types.Hit: index.documents(" apples")[0],
        types.Document: index.document(0),
        types.Attribution: said,
        types.AttributedToken: said["tokens"][0],
        types.AttributedSpan: said["spans"][0],
        types.SpanDocument: said["documents"][0],
        types.SpanPlace: said["documents"][0]["spans"][0],
        types.FinalAnswer: judge.final_answer("#### 5"),
        types.Equation: judge.equations("5 * 4 = 20")[0],
        types.Completion: judged,
        types.JudgedStep: judged["steps"][0],
    }
    assert {kind.__name__ for kind in answers} == set(types.__all__)
    for kind, answer in answers.items():
        assert list(answer) == list(kind.__annotations__), kind


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_the_code_in_the_readme_runs(code, traces_path, index_path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("traces.jsonl").symlink_to(traces_path)
    Path("my-index").symlink_to(index_path)
    Path("model.gguf").symlink_to(MODEL)
    exec(compile(code, "README.md", "exec"), {})
