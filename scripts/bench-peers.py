#!/usr/bin/env python3
"""Asks infini-gram, tokengrams and tantivy what the index was asked, and prints how long they took: see bench-peers.sh.

    bench-peers.py FOLDER GROW INDEX    what `grow peers` wrote, the example `grow`, and the index that it was written of

Every count is held against the index'. Times are of single calls, each question asked once before; those of Python packages have the call from Python in them.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy
import tantivy
import tokengrams
from infini_gram.engine import InfiniGramEngine

# The last id is the separator; infini-gram wants one that never occurs for the end of a text.
SEPARATOR = 65535
END = 65534
# Occurrences of what is asked for what follows it, at most, and how many are asked; infini-gram looks at each occurrence, which takes up to minutes.
MOST_FOLLOWED = 1_000_000
NEXTS = 200
# How many pairs of tokens are asked for, no more frequent than these, which take it seconds in a large corpus.
PAIRS = 20
# How many n-grams are counted with nothing in the page cache.
COLD = 21


def infini_gram(folder, prefetch):
    depths = {} if prefetch else {f"{part}_prefetch_depth": 0 for part in ("ds", "sa", "od")}
    return InfiniGramEngine(str(folder), eos_token_id=END, vocab_size=SEPARATOR, version=4, token_dtype="u16", **depths)


def build_infini_gram(folder):
    with tempfile.TemporaryDirectory(dir=folder) as temp:
        for made in ("stub", "data", "temp"):
            os.mkdir(os.path.join(temp, made))
        # Only imported: the ids are there already.
        open(os.path.join(temp, "stub", "transformers.py"), "w").close()
        command = [sys.executable, "-m", "infini_gram.indexing", "--data_dir", f"{temp}/data", "--save_dir", str(folder), "--temp_dir", f"{temp}/temp"]
        command += ["--token_dtype", "u16", "--cpus", str(os.cpu_count()), "--mem", "4", "--shards", "1", "--ulimit", "1024"]
        subprocess.run(command, env={**os.environ, "PYTHONPATH": f"{temp}/stub"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return (folder / "table.0").stat().st_size


def build_tokengrams(folder):
    tokengrams.MemmapIndex.build(str(folder / "tokenized.0"), str(folder / "tokengrams.idx"), vocab=SEPARATOR + 1)
    return (folder / "tokengrams.idx").stat().st_size


def build_tantivy(folder):
    """Documents of ids as words: what a search engine does without a suffix array. It counts documents, not occurrences."""
    schema = tantivy.SchemaBuilder().add_text_field("ids", stored=False, tokenizer_name="whitespace", index_option="position").build()
    place = folder / "tantivy"
    place.mkdir()
    index = tantivy.Index(schema, path=str(place))
    writer = index.writer(heap_size=512 << 20)
    for document in documents(folder):
        writer.add_document(tantivy.Document(ids=" ".join(map(str, document))))
    writer.commit()
    writer.wait_merging_threads()
    return sum(f.stat().st_size for f in place.iterdir())


def documents(folder):
    ids = numpy.memmap(folder / "tokenized.0", dtype="<u2")
    starts = numpy.fromfile(folder / "offset.0", dtype="<u8") // 2
    for start, end in zip(starts, [*starts[1:], len(ids)]):
        yield ids[start + 1 : end]


def timed(questions, ask):
    """The seconds and the answer of each call, each question asked once before."""
    for question in questions:
        ask(question)
    times, answers = [], []
    for question in questions:
        began = time.perf_counter()
        answer = ask(question)
        times.append(time.perf_counter() - began)
        answers.append(answer)
    return times, answers


def spread(times):
    times = sorted(times)
    return statistics.median(times) * 1e6, times[len(times) * 95 // 100] * 1e6


def compare(name, kind, asked, times, answers, own, seconds):
    """Ends where an answer differs; a row of the table otherwise."""
    for question, answer in zip(asked, answers):
        if answer != question[own]:
            sys.exit(f"{name} says {str(answer)[:200]} of {question['ids']}, and the index {str(question[own])[:200]}")
    (median, most), (theirs, their_most) = spread([q[seconds] for q in asked]), spread(times)
    print(f"| {kind} | {name} | {len(asked)} | {median:.1f} | {most:.1f} | {theirs:.1f} | {their_most:.1f} | {theirs / median:.{0 if theirs > median else 2}f} |", flush=True)


def local_counts(engine, question):
    """What a local score needs, by counts alone: the longest context that occurs with the token, and how often each candidate follows it."""
    *context, token = question["ids"]

    def occurs(length):
        return engine.count(context[len(context) - length :] + [token])["count"] > 0

    # Doubled, then halved between: as few counts as there can be.
    good, probe = 0, 1
    while probe <= len(context) and occurs(probe):
        good, probe = probe, 2 * probe
    bad = min(probe, len(context) + 1)
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if occurs(middle) else (good, middle)
    longest = context[len(context) - good :]
    return [engine.count(longest + [candidate])["count"] for candidate in question["candidates"]]


def forget(folder):
    """Takes the files of a folder, which nobody has open, out of the page cache."""
    for path in (p for p in folder.rglob("*") if p.is_file()):
        file = os.open(path, os.O_RDONLY)
        os.fdatasync(file)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)


def count_once(folder, ids):
    """Prints what infini-gram counts, and the seconds that opening its index and counting took."""
    began = time.perf_counter()
    count = infini_gram(folder, True).count(ids)["count"]
    print(json.dumps({"count": count, "seconds": time.perf_counter() - began}))


def cold(folder, grow, index, asked):
    """Opening and counting with nothing in the page cache: in processes of their own, for what is mapped stays in it."""
    asked = asked[:: max(len(asked) // COLD, 1)][:COLD]
    own, theirs = [], []
    for question in asked:
        ids = [str(i) for i in question["ids"]]
        for place, command, found in ((index, [grow], own), (folder, [sys.executable, __file__], theirs)):
            forget(place)
            counted = subprocess.run([*command, "count", place, *ids], stdout=subprocess.PIPE, check=True)
            found.append(json.loads(counted.stdout.splitlines()[-1]))
    kind = "opening and one count, n = 4, nothing in the page cache"
    compare("infini-gram", kind, [{**q, **o} for q, o in zip(asked, own)], [t["seconds"] for t in theirs], [t["count"] for t in theirs], "count", "seconds")


def main():
    folder, grow, index = map(Path, sys.argv[1:])
    questions = [json.loads(line) for line in open(folder / "queries.jsonl")]
    nexts, local, pairs = ([q for q in questions if q["kind"] == kind] for kind in ("next", "local", "pair"))
    size = (folder / "tokenized.0").stat().st_size
    tokens = size // 2
    ends = numpy.memmap(folder / "tokenized.0", dtype="<u2")[-8:].tolist()

    print("\n| built | seconds | million tokens/s | bytes a token, with the ids |\n|---|--:|--:|--:|")
    for name, build in (("infini-gram", build_infini_gram), ("tokengrams", build_tokengrams), ("tantivy, ids as words", build_tantivy)):
        began = time.perf_counter()
        built = build(folder)
        seconds = time.perf_counter() - began
        print(f"| {name} | {seconds:.1f} | {tokens / seconds / 1e6:.2f} | {(size + built) / tokens:.2f} |", flush=True)

    groups = defaultdict(list)
    for query in questions:
        if query["kind"] in ("present", "changed"):
            groups[query["n"], query["kind"]].append(query)
    print("\n| question | peer | questions, all answers equal | the index, us | 95 % | the peer, us | 95 % | ratio of medians |\n|---|---|--:|--:|--:|--:|--:|--:|")
    cold(folder, grow, index, groups[4, "present"])
    for name, prefetch in (("infini-gram", True), ("infini-gram, prefetch off", False)):
        engine = infini_gram(folder, prefetch)
        for (n, kind), asked in sorted(groups.items()):
            times, answers = timed([q["ids"] for q in asked], lambda ids: engine.count(ids)["count"])
            compare(name, f"count, n = {n}, {kind}", asked, times, answers, "count", "seconds")
        # Of what the whole corpus ends with infini-gram says that nothing but a document's end follows: its shortest suffix has the same token
        # behind it, the end of the file, as its last one, a separator, and it takes all between for equal.
        asked = [q for q in nexts if q["next"] and q["count"] <= MOST_FOLLOWED and ends[-q["n"] :] != q["ids"]]
        asked = asked[:: max(len(asked) // NEXTS, 1)][:NEXTS]
        times, answers = timed([q["ids"] for q in asked], lambda ids: engine.ntd(prompt_ids=ids, max_support=2 * MOST_FOLLOWED))
        counts = [sorted([i, r["cont_cnt"]] for i, r in a["result_by_token_id"].items() if i < END) for a in answers]
        for q in asked:
            q["next"] = sorted(q["next"])
        compare(name, "next token", asked, times, counts, "next", "seconds")
        times, answers = timed(local, lambda q: local_counts(engine, q))
        compare(name, "local counts of a token and 21 candidates", local, times, answers, "counts", "seconds")
        # Clauses as frequent as any, so that nothing is sampled. The index counts pairs of occurrences meanwhile, which takes as long or longer.
        few = [q for q in pairs if all(engine.count([i])["count"] <= MOST_FOLLOWED for i in q["ids"])][:PAIRS]
        asked = [([[[a]], [[b]]], q) for q in few for a, b in [q["ids"]]]
        times, answers = timed(asked, lambda q: engine.count_cnf(cnf=q[0], max_clause_freq=1 << 40, max_diff_tokens=1000)["count"])
        compare(name, "two tokens at most 1,000 apart", few, times, answers, "count", "seconds")
    engine = tokengrams.MemmapIndex(str(folder / "tokenized.0"), str(folder / "tokengrams.idx"), vocab=SEPARATOR + 1)
    for (n, kind), asked in sorted(groups.items()):
        times, answers = timed([q["ids"] for q in asked], engine.count)
        compare("tokengrams", f"count, n = {n}, {kind}", asked, times, answers, "count", "seconds")
    searched(folder, groups)


def searched(folder, groups):
    """tantivy's documents with a phrase: no more than occurrences, and some where there are any."""
    index = tantivy.Index.open(str(folder / "tantivy"))
    schema, searcher = index.schema, index.searcher()

    def ask(ids):
        words = [str(i) for i in ids]
        query = tantivy.Query.phrase_query(schema, "ids", words) if len(words) > 1 else tantivy.Query.term_query(schema, "ids", words[0])
        return searcher.search(query, limit=1, count=True).count

    for (n, kind), asked in sorted(groups.items()):
        times, answers = timed([q["ids"] for q in asked], ask)
        for query, answer in zip(asked, answers):
            if answer > query["count"] or (answer == 0) != (query["count"] == 0):
                sys.exit(f"tantivy finds {answer} documents with {query['ids']}, and the index {query['count']} occurrences")
        same = [{**q, "answer": a} for q, a in zip(asked, answers)]
        compare("tantivy (documents)", f"count, n = {n}, {kind}", same, times, answers, "answer", "seconds")


if sys.argv[1] == "count":
    count_once(Path(sys.argv[2]), [int(i) for i in sys.argv[3:]])
else:
    main()
