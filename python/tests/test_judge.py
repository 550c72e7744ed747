"""Answers, steps, equations: as the program judges them."""

import json

import pytest

from conftest import ROOT
from rotescope import judge


def test_answers_that_are_the_same():
    assert judge.same_answer("$1,000", "1e3")
    assert judge.same_answer(r"\frac12", "50%")
    assert not judge.same_answer("(1, 2)", "(2, 1)")
    assert not judge.same_answer("", "")
    assert judge.same_answer("1.500 Stück", "1500", locale="comma")
    assert not judge.same_answer("1.500 Stück", "1500")
    with pytest.raises(ValueError, match="unknown locale 'german'"):
        judge.same_answer("1", "1", locale="german")


def test_final_answers_and_their_places():
    text = "Zoë pays 5 * 4 = 20 €. So the answer is 1,020.50."
    found = judge.final_answer(text)
    assert (found["text"], found["rule"]) == ("1,020.50", "answer_is")
    assert text[found["start"] : found["end"]] == "1,020.50"
    assert judge.final_answer(r"\boxed{7}")["rule"] == "boxed"
    assert judge.final_answer("I do not know.") is None
    assert judge.expected_answer("9 * 2 = <<9*2=18>>18 a day.\n#### 18") == "18"


def test_steps_tile_the_text():
    text = "56 + 1. 56 + 1 = 57.\nSo the answer is 57."
    assert judge.split_steps(text) == ["56 + 1. ", "56 + 1 = 57.\n", "So the answer is 57."]
    assert judge.split_steps(text, by="line") == ["56 + 1. 56 + 1 = 57.\n", "So the answer is 57."]
    assert judge.split_steps("") == []
    with pytest.raises(ValueError, match='"sentence" or a "line", not a "word"'):
        judge.split_steps(text, by="word")


def test_equations_are_checked():
    text = "Für Zoë: 5 * 4 = 25 Äpfel, und 2 + 2 = 4."
    wrong, right = judge.equations(text)
    assert (wrong["expression"], wrong["claimed"], wrong["expected"], wrong["right"]) == ("5 * 4", "25", "20", False)
    assert text[wrong["start"] : wrong["end"]] == "25"
    assert text[wrong["first_wrong"]] == "5"
    assert (right["expression"], right["right"], right["first_wrong"]) == ("2 + 2", True, None)
    assert [e["right"] for e in judge.equations("1 + 1 = 10", base=2)] == [True]
    with pytest.raises(ValueError, match="base 10 or 2, not 16"):
        judge.equations(text, base=16)


def in_bytes(text, span):
    """A place in characters, as records have it."""
    return span and [len(text[:at].encode()) for at in span]


def test_completions_are_judged_as_the_program_does(program, tmp_path):
    asked = [json.loads(line) for line in (ROOT / "prompts/applied-base.jsonl").read_text().splitlines()[:3]]
    told = [
        "Tom has 5 apples. 5 * 4 = 25 apples. So the answer is 25.",
        "<think>Zoë says 7 – no, 8 €.</think>\nShe pays 3 + 5 = 8 €. The answer is 8.",
        "2 + 2 = 4.\n\n4 * 3 = 13. 13 - 1 = 12.\n#### 12",
        "I do not know",
    ]
    cases = [(p["question"], p["answer"], text) for p in asked for text in told] + [("?", "8", t) for t in told]
    file, out = tmp_path / "generations.jsonl", tmp_path / "judged.jsonl"
    file.write_text("\n".join(json.dumps({"question": q, "answer": a, "completion": text}) for q, a, text in cases))
    program("judge", file, "-o", out)
    records = [json.loads(line) for line in out.read_text().splitlines()]
    for (question, answer, text), record in zip(cases, records, strict=True):
        ours = judge.completion(text, question=question, answer=answer)
        theirs = record["answer"]
        assert (ours["answer"], ours["right"], ours["expected"]) == (
            theirs["extracted"],
            theirs["right"],
            theirs["expected"],
        )
        assert in_bytes(text, ours["answer_span"]) == theirs.get("span")
        reasoning = [record["reasoning"]] if "reasoning" in record else []
        assert [in_bytes(text, span) for span in ours["reasoning"]] == reasoning
        for step, judged in zip(ours["steps"], record["steps"], strict=True):
            verdict = judged.get("verdict", {})
            assert in_bytes(text, [step["start"], step["end"]]) == judged["span"]
            assert text[step["start"] : step["end"]] == step["text"]
            for name in ("right", "by", "expected", "why"):
                assert step[name] == verdict.get(name)
            assert in_bytes(text, step["wrong"]) == verdict.get("span")
    assert {step["right"] for r in told for step in judge.completion(r)["steps"]} == {True, False, None}


def test_verifiers_are_named_and_told_what_they_need():
    counting = {"list": ["pen", "cup", "pen"], "target": "pen"}
    text = "pen is 1. cup is not. pen is 2. So the answer is 2."
    assert judge.completion(text, verify=["counting"], meta=counting, answer="2")["right"] is True
    with pytest.raises(ValueError, match='there is no verifier "speling"'):
        judge.completion(text, verify=["speling"])
    with pytest.raises(ValueError, match='needs "target"'):
        judge.completion(text, verify=["counting"], meta={"list": ["pen"]})
    with pytest.raises(ValueError, match="unknown locale"):
        judge.completion(text, locale="german")
