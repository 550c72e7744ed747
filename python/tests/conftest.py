"""What the program makes of the bundled model and corpus: an index and traces, made anew for each run of the tests."""

import json
import os
import subprocess
from pathlib import Path

import pytest

import rotescope

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models/pocket/pocket-q8_0.gguf"


class Program:
    """The program `rotescope`, which all answers are held against."""

    def __init__(self, file: Path):
        self.file = file

    def __call__(self, *args: object) -> str:
        run = subprocess.run(
            [self.file, *map(str, args)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "ROTESCOPE_HOME": str(ROOT)},
        )
        # 1 is an end too: an item failed, and the record says so.
        assert run.returncode in (0, 1), run.stderr
        return run.stdout

    def json(self, *args: object) -> object:
        return json.loads(self(*args, "--json"))


@pytest.fixture(scope="session")
def program() -> Program:
    file = Path(os.environ.get("ROTESCOPE_BIN", ROOT / "target/release/rotescope"))
    assert file.is_file(), f"{file} is not there: make build, or name the program with ROTESCOPE_BIN"
    return Program(file.resolve())


@pytest.fixture(scope="session")
def index_path(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the whole bundled corpus."""
    out = tmp_path_factory.mktemp("index") / "pocket"
    program("index", "build", ROOT / "indexes/pocket/corpus.jsonl.zst", "--model", MODEL, "--out", out)
    return out


@pytest.fixture(scope="session")
def index(index_path: Path) -> rotescope.Index:
    return rotescope.Index(index_path, model=MODEL)


@pytest.fixture(scope="session")
def traces_path(program: Program, index_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Traces with all that they may have, and a prompt that failed."""
    folder = tmp_path_factory.mktemp("traces")
    long = folder / "long.jsonl"
    long.write_text(json.dumps({"id": "long", "question": "word " * 3000}))
    out = folder / "traces.jsonl"
    options = ["--model", MODEL, "--index", index_path, "--limit", 5, "--max-tokens", 60, "-q"]
    program("score", ROOT / "prompts/applied-base.jsonl", *options, "-o", out)
    other = folder / "other.jsonl"
    program("score", long, *options, "-o", other)
    out.write_bytes(out.read_bytes() + other.read_bytes())
    return out


@pytest.fixture(scope="session")
def lines(traces_path: Path) -> list[dict]:
    return [json.loads(line) for line in traces_path.read_text().splitlines()]
