"""infini-gram's own engine behind its web API's protocol, and behind that of OLMoTrace's service, on this machine, for tests.

server.py DIR: DIR holds a folder for each index, in the layout of infini-gram: tokenized.0, offset.0, metadata.0, metaoff.0, with u16 token ids,
and `tokens`, the bytes of each token in hex, one a line. Suffix arrays that are missing are made. Prints its port in a line. Ends when its standard input
does.

Limits and errors are those that the API documents. GET / lists the indexes. POST /control sets what goes wrong: {"delay": seconds, "drop": share
of connections that break, "seed": of these, "next": [kinds of faults of the next answers]}; GET /control tells how often each query_type was asked.

POST /INDEX/attribution is a question for the spans of a text. There is no tokenizer here: {"encoded": {TEXT: [ids]}} of /control says which ids a text has.
"""

import json
import math
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from infini_gram.engine import InfiniGramEngine

END = 65534
FIELDS = {
    "count": {"max_clause_freq", "max_diff_tokens"},
    "prob": set(),
    "ntd": {"max_support"},
    "infgram_prob": set(),
    "infgram_ntd": {"max_support"},
    "find": set(),
    "find_cnf": {"max_clause_freq", "max_diff_tokens"},
    "get_doc_by_rank": {"s", "rank", "max_disp_len"},
    "get_doc_by_ptr": {"s", "ptr", "max_disp_len"},
}
LIMITS = {"max_support": 1000, "max_clause_freq": 500000, "max_diff_tokens": 1000, "max_disp_len": 10000}


class Index:
    def __init__(self, folder):
        if not os.path.exists(os.path.join(folder, "table.0")):
            build(folder)
        self.engine = InfiniGramEngine(
            folder, eos_token_id=END, vocab_size=65535, version=4, token_dtype="u16",
            ds_prefetch_depth=0, sa_prefetch_depth=0, od_prefetch_depth=0,
            bow_ids_path=self.begin_words(folder), precompute_unigram_logprobs=True,
        )

    def begin_words(self, folder):
        """Writes which tokens begin a word."""
        with open(os.path.join(folder, "tokens")) as lines:
            self.bytes = [bytes.fromhex(line.strip()) for line in lines]
        path = os.path.join(folder, "begin_words")
        with open(path, "w") as out:
            for i, token in enumerate(self.bytes):
                if not token[:1].isalnum():
                    out.write(f"{i}\n")
        return path

    def text(self, ids):
        return b"".join(self.bytes[i] if i < len(self.bytes) else b"" for i in ids).decode("utf-8", "replace")

    def answer(self, asked):
        kind = asked["query_type"]
        ids = asked["query_ids"]
        given = {name: asked[name] for name in FIELDS[kind] if name in asked}
        is_cnf = bool(ids) and isinstance(ids[0], list)
        engine = self.engine
        if kind == "count" and is_cnf:
            answer = engine.count_cnf(cnf=ids, **given)
        elif kind == "count":
            answer = engine.count(input_ids=ids)
        elif kind in ("ntd", "infgram_ntd"):
            answer = getattr(engine, kind)(prompt_ids=ids, **given)
            for token, found in answer.get("result_by_token_id", {}).items():
                found["token"] = self.text([token])
        elif kind in ("prob", "infgram_prob"):
            answer = getattr(engine, kind)(prompt_ids=ids[:-1], cont_id=ids[-1])
        elif kind == "find":
            answer = engine.find(input_ids=ids)
        elif kind == "find_cnf":
            answer = engine.find_cnf(cnf=ids, **given)
        else:
            answer = getattr(engine, kind)(**given)
            if "error" not in answer:
                shown = answer.pop("token_ids")
                at = answer["needle_offset"]
                parts = [(shown[:at], None), (shown[at:at + len(ids)], 0), (shown[at + len(ids):], None)]
                answer["spans"] = [[self.text(part), clause] for part, clause in parts if part]
        if "error" not in answer:
            flat = [i for clause in ids for term in clause for i in term] if is_cnf else ids
            answer["token_ids"] = ids
            answer["tokens"] = [self.text([i]) for i in flat]
            answer["latency"] = 0.1
        return answer


    def spans(self, asked, ids):
        """As OLMoTrace's service answers; its names are written together."""
        ends = set(asked.get("delimiters", []))
        delimiters = [i for i, token in enumerate(self.bytes) if any(end.encode() in token for end in ends)]
        found = self.engine.attribute(
            input_ids=ids, delim_ids=delimiters, min_len=asked.get("minimumSpanLength", 1),
            max_cnt=asked.get("maximumFrequency", 10), enforce_bow=not asked.get("allowSpansWithPartialWords", False),
        )
        if "error" in found:
            return found
        kept = sorted(found["spans"], key=lambda s: s["unigram_logprob_sum"])
        kept = kept[:math.ceil(len(ids) * asked.get("maximumSpanDensity", 0.05))]
        documents = asked.get("maximumDocumentsPerSpan", 10)
        return {
            "index": "", "inputTokens": [self.text([i]) for i in ids],
            "spans": [{
                "left": s["l"], "right": s["r"], "length": s["length"], "count": s["count"],
                "unigramLogprobSum": s["unigram_logprob_sum"], "text": self.text(ids[s["l"]:s["r"]]), "tokenIds": ids[s["l"]:s["r"]],
                "documents": [self.document(ids[s["l"]:s["r"]], d) for d in s["docs"][:documents]],
            } for s in sorted(kept, key=lambda s: s["l"])],
        }

    def document(self, needle, place):
        found = self.engine.get_doc_by_ptr(s=place["s"], ptr=place["ptr"], max_disp_len=500)
        return {
            "documentIndex": found["doc_ix"], "documentLength": found["doc_len"], "displayLength": found["disp_len"],
            "needleOffset": found["needle_offset"], "metadata": json.loads(found["metadata"]), "tokenIds": found["token_ids"],
            "text": self.text(found["token_ids"]), "blocked": False,
        }


