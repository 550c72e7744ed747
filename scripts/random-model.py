#!/usr/bin/env python3
"""Makes a GGUF of a real model's shape with random weights: for what a model of its size costs, not for what it says.

    scripts/random-model.py SHAPE TOKENIZER.gguf OUT.gguf

SHAPE is 1B or 7B (Llama; matrices Q4_0, norms F32). The tokenizer is that of another model. Needs numpy and gguf (PyPI).
"""

import sys
from pathlib import Path

import gguf
import numpy as np

# Layers, width, width of the feed-forward, heads, heads of keys and values: those of Llama 3.2 1B and Llama 2 7B.
SHAPES = {"1B": (16, 2048, 8192, 32, 8), "7B": (32, 4096, 11008, 32, 32)}
CONTEXT = 4096
BLOCK = 32
# Weights of about this size keep what layers pass on in bounds.
SIZE = 0.02


def q4_0(rng, rows, columns):
    """Random blocks of Q4_0: a half-precision scale and 32 weights of 4 bits each."""
    blocks = rows * columns // BLOCK
    data = np.empty((blocks, 2 + BLOCK // 2), dtype=np.uint8)
    # Four bits, less 8, have a standard deviation of 4.6.
    data[:, :2] = np.frombuffer(np.float16(SIZE / 4.6).tobytes(), dtype=np.uint8)
    data[:, 2:] = np.frombuffer(rng.bytes(blocks * BLOCK // 2), dtype=np.uint8).reshape(blocks, -1)
    return data.reshape(rows, columns // BLOCK * data.shape[1])


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in SHAPES:
        sys.exit(__doc__)
    shape, tokenizer, out = sys.argv[1:]
    layers, width, inner, heads, kv_heads = SHAPES[shape]
    reader = gguf.GGUFReader(tokenizer)
    writer = gguf.GGUFWriter(out, "llama")
    writer.add_name(f"random-{shape}")
    writer.add_block_count(layers)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // heads)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    for name, field in reader.fields.items():
        if name.startswith("tokenizer.ggml."):
            kind = field.types[0]
            sub = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(name, field.contents(), kind, sub_type=sub)
    vocabulary = len(reader.fields["tokenizer.ggml.tokens"].data)
    writer.add_vocab_size(vocabulary)

    rng = np.random.default_rng(0)
    kv = width // heads * kv_heads
    matrices = {"token_embd": (vocabulary, width), "output": (vocabulary, width)}
    norms = ["output_norm"]
    for i in range(layers):
        at = f"blk.{i}."
        matrices |= {
            at + "attn_q": (width, width),
            at + "attn_k": (kv, width),
            at + "attn_v": (kv, width),
            at + "attn_output": (width, width),
            at + "ffn_gate": (inner, width),
            at + "ffn_up": (inner, width),
            at + "ffn_down": (width, inner),
        }
        norms += [at + "attn_norm", at + "ffn_norm"]
    kind = gguf.GGMLQuantizationType.Q4_0
    bytes_of = lambda rows, columns: rows * columns // BLOCK * (2 + BLOCK // 2)
    for name, (rows, columns) in matrices.items():
        raw = (rows, columns // BLOCK * (2 + BLOCK // 2))
        writer.add_tensor_info(f"{name}.weight", raw, np.dtype(np.uint8), bytes_of(rows, columns), raw_dtype=kind)
    for name in norms:
        writer.add_tensor_info(f"{name}.weight", (width,), np.dtype(np.float32), width * 4)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    # One after the other: 7B do not fit the memory of every machine twice.
    for rows, columns in matrices.values():
        writer.write_tensor_data(q4_0(rng, rows, columns))
    for _ in norms:
        writer.write_tensor_data(np.ones(width, dtype=np.float32))
    writer.close()
    print(f"{out}: {Path(out).stat().st_size / 1e9:.2f} GB")


main()
