"""An index answers what the program answers."""

import json
import re
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pyarrow
import pytest

import rotescope
from conftest import MODEL, ROOT

TEXTS = ["5 * 4 =", " apples", "Question:", "So the answer is", "naïve — 日本", "no such text at all", ""]


@pytest.mark.parametrize("text", TEXTS)
def test_answers_are_those_of_the_program(program, index, index_path, text):
    counted = program.json("index", "count", index_path, text, "--model", MODEL)
    assert index.encode(text) == counted["ids"]
    assert index.count(text) == index.count(counted["ids"]) == counted["count"]
    following = program.json("index", "next", index_path, text, "--model", MODEL, "-k", 7)
    assert index.next(text, limit=7) == index.next(counted["ids"], limit=7) == following
    options = ["--limit", 5, "--offset", 1, "--around", 3, "--model", MODEL, "--json"]
    found = [json.loads(line) for line in program("index", "docs", index_path, text, *options).splitlines()]
    assert index.documents(text, limit=5, offset=1, around=3) == found


def test_info_is_that_of_the_program(program, index, index_path):
    said = program.json("index", "info", index_path)
    info = index.info
    assert info == {
        **said["index"],
        "made_by": said["made_by"],
        "bytes_on_disk": said["bytes_on_disk"],
        "checked": True,
    }
    assert repr(index) == f"<rotescope.Index {index_path}: {info['tokens']} tokens in {info['documents']} documents>"


def test_a_distribution_is_whole(index):
    following = index.next(" apples")
    assert sum(token["count"] for token in following["tokens"]) + following["ends"] == index.count(" apples")
    assert len(following["tokens"]) == following["distinct"] > 7


def test_many_are_counted_together(index):
    assert index.counts(TEXTS) == [index.count(text) for text in TEXTS]
    assert index.counts([]) == []


def test_texts_and_tokens(index):
    for text in TEXTS:
        assert index.decode(index.encode(text)) == text
    with pytest.raises(ValueError, match="there is no token 999999"):
        index.decode([999_999])


def test_documents_are_whole(index):
    [hit] = index.documents(" apples", limit=1)
    document = index.document(hit["document"])
    ids = index.encode(" apples")
    assert document["tokens"][hit["position"] :][: len(ids)] == ids
    assert index.decode(document["tokens"]) == document["text"]
    assert (document["id"], document["line"], document["meta"]) == (hit["id"], hit["line"], hit["meta"])
    with pytest.raises(IndexError, match="there is no document 99999999"):
        index.document(99_999_999)


def test_words_together_are_those_by_hand(index):
    with pyarrow.input_stream(ROOT / "indexes/pocket/corpus.jsonl.zst") as corpus:
        lines = corpus.read().splitlines()
    documents = [re.findall(r"\w+", json.loads(line)["text"]) for line in lines]
    for a, b in [("apples", "pears"), ("Tom", "has"), ("nowhere", "has")]:
        together = sum(a in words and b in words for words in documents)
        assert index.cooccurrence(a, b) == together
        assert index.word_count(a) == sum(words.count(a) for words in documents)
    near = index.cooccurrence("Tom", "has", window=3)
    assert 0 < near < index.cooccurrence("Tom", "has", window=30)
    assert index.cooccurrences([("Tom", "has"), ("apples", "has")], window=3)[0] == near
    with pytest.raises(ValueError, match=r'"two words" is not one word; the words in it are \["two", "words"\]'):
        index.word_count("two words")


def test_threads_ask_at_a_time(index):
    document = index.document(5)["tokens"]
    ngrams = [document[i:j] for i in range(20) for j in range(i + 1, 25)]
    alone = [index.count(ngram) for ngram in ngrams]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(index.count, ngrams)) == alone


def test_other_threads_go_on_meanwhile(index):
    text = " ".join(index.document(i)["text"] for i in range(300))
    ended, turns = threading.Event(), 0
    thread = threading.Thread(target=lambda: (index.attribute(text), ended.set()))
    thread.start()
    while not ended.wait(0.001):
        turns += 1
    thread.join()
    assert turns > 20


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        (3, TypeError, "not int"),
        (b"text", TypeError, "not bytes"),
        (["5"], TypeError, "a sequence of int"),
        ([1.5], TypeError, "a sequence of int"),
        ([-1], ValueError, "-1 is no token id"),
        ([1 << 40], ValueError, "is no token id"),
    ],
)
def test_what_cannot_be_looked_for(index, asked, error, message):
    for ask in (index.count, index.next, index.documents, index.attribute):
        with pytest.raises(error, match=message):
            ask(asked)


def test_indexes_that_cannot_be_opened(index_path, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent: not a rotescope index .*rotescope index build"):
        rotescope.Index(tmp_path / "absent")
    with pytest.raises(rotescope.RotescopeError, match="not a rotescope index"):
        rotescope.Index(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"absent\.gguf"):
        rotescope.Index(index_path, model=tmp_path / "absent.gguf")
    with pytest.raises(rotescope.RotescopeError, match="as a tokenizer"):
        rotescope.Index(index_path, tokenizer=index_path / "manifest.json")
    with pytest.raises(TypeError, match="not both"):
        rotescope.Index(index_path, model=MODEL, tokenizer=MODEL)
    cut = tmp_path / "cut"
    shutil.copytree(index_path, cut)
    file = max((f for f in cut.rglob("*") if f.is_file()), key=lambda f: f.stat().st_size)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(rotescope.RotescopeError, match=rf"{file.name}: .*build the index again"):
        rotescope.Index(cut)


def test_damage_is_an_error_not_an_answer(index_path, tmp_path):
    damaged = tmp_path / "damaged"
    shutil.copytree(index_path, damaged)
    for file in (damaged / "ngrams").iterdir():
        file.write_bytes(bytes(255 - b for b in file.read_bytes()))
    with pytest.raises(rotescope.RotescopeError, match="damaged"):
        rotescope.Index(damaged, model=MODEL).count(" apples")


def test_another_tokenizer_is_refused(index_path, tmp_path):
    tokenizer = json.loads((ROOT / "models/pocket/tokenizer.json").read_text())
    vocab = tokenizer["model"]["vocab"]
    a, b = list(vocab)[300:302]
    vocab[a], vocab[b] = vocab[b], vocab[a]
    other = tmp_path / "tokenizer.json"
    other.write_text(json.dumps(tokenizer))
    with pytest.raises(rotescope.RotescopeError, match="made with another tokenizer"):
        rotescope.Index(index_path, tokenizer=other)


def test_without_its_tokenizer_an_index_is_asked_by_ids(program, index, tmp_path):
    model = tmp_path / "model.gguf"
    shutil.copy(MODEL, model)
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("5 * 4 = 20")
    program("index", "build", corpus, "--model", model, "--out", tmp_path / "index")
    # It is still where it was.
    assert rotescope.Index(tmp_path / "index").count("5 * 4") == 1
    model.unlink()
    alone = rotescope.Index(tmp_path / "index")
    with pytest.raises(ValueError, match=r"open the index with model= or tokenizer= \(it was made with .*model.gguf"):
        alone.count("5 * 4")
    ids = index.encode("5 * 4")
    assert alone.count(ids) == 1
    assert alone.next(ids)["tokens"][0]["text"] is None
    assert alone.documents(ids, around=1 << 62)[0]["before"] is None
    with pytest.raises(ValueError, match="a tokenizer is needed"):
        alone.attribute(ids)