def build(folder):
    with tempfile.TemporaryDirectory() as temp:
        stub = os.path.join(temp, "stub")
        for made in ("stub", "data", "temp"):
            os.mkdir(os.path.join(temp, made))
        # Only imported: the ids are there already.
        open(os.path.join(stub, "transformers.py"), "w").close()
        subprocess.run(
            [sys.executable, "-m", "infini_gram.indexing", "--data_dir", os.path.join(temp, "data"),
             "--save_dir", folder, "--temp_dir", os.path.join(temp, "temp"), "--token_dtype", "u16",
             "--cpus", "1", "--mem", "1", "--shards", "1", "--ulimit", "1024"],
            env={**os.environ, "PYTHONPATH": stub}, stdout=sys.stderr, check=True,
        )


def answered(asked):
    index = INDEXES[asked["index"]]
    if asked["query_type"] == "attribution":
        return index.spans(asked, CONTROL.encoded[asked["response"]])
    return index.answer(asked)


def refused(asked):
    """Why a question is refused, as (status, message)."""
    index = asked.get("index")
    if index not in INDEXES:
        return 400, f"[Flask] Invalid index: {index}"
    kind = asked.get("query_type")
    if kind == "attribution":
        return None if asked.get("response") in CONTROL.encoded else (422, "the test did not say how the text is cut")
    if kind not in FIELDS:
        return 400, f"[Flask] Invalid query_type: {kind}"
    if ("query" in asked) == ("query_ids" in asked):
        return 400, "[Flask] Exactly one of query and query_ids must be present!"
    unknown = set(asked) - FIELDS[kind] - {"index", "query_type", "query", "query_ids"}
    if unknown or "query" in asked:
        return 500, f"[Flask] Internal server error: unexpected {sorted(unknown)}"
    ids = asked["query_ids"]
    if not isinstance(ids, list):
        return 200, "query_ids must be a list of integers"
    clauses = ids if ids and isinstance(ids[0], list) else [[ids]]
    if len(clauses) > 4 or any(len(c) > 4 for c in clauses):
        return 200, "at most 4 clauses of 4 terms"
    if sum(len(term) for c in clauses for term in c) > 500:
        return 200, "at most 500 tokens"
    for name, limit in LIMITS.items():
        if name in asked and not (isinstance(asked[name], int) and 1 <= asked[name] <= limit):
            return 200, f"{name} must be an integer in [1, {limit}]"
    return None


class Control:
    def __init__(self):
        self.lock = threading.Lock()
        self.encoded = {}
        self.set({})

    def set(self, what):
        self.delay = what.get("delay", 0)
        self.drop = what.get("drop", 0)
        self.next = list(what.get("next", []))
        self.random = random.Random(what.get("seed", 0))
        self.encoded.update(what.get("encoded", {}))
        self.asked = {}

    def fault(self, kind):
        with self.lock:
            self.asked[kind] = self.asked.get(kind, 0) + 1
            if self.next:
                return self.next.pop(0)
            return "close" if self.random.random() < self.drop else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_):
        pass

    def send(self, status, body, kind="application/json", length=None):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length or len(body)))
        if status == 503:
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def do_GET(self):
        self.send(200, CONTROL.asked if self.path == "/control" else sorted(INDEXES))

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/control":
            with CONTROL.lock:
                CONTROL.set(asked)
            return self.send(200, {})
        index, _, attribution = self.path.strip("/").partition("/")
        if attribution == "attribution":
            asked = {"index": index, "query_type": attribution, **asked}
        fault = CONTROL.fault(asked.get("query_type"))
        time.sleep(CONTROL.delay)
        why = refused(asked)
        if fault is None or fault == "wrong":
            answer = None if why else answered(asked)
            if fault == "wrong" and answer:
                # An answer to something else.
                answer = {"count": 7}
            return self.send(why[0], {"error": why[1]}) if why else self.send(200, answer)
        self.close_connection = True
        if fault == "busy200":
            self.send(200, {"error": "[C++] Timeout. Please try again later."})
        elif fault == "refused200":
            self.send(200, {"error": "query_ids must be a list of integers"})
        elif fault == "400":
            self.send(400, {"error": "[Flask] Invalid index: x"})
        elif fault == "500":
            self.send(500, {"error": "[Flask] Internal server error. Please try again later."})
        elif fault == "503":
            self.send(503, {"title": "overloaded"}, "application/problem+json")
        elif fault == "429":
            self.send(429, b"slow down", "text/plain")
        elif fault == "truncated":
            self.send(200, b'{"count": 12, "appr')
        elif fault == "short":
            self.send(200, b'{"count": 12, "appr', length=100)
        elif fault == "html":
            self.send(200, b"<html><title>Sign in to the network</title></html>", "text/html")
        elif fault == "502":
            self.send(502, b"<html><title>Bad gateway</title></html>", "text/html")
        elif fault == "302":
            self.send(302, b"")
        elif fault == "stall":
            time.sleep(5)
        elif fault != "close":
            self.send(200, {"error": f"no such fault: {fault}"})


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass  # clients go when they please


root = sys.argv[1]
INDEXES = {name: Index(os.path.join(root, name)) for name in sorted(os.listdir(root))}
CONTROL = Control()
port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
server = Server(("127.0.0.1", port), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
