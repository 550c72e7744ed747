"""Tables: the same as the program writes, in pandas, polars and Arrow."""

import sys

import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest
from pandas.testing import assert_frame_equal

import rotescope
from conftest import ROOT

TABLES = {"tokens": rotescope.tokens, "steps": rotescope.steps, "traces": rotescope.traces}


@pytest.fixture(scope="module")
def written(program, traces_path, tmp_path_factory):
    """The three tables as the program writes them."""
    out = tmp_path_factory.mktemp("tables") / "x.parquet"
    program("report", traces_path, "-o", out)
    return {name: out.with_suffix(".parquet" if name == "tokens" else f".{name}.parquet") for name in TABLES}


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_those_of_the_program(written, traces_path, name):
    table, file = TABLES[name](traces_path), written[name]
    ours, theirs = pyarrow.table(table), pyarrow.parquet.read_table(file)
    assert ours.schema.equals(theirs.schema)
    assert ours.equals(theirs)
    assert pyarrow.schema(table) == ours.schema
    assert_frame_equal(table.to_pandas(), pandas.read_parquet(file))
    assert table.to_polars().equals(polars.read_parquet(file))
    assert table.to_dict() == ours.to_pydict()
    assert (len(table), table.columns) == (theirs.num_rows, theirs.column_names)
    assert len(table) > 0


def test_tables_of_other_tools_and_measures(program, traces_path, tmp_path):
    theirs = ROOT / "tests/program/lm-eval-completions.jsonl"
    program("report", theirs, "-o", tmp_path / "theirs.parquet")
    assert rotescope.tokens(theirs).to_polars().equals(polars.read_parquet(tmp_path / "theirs.parquet"))
    program("report", traces_path, "--measure", "gain", "-o", tmp_path / "gain.parquet")
    gain = rotescope.tokens(traces_path, measure="gain").to_polars()
    assert gain.equals(polars.read_parquet(tmp_path / "gain.parquet"))
    assert gain["measure"].is_not_null().any()


def test_long_tables_come_in_batches(traces_path, tmp_path):
    one = rotescope.tokens(traces_path)
    many = tmp_path / "many.jsonl"
    copies = 1 + 70_000 // len(one)
    many.write_bytes(copies * traces_path.read_bytes())
    table = pyarrow.table(rotescope.tokens(many))
    assert table.num_rows == copies * len(one)
    assert [len(chunk) for chunk in table["id"].chunks[:2]] == [32_768, 32_768]
    assert table.slice((copies - 1) * len(one)).equals(pyarrow.table(one))


def test_a_file_without_records_is_a_table_without_rows(tmp_path):
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    table = rotescope.steps(empty)
    assert (len(table), table.to_polars().shape[0]) == (0, 0)
    assert repr(table) == f"<rotescope.Table steps: 0 rows, {len(table.columns)} columns>"


def test_what_is_not_installed_is_named(traces_path, monkeypatch):
    table = rotescope.traces(traces_path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ImportError, match=r"pyarrow is needed: pip install 'rotescope\[pandas\]'"):
        table.to_pandas()
    with pytest.raises(ImportError, match=r"polars is needed: pip install 'rotescope\[polars\]'"):
        table.to_polars()
    assert table.to_dict()["id"]
