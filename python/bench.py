"""How long reading and asking take: python bench.py TRACES INDEX, of any traces and the index of any corpus.

Reading: the traces over and over, 100 MB of them, beside json.loads of each line. Asking: n-grams of one to six tokens
of random documents. Best of three.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable

import rotescope


def best(what: Callable[[], object]) -> float:
    def once() -> float:
        began = time.perf_counter()
        what()
        return time.perf_counter() - began

    return min(once() for _ in range(3))


def reading(traces: str) -> None:
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        with open(traces, "rb") as one:
            text = one.read()
        file.write(text * (1 + 100_000_000 // len(text)))
        file.flush()
        path = file.name

        def by_line() -> None:
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    json.loads(line)

        trivial = best(by_line)
        tasks = {
            "json.loads of each line": by_line,
            "tokens": lambda: rotescope.tokens(path),
            "tokens, to_polars": lambda: rotescope.tokens(path).to_polars(),
            "tokens, to_pandas": lambda: rotescope.tokens(path).to_pandas(),
            "traces": lambda: rotescope.traces(path),
            "read_traces": lambda: [None for _ in rotescope.read_traces(path)],
        }
        for name, task in tasks.items():
            took = best(task)
            print(f"{name:<28} {took:6.2f} s  {took / trivial:5.2f} of json.loads")


def asking(folder: str) -> None:
    index, draw = rotescope.Index(folder), random.Random(1)
    documents = [index.document(draw.randrange(index.info["documents"]))["tokens"] for _ in range(2000)]
    begins = [draw.randrange(max(1, len(document) - 6)) for document in documents]
    ngrams = [d[at : at + draw.randint(1, 6)] for d, at in zip(documents, begins, strict=True)]
    text = [token for document in documents[:50] for token in document]
    tasks = {
        "count of nothing": (lambda: [index.count([]) for _ in ngrams], len(ngrams)),
        "count, one by one": (lambda: [index.count(ngram) for ngram in ngrams], len(ngrams)),
        "counts, together": (lambda: index.counts(ngrams), len(ngrams)),
        "next, 10 tokens of it": (lambda: [index.next(ngram, limit=10) for ngram in ngrams], len(ngrams)),
        "attribute, a token": (lambda: index.attribute(text), len(text)),
    }
    for name, (task, n) in tasks.items():
        print(f"{name:<28} {best(task) / n * 1e6:6.2f} us")


if __name__ == "__main__":
    reading(sys.argv[1])
    asking(sys.argv[2])
