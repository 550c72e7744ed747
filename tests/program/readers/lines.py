"""Runs the lines that a page gives for other programs, and holds what comes out against the JSON lines: lines.py PAGE FOLDER.

Blocks of Python leave the mean score of each task in `means`, blocks for the shell print it as JSON. They run in FOLDER, with its traces.jsonl and traces.parquet.
"""

import json
import math
import os
import re
import subprocess
import sys

HEADING = "## In other programs"


def by_task(found):
    """A series, a frame or a relation as a dictionary."""
    if hasattr(found, "to_dict") and not hasattr(found, "rows"):
        return found.to_dict()
    return dict(found.rows() if hasattr(found, "rows") else found.fetchall())


def expected():
    scores = {}
    for line in open("traces.jsonl"):
        trace = json.loads(line)
        for token in trace.get("tokens", []):
            found = [token[s]["score"] for s in ("local", "mid", "long") if s in token]
            found = [score for score in found if score is not None]
            if found:
                scores.setdefault(trace["prompt"]["task"], []).append(max(found))
    return {task: sum(all) / len(all) for task, all in scores.items()}


def main():
    page = open(sys.argv[1]).read().split(HEADING, 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"```(\w+)\n(.*?)```", page, re.S)
    os.chdir(sys.argv[2])
    wanted = expected()
    assert len(wanted) > 1, wanted
    for language, lines in blocks:
        assert len(lines.splitlines()) == 2, lines
        if language == "python":
            names = {}
            exec(lines, names)
            means = by_task(names["means"])
        else:
            run = subprocess.run(["sh", "-c", lines], check=True, capture_output=True, text=True)
            means = {row["task"]: row["mean"] for row in map(json.loads, run.stdout.splitlines())}
        same = means.keys() == wanted.keys() and all(math.isclose(means[t], wanted[t], rel_tol=1e-9) for t in wanted)
        assert same, f"{lines}\n{means}, not {wanted}"
        print(language, len(means))
    assert [language for language, _ in blocks] == ["python"] * 3 + ["sh"], blocks


main()
