"""Validates JSON documents and lines against docs/schema: validate.py SCHEMAS NAME=FILE...

Says how many there were of each. Stricter than a reader: a member that a schema does not name is an error, for a schema must know all that its type writes.
"""

import copy
import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match


def strict(schema):
    """Allows no member that is not named, where some are."""
    if isinstance(schema, list):
        for part in schema:
            strict(part)
    if not isinstance(schema, dict):
        return
    if "properties" in schema:
        schema["additionalProperties"] = False
    for name, part in schema.items():
        if name in ("properties", "$defs"):
            for inner in part.values():
                strict(inner)
        elif name not in ("const", "enum", "required"):
            strict(part)


def documents(text):
    """All documents of a text, one after another."""
    decoder, at = json.JSONDecoder(parse_constant=lambda c: sys.exit(f"{c} is no JSON")), 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        document, at = decoder.raw_decode(text, at)
        yield document


def needed(schema, document):
    """Members that the document must have: those of the first kind of document that it is."""
    for kind in schema.get("anyOf", [schema]):
        kind = schema["$defs"][kind["$ref"].rsplit("/", 1)[1]] if "$ref" in kind else kind
        if all(name in document for name in kind.get("required", [])):
            return kind.get("required", [])
    return []


def accepts_less(validator, document):
    """Members without which a document is valid all the same, although it must have them."""
    names = needed(validator.schema, document)
    return [n for n in names if validator.is_valid({k: v for k, v in document.items() if k != n})]


def main():
    folder, given = Path(sys.argv[1]), [a.split("=", 1) for a in sys.argv[2:]]
    bad = 0
    for name, file in given:
        published = json.loads((folder / f"{name}.json").read_text())
        Draft202012Validator.check_schema(published)
        schema = copy.deepcopy(published)
        strict(schema)
        validator, count = Draft202012Validator(schema), 0
        for document in documents(Path(file).read_text()):
            count += 1
            for error in list(validator.iter_errors(document))[:3]:
                bad += 1
                error = best_match([error])
                at = "/".join(map(str, error.absolute_path))
                print(f"{name}: document {count} at {at or 'its top'}: {error.message[:300]}", file=sys.stderr)
            for less in accepts_less(Draft202012Validator(published), document):
                bad += 1
                print(f"{name}: document {count} is valid without {less}", file=sys.stderr)
        print(name, count)
    sys.exit(min(bad, 1))


main()
