from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from typing import Any, Literal, final

import pandas  # type: ignore[import-untyped]
import polars
from typing_extensions import CapsuleType

from .types import Attribution, Completion, Document, Equation, FinalAnswer, Hit, Next

__all__ = [
    "Index",
    "RotescopeError",
    "Table",
    "Traces",
    "__version__",
    "completion",
    "equations",
    "expected_answer",
    "final_answer",
    "read_traces",
    "same_answer",
    "split_steps",
    "steps",
    "tokens",
    "traces",
]

__version__: str

_Path = str | PathLike[str]
_Paths = _Path | Iterable[_Path]
_Format = Literal["lm-eval", "inspect", "openai", "fields", "text"]
_Fields = dict[str, str]
_Locale = Literal["point", "comma"]
_Steps = Literal["sentence", "line"]
_Query = str | Iterable[int]

class RotescopeError(ValueError): ...

@final
class Traces(Iterator[dict[str, Any]]):
    def __iter__(self) -> Traces: ...
    def __next__(self) -> dict[str, Any]: ...

def read_traces(paths: _Paths, *, format: _Format | None = None, fields: _Fields | None = None) -> Traces: ...

@final
class Table:
    @property
    def columns(self) -> list[str]: ...
    def __len__(self) -> int: ...
    def to_dict(self) -> dict[str, list[Any]]: ...
    def to_pandas(self) -> pandas.DataFrame: ...
    def to_polars(self) -> polars.DataFrame: ...
    def __arrow_c_schema__(self) -> CapsuleType: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> CapsuleType: ...

def tokens(
    paths: _Paths, *, measure: str = "stim", format: _Format | None = None, fields: _Fields | None = None
) -> Table: ...
def steps(
    paths: _Paths, *, measure: str = "stim", format: _Format | None = None, fields: _Fields | None = None
) -> Table: ...
def traces(
    paths: _Paths, *, measure: str = "stim", format: _Format | None = None, fields: _Fields | None = None
) -> Table: ...

@final
class Index:
    def __new__(cls, path: _Path, *, model: _Path | None = None, tokenizer: _Path | None = None) -> Index: ...
    @property
    def info(self) -> dict[str, Any]: ...
    def encode(self, text: str) -> list[int]: ...
    def decode(self, ids: Iterable[int]) -> str: ...
    def count(self, query: _Query) -> int: ...
    def counts(self, queries: Sequence[_Query]) -> list[int]: ...
    def next(self, query: _Query, *, limit: int | None = None) -> Next: ...
    def documents(self, query: _Query, *, limit: int = 10, offset: int = 0, around: int = 24) -> list[Hit]: ...
    def document(self, document: int) -> Document: ...
    def word_count(self, word: str) -> int: ...
    def cooccurrence(self, a: str, b: str, *, window: int | None = None) -> int: ...
    def cooccurrences(self, pairs: Sequence[tuple[str, str]], *, window: int | None = None) -> list[int]: ...
    def attribute(
        self,
        text: _Query,
        *,
        prompt: _Query | None = None,
        shortest: int = 1,
        density: float = 0.05,
        max_frequency: int | None = None,
        partial: bool = False,
        documents: int = 10,
    ) -> Attribution: ...

def same_answer(a: str, b: str, *, locale: _Locale = "point") -> bool: ...
def final_answer(text: str) -> FinalAnswer | None: ...
def expected_answer(text: str) -> str: ...
def split_steps(text: str, *, by: _Steps = "sentence") -> list[str]: ...
def equations(text: str, *, base: Literal[10, 2] = 10) -> list[Equation]: ...
def completion(
    text: str,
    *,
    question: str = "",
    answer: str | None = None,
    verify: Sequence[str] | None = None,
    meta: dict[str, Any] | None = None,
    locale: _Locale = "point",
    steps: _Steps = "sentence",
) -> Completion: ...
