"""What a corpus says of tokens: what traces say of them, and what `audit spans` says of the text."""

import json

import pytest

from conftest import MODEL


def test_tokens_are_those_of_traces(index, lines):
    told = 0
    for trace in lines:
        if "error" in trace:
            continue
        ids = [token["id"] for token in trace["tokens"]]
        said = index.attribute(ids, prompt=trace["prompt"]["tokens"])
        assert said["text"] == trace["output"]
        for ours, theirs in zip(said["tokens"], trace["tokens"], strict=True):
            assert (ours["token_id"], ours["text"]) == (theirs["id"], theirs["text"])
            if local := theirs.get("local"):
                found = [ours[f"local_{name}"] for name in ("context", "context_count", "match_count")]
                assert found == [local[name] for name in ("context", "context_count", "match_count")]
            if retrieved := theirs.get("retrieved"):
                told += 1
                assert ours["retrieved_p"] == pytest.approx(retrieved["p"], rel=1e-6)
                found = [ours[f"retrieved_{name}"] for name in ("n", "count", "sparse")]
                assert found == [retrieved["n"], retrieved["count"], retrieved.get("sparse", False)]
    assert told > 100


def test_shares_and_ranks_are_those_of_what_follows(index):
    prompt, text = "Question: Tom has 5 apples.", " He buys zyzzyva and 7 pears."
    before = index.encode(prompt)
    for token in index.attribute(text, prompt=prompt)["tokens"]:
        context = before[len(before) - token["local_context"] :]
        following = {t["id"]: t["count"] for t in index.next(context)["tokens"]}
        own = following.get(token["token_id"], 0)
        assert own == token["local_match_count"]
        assert index.count(context) == token["local_context_count"]
        if own == 0:
            # It occurs nowhere.
            assert (token["local_context"], token["local_share"], token["local_rank"]) == (0, None, None)
        else:
            assert token["local_share"] == own / token["local_context_count"]
            assert token["local_rank"] == 1 + sum(count > own for count in following.values())
        # A longer context is never followed by it.
        if token["local_context"] < len(before):
            longer = before[len(before) - token["local_context"] - 1 :]
            assert index.count([*longer, token["token_id"]]) == 0
        before.append(token["token_id"])


def test_spans_and_documents_are_those_of_the_program(program, index, index_path, tmp_path):
    text = "Tom has 5 apples. He buys 7 more pears and 12 apples, then he gives 3 of them away.\nSo the answer is 21."
    file, out = tmp_path / "text.txt", tmp_path / "spans.jsonl"
    file.write_text(text)
    options = ["--model", MODEL, "--index", index_path, "--documents", 3, "--density", 0.2]
    program("audit", "spans", file, *options, "-o", out)
    [record] = [r["record"] for r in map(json.loads, out.read_text().splitlines()) if "record" in r]
    said = index.attribute(text, documents=3, density=0.2)
    shared = ["tokens", "occurrences", "unigram_logprob", "kept"]
    ours = [{name: span[name] for name in shared} for span in said["spans"]]
    assert ours == [{name: span[name] for name in shared} for span in record["spans"]]
    assert any(span["kept"] for span in ours)
    assert [d["document"] for d in said["documents"]] == [d["document"] for d in record["documents"]]
    for document in said["documents"]:
        tokens = index.document(document["document"])["tokens"]
        for place in document["spans"]:
            span = said["spans"][place["span"]]
            ids = index.encode(text)[slice(*span["tokens"])]
            assert tokens[place["position"] :][: len(ids)] == ids


def test_places_are_in_characters(index):
    text = "Zoë buys 5 crème brûlées 日本 for 5 apples."
    said = index.attribute(text, shortest=2, partial=True)
    assert said["text"] == text
    for part in said["tokens"] + said["spans"]:
        assert text[part["start"] : part["end"]] == part["text"]
    assert "".join(token["text"] for token in said["tokens"]) == text


def test_what_has_no_tokens_has_nothing(index):
    assert index.attribute("") == {"text": "", "tokens": [], "spans": [], "documents": []}
    with pytest.raises(ValueError, match="from 0 to 1"):
        index.attribute("5", density=2)
