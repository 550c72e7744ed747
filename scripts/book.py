#!/usr/bin/env python3
"""Preprocessor of the book (docs/book.toml; mdBook runs it, with the book as JSON on standard input).

Pages from outside docs/ (../README.md) get a place within the book. Links follow: those to a page of the book lead to its place, and a link to a file of
the repository that is not in the book becomes the file's name.
"""

import json
import posixpath
import re
import sys
from pathlib import Path

DOCS = "docs"
# A code span, or a link or picture whose target has neither a scheme nor blanks.
PART = re.compile(r"(?P<code>(?P<ticks>`+)[^`].*?(?<!`)(?P=ticks)(?!`))|(?P<label>!?\[(?:[^\]\\]|\\.)*\])\((?P<to>(?![a-z]+:)[^)\s]+)\)")


def chapters(items):
    for item in items:
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if chapter:
            yield chapter
            yield from chapters(chapter["sub_items"])


def place(file):
    """Where a page of the repository stands in the book."""
    if file.startswith(DOCS + "/"):
        return posixpath.relpath(file, DOCS)
    page = file.lower().replace("/readme.md", ".md")
    return "index.md" if page == "readme.md" else page


def led(match, file, pages, root):
    """The link of a page as the book has it."""
    if match["code"] or match["to"].startswith("#"):
        return match[0]
    target, _, anchor = match["to"].partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(file), target))
    if target in pages:
        to = pages[target] + ("#" + anchor if anchor else "")
    elif target.startswith(DOCS + "/") and not target.endswith(".md") and (root / target).is_file():
        to = place(target)
    else:
        label = match["label"][1:-1]
        return label if label.strip("`") == target else f"{label} (`{target}`)"
    return f"{match['label']}({posixpath.relpath(to, posixpath.dirname(pages[file]) or '.')})"


def rewritten(text, file, pages, root):
    fenced, lines = False, []
    for line in text.split("\n"):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            line = PART.sub(lambda m: led(m, file, pages, root), line)
        lines.append(line)
    return "\n".join(lines)


def main():
    if sys.argv[1:2] == ["supports"]:
        sys.exit(sys.argv[2] != "html")
    context, book = json.load(sys.stdin)
    root = Path(context["root"]).parent
    every = list(chapters(book["items"]))
    files = [posixpath.normpath(posixpath.join(DOCS, c["path"])) for c in every]
    pages = {file: place(file) for file in files}
    for chapter, file in zip(every, files):
        chapter["content"] = rewritten(chapter["content"], file, pages, root)
        chapter["path"] = pages[file]
    json.dump(book, sys.stdout)


main()
