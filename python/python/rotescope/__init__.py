"""How much of a language model's reasoning is rote, in Python.

- read_traces, tokens, steps, traces: what `rotescope score` and other tools wrote, as dicts or as tables
- Index: an index of a corpus, made by `rotescope index build`
- judge: answers, steps and equations, without model and corpus

Models run in the program, not here.
"""

from . import judge
from ._rotescope import (
    Index,
    RotescopeError,
    Table,
    Traces,
    __version__,
    read_traces,
    steps,
    tokens,
    traces,
)

__all__ = [
    "Index",
    "RotescopeError",
    "Table",
    "Traces",
    "__version__",
    "judge",
    "read_traces",
    "steps",
    "tokens",
    "traces",
]
