"""Reads the tables of `report` as pandas, polars and DuckDB read them, and holds them against the JSON lines: tables.py FOLDER.

FOLDER has traces.jsonl, and the tables of it as traces.parquet, traces.steps.parquet, traces.traces.parquet, and the same as .csv.
"""

import json
import math
import sys
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow.parquet


def stim_max(token):
    scores = [token[s]["score"] for s in ("local", "mid", "long") if s in token]
    return max((s for s in scores if s is not None), default=None)


def expected(lines):
    """Of each table: rows, and sums over the JSON lines of what its columns say."""
    traces = [t for t in lines if "tokens" in t]
    tokens = [t for trace in traces for t in trace["tokens"]]
    steps = [s for trace in traces for s in trace["steps"]]
    of = lambda all, value: [v for v in map(value, all) if v is not None]
    said = lambda name, value: lambda item: value(item[name]) if name in item else None
    return {
        "tokens": (
            len(tokens),
            {
                "token_id": of(tokens, lambda t: t["id"]),
                "p": of(tokens, lambda t: t["p"]),
                "rank": of(tokens, lambda t: t["rank"]),
                "entropy": of(tokens, lambda t: t["entropy"]),
                "stim_max": of(tokens, stim_max),
                "local": of(tokens, said("local", lambda d: d["score"])),
                "mid": of(tokens, said("mid", lambda d: d["score"])),
                "long": of(tokens, said("long", lambda d: d["score"])),
                "local_context": of(tokens, said("local", lambda d: d["context"])),
                "local_context_count": of(tokens, said("local", lambda d: d["context_count"])),
                "local_match_count": of(tokens, said("local", lambda d: d["match_count"])),
                "cause_strength": of(tokens, said("cause", lambda d: d["strength"])),
                "mid_elicited": of(tokens, said("mid", lambda d: d.get("elicited"))),
            },
        ),
        "steps": (
            len(steps),
            {
                "start": [s["span"][0] for s in steps],
                "first_token": [s["tokens"][0] for s in steps],
                "tokens": [s["tokens"][1] - s["tokens"][0] for s in steps],
                "step_flag": of(steps, said("flag", lambda d: d["p"])),
                "step_right": of(steps, said("verdict", lambda d: d["right"])),
            },
        ),
        "traces": (
            len(lines),
            {
                "tokens": [len(t["tokens"]) for t in traces],
                "steps": [len(t["steps"]) for t in traces],
                "prompt_tokens": [len(t["prompt"]["tokens"]) for t in traces],
                "right": of(traces, lambda t: t["answer"]["right"]),
                "generate_seconds": of(traces, lambda t: t["timing"]["generate"]),
                "failed": ["error" in t for t in lines],
            },
        ),
    }


def as_pandas(file):
    table = pandas.read_parquet(file) if file.suffix == ".parquet" else pandas.read_csv(file)
    return len(table), {c: table[c].dropna().tolist() for c in table}


def as_polars(file):
    table = polars.read_parquet(file) if file.suffix == ".parquet" else polars.read_csv(file, infer_schema_length=None)
    return len(table), {c: table[c].drop_nulls().to_list() for c in table.columns}


def as_duckdb(file):
    table = duckdb.sql(f"select * from '{file}'")
    columns = zip(table.columns, zip(*table.fetchall()))
    found = {name: [v for v in values if v is not None] for name, values in columns}
    return len(table), found


def same(found, wanted):
    """Whether two columns have as many values and the same sum; p and entropy are of 32 bits."""
    close = math.isclose(sum(map(float, found)), sum(map(float, wanted)), rel_tol=1e-6, abs_tol=1e-9)
    return len(found) == len(wanted) and close


def main():
    folder = Path(sys.argv[1])
    lines = [json.loads(line) for line in (folder / "traces.jsonl").read_text().splitlines()]
    assert any("error" in line for line in lines), "a prompt that failed is to be among them"
    for table, (rows, columns) in expected(lines).items():
        between = "" if table == "tokens" else f".{table}"
        for ending in ("parquet", "csv"):
            file = folder / f"traces{between}.{ending}"
            for read in (as_pandas, as_polars, as_duckdb):
                found_rows, found = read(file)
                where = f"{file.name} by {read.__name__}"
                assert found_rows == rows, f"{where}: {found_rows} rows, not {rows}"
                for name, wanted in columns.items():
                    assert wanted, f"{where}: nothing is expected of {name}"
                    assert same(found[name], wanted), f"{where}: {name}"
            print(table, ending, rows)
        # Texts as they are: in Parquet to the letter, in CSV as JSON.
        if table == "tokens":
            texts = polars.read_csv(folder / "traces.csv", infer_schema_length=None)["text"]
            typed = polars.read_parquet(folder / "traces.parquet")
            assert [json.loads(t) for t in texts] == typed["text"].to_list()
            words = [[w["text"] for w in t["mid"]["words"]] if "mid" in t else None for l in lines for t in l.get("tokens", [])]
            assert typed["mid_words"].to_list() == words and any(words)
    # Every reader loads the lines themselves too.
    loaded = [
        len(pandas.read_json(folder / "traces.jsonl", lines=True)),
        len(polars.read_ndjson(folder / "traces.jsonl", infer_schema_length=None)),
        len(duckdb.sql(f"select * from read_json('{folder / 'traces.jsonl'}', format = 'newline_delimited', sample_size = -1)")),
    ]
    assert loaded == [len(lines)] * 3, loaded
    # Names repeat on every row, and are written once.
    group = pyarrow.parquet.ParquetFile(folder / "traces.parquet").metadata.row_group(0)
    by_name = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    for name in ("id", "task", "right", "stim_source", "skipped"):
        assert name == "right" or "RLE_DICTIONARY" in by_name[name].encodings, by_name[name]


main()
