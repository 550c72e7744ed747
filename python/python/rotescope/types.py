"""The dicts that answers are made of, for annotations. Their meaning stands where they are returned."""

from typing import Any, Literal, TypedDict

__all__ = [
    "AttributedSpan",
    "AttributedToken",
    "Attribution",
    "Completion",
    "Document",
    "Equation",
    "FinalAnswer",
    "Hit",
    "JudgedStep",
    "Next",
    "NextToken",
    "SpanDocument",
    "SpanPlace",
]


class NextToken(TypedDict):
    id: int
    text: str | None
    count: int
    probability: float


class Next(TypedDict):
    ids: list[int]
    count: int
    ends: int
    distinct: int
    tokens: list[NextToken]


class Hit(TypedDict):
    document: int
    position: int
    id: str | None
    source: str
    line: int
    meta: dict[str, Any]
    before: str | None
    text: str | None
    after: str | None


class Document(TypedDict):
    document: int
    id: str | None
    source: str
    line: int
    byte: int
    meta: dict[str, Any]
    text: str
    tokens: list[int]


class AttributedToken(TypedDict):
    token: int
    token_id: int
    text: str
    start: int
    end: int
    local_context: int
    local_context_count: int
    local_match_count: int
    local_share: float | None
    local_rank: int | None
    retrieved_p: float
    retrieved_n: int
    retrieved_count: int
    retrieved_sparse: bool


class AttributedSpan(TypedDict):
    tokens: list[int]
    start: int
    end: int
    text: str
    occurrences: int
    unigram_logprob: float
    kept: bool


class SpanPlace(TypedDict):
    span: int
    position: int | None


class SpanDocument(TypedDict):
    document: int
    id: str | None
    source: str
    line: int
    bm25: float
    copies: int
    spans: list[SpanPlace]


class Attribution(TypedDict):
    text: str
    tokens: list[AttributedToken]
    spans: list[AttributedSpan]
    documents: list[SpanDocument]


class FinalAnswer(TypedDict):
    text: str
    start: int
    end: int
    rule: Literal["boxed", "hashes", "answer_is", "answer_colon", "last_number"]


class Equation(TypedDict):
    expression: str
    claimed: str
    expected: str
    right: bool
    start: int
    end: int
    first_wrong: int | None


class JudgedStep(TypedDict):
    text: str
    start: int
    end: int
    right: bool | None
    by: str | None
    expected: str | None
    why: str | None
    wrong: list[int] | None


class Completion(TypedDict):
    answer: str | None
    answer_span: list[int] | None
    expected: str | None
    right: bool | None
    reasoning: list[list[int]]
    steps: list[JudgedStep]
