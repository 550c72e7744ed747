"""Answers, steps and equations of completions, judged without model and corpus, as `rotescope judge` does it.

Places in texts are in characters, as Python slices them.
"""

from ._rotescope import (
    completion,
    equations,
    expected_answer,
    final_answer,
    same_answer,
    split_steps,
)

__all__ = [
    "completion",
    "equations",
    "expected_answer",
    "final_answer",
    "same_answer",
    "split_steps",
]
