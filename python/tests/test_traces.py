"""Records as dicts: what the lines say, from any file, with errors that name file and line."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time

import pytest

import rotescope
from conftest import ROOT


def test_records_are_the_lines(traces_path, lines):
    assert list(rotescope.read_traces(traces_path)) == lines
    assert list(rotescope.read_traces([str(traces_path), traces_path])) == 2 * lines
    assert [t["id"] for t in lines if "error" in t] == ["long"]


def test_compressed_files_are_unpacked(program, traces_path, lines, tmp_path):
    packed = tmp_path / "traces.jsonl.gz"
    packed.write_bytes(gzip.compress(traces_path.read_bytes()))
    by_program = tmp_path / "traces.jsonl.zst"
    program("report", traces_path, "-o", by_program)
    assert list(rotescope.read_traces([packed, by_program])) == 2 * lines


def test_files_of_other_tools_become_traces(program, tmp_path):
    theirs = ROOT / "tests/program/lm-eval-completions.jsonl"
    program("report", theirs, "-o", tmp_path / "ours.jsonl")
    read = list(rotescope.read_traces(theirs))
    assert read == [json.loads(line) for line in (tmp_path / "ours.jsonl").read_text().splitlines()]
    assert read == list(rotescope.read_traces(theirs, format="lm-eval"))
    with pytest.raises(ValueError, match="there are inspect, lm-eval"):
        rotescope.read_traces(theirs, format="lmeval")
    own = tmp_path / "own.jsonl"
    own.write_text(json.dumps({"question": "2 + 3?", "said": "2 + 3 = 5", "truth": "5"}))
    with pytest.raises(rotescope.RotescopeError, match=r'name the field with fields={"completion": ...}'):
        rotescope.traces(own)
    table = rotescope.traces(own, fields={"completion": "said", "answer": "truth"}).to_dict()
    assert (table["output"], table["right"]) == (["2 + 3 = 5"], [True])
    with pytest.raises(ValueError, match='and "answer", not of "gold"'):
        rotescope.traces(own, fields={"gold": "truth"})


def test_a_line_that_is_no_trace_is_named_and_what_comes_before_is_given(traces_path, lines, tmp_path):
    text = traces_path.read_text().splitlines()
    trace = json.loads(text[1])
    trace["tokens"][0]["p"] = "likely"
    file = tmp_path / "broken.jsonl"
    file.write_text("\n".join([text[0], json.dumps(trace), text[2]]))
    read = rotescope.read_traces(file)
    assert next(read) == lines[0]
    with pytest.raises(rotescope.RotescopeError, match=rf"{file}, line 2: not a trace: tokens\[0\].p"):
        next(read)
    assert list(read) == []
    for table in (rotescope.tokens, rotescope.steps, rotescope.traces):
        with pytest.raises(ValueError, match="line 2"):
            table(file)


def test_files_that_are_not_there_or_of_a_newer_version(tmp_path):
    absent = tmp_path / "absent.jsonl"
    with pytest.raises(FileNotFoundError) as error:
        list(rotescope.read_traces(absent))
    assert (error.value.errno, error.value.filename) == (2, str(absent))
    with pytest.raises(IsADirectoryError):
        rotescope.tokens(tmp_path)
    newer = tmp_path / "newer.jsonl"
    newer.write_text('{"schema":"rotescope.trace/9"}\n')
    with pytest.raises(rotescope.RotescopeError, match=r"newer.jsonl, line 1: made by a newer rotescope"):
        rotescope.tokens(newer)
    other = tmp_path / "other.bin"
    other.write_bytes(b"\0\1\2")
    with pytest.raises(rotescope.RotescopeError, match=r"of no format that is known .*name its format with format="):
        rotescope.tokens(other)


def test_arguments_that_cannot_be(traces_path):
    with pytest.raises(ValueError, match="no files"):
        rotescope.read_traces([])
    with pytest.raises(TypeError, match="a path"):
        rotescope.read_traces(3)


def test_an_iterator_that_is_dropped_ends_its_thread(traces_path, tmp_path):
    many = tmp_path / "many.jsonl"
    many.write_bytes(200 * traces_path.read_bytes())
    before = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else None
    read = rotescope.read_traces(many)
    next(read)
    del read
    if before is not None:
        for _ in range(100):
            if len(os.listdir("/proc/self/task")) <= before:
                break
            time.sleep(0.05)
        assert len(os.listdir("/proc/self/task")) <= before


@pytest.mark.parametrize(
    "what",
    [
        "list(rotescope.read_traces(pipe))",
        "rotescope.tokens(pipe)",
        "rotescope.Index(index).attribute([5, 17, 5] * 1_000_000)",
    ],
)
def test_ctrl_c_ends_what_takes_long(index_path, tmp_path, what):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    code = f"import rotescope, sys; pipe, index = sys.argv[1:]; print('begins', flush=True); {what}"
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    run = subprocess.Popen([sys.executable, "-c", code, pipe, index_path], **said)
    assert run.stdout.readline() == "begins\n"
    time.sleep(0.3)
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=5)
    assert "KeyboardInterrupt" in errors
