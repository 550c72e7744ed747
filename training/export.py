"""Writes the trained model as GGUF (llama architecture), in float32 or Q8_0.

    python3 -m training.export WORK OUT.gguf f32|q8_0
"""
import hashlib
import json
import os
import sys

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType, LlamaFileType, TokenType

from .model import Shape
from .problem import PROMPT
from .tokenizer import END

FILE_TYPES = {"f32": LlamaFileType.ALL_F32, "q8_0": LlamaFileType.MOSTLY_Q8_0}
TEMPLATE = "{% for m in messages %}{% if m['role'] == 'user' %}" + PROMPT.replace("{}", "{{ m['content'] }}") + "{% endif %}{% endfor %}"


def load(work):
    """The shape and the weights of the last checkpoint."""
    state = torch.load(f"{work}/checkpoint.pt", map_location="cpu")
    return Shape(**state["shape"]), {k: v.float() for k, v in state["model"].items()}, state


def header(w, shape, work, kind, parameters):
    with open(f"{work}/tokenizer.json", encoding="utf-8") as f:
        tok = json.load(f)
    tokens = [None] * shape.vocabulary
    for text, i in tok["model"]["vocab"].items():
        tokens[i] = text
    special = {a["id"]: a["content"] for a in tok["added_tokens"]}
    for i, text in special.items():
        tokens[i] = text
    end = next(i for i, text in special.items() if text == END)
    with open(f"{work}/corpus.jsonl", "rb") as f:
        corpus = hashlib.file_digest(f, "sha256").hexdigest()
    w.add_name("rotescope pocket")
    w.add_description("Chain-of-thought model trained from scratch on a corpus that is known in full; made to be attributed, not to be useful")
    w.add_license("MIT OR Apache-2.0")
    w.add_size_label(f"{parameters / 1e6:.0f}M")
    w.add_string("rotescope.corpus.sha256", corpus)
    w.add_context_length(shape.context)
    w.add_embedding_length(shape.width)
    w.add_block_count(shape.layers)
    w.add_feed_forward_length(shape.feed_forward)
    w.add_head_count(shape.heads)
    w.add_head_count_kv(shape.heads)
    w.add_rope_dimension_count(shape.head)
    w.add_rope_freq_base(shape.rope_base)
    w.add_key_length(shape.head)
    w.add_value_length(shape.head)
    w.add_layer_norm_rms_eps(shape.norm_epsilon)
    w.add_vocab_size(shape.vocabulary)
    w.add_file_type(FILE_TYPES[kind])
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("qwen2")
    w.add_token_list(tokens)
    w.add_token_types([TokenType.CONTROL if i in special else TokenType.NORMAL for i in range(shape.vocabulary)])
    w.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in tok["model"]["merges"]])
    w.add_bos_token_id(end)
    w.add_eos_token_id(end)
    w.add_pad_token_id(end)
    w.add_add_bos_token(True)      # documents began with the end token in training
    w.add_add_eos_token(False)
    w.add_chat_template(TEMPLATE)


def tensors(shape, weights):
    """(GGUF name, matrix or vector). No output matrix: it is the embedding."""
    yield "token_embd.weight", weights["embedding.weight"]
    yield "output_norm.weight", weights["norm.weight"]
    parts = dict(attn_norm="norm1", attn_q="q", attn_k="k", attn_v="v", attn_output="o", ffn_norm="norm2", ffn_gate="gate", ffn_up="up", ffn_down="down")
    for i in range(shape.layers):
        for theirs, ours in parts.items():
            yield f"blk.{i}.{theirs}.weight", weights[f"blocks.{i}.{ours}.weight"]


def main():
    work, out, kind = sys.argv[1:4]
    shape, weights, _ = load(work)
    w = gguf.GGUFWriter(out + ".new", "llama")
    header(w, shape, work, kind, sum(t.numel() for t in weights.values()))
    for name, t in tensors(shape, weights):
        a = np.ascontiguousarray(t.numpy(), dtype=np.float32)
        if a.ndim == 2 and kind == "q8_0":
            w.add_tensor(name, gguf.quants.quantize(a, GGMLQuantizationType.Q8_0), raw_dtype=GGMLQuantizationType.Q8_0)
        else:
            w.add_tensor(name, a)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    os.replace(out + ".new", out)
    print(out, os.path.getsize(out), "bytes")


if __name__ == "__main__":
    main()
