"""The pocket model: a llama-architecture transformer (RMSNorm, interleaved RoPE, SwiGLU, tied embeddings)."""
import math
from dataclasses import asdict, dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Shape:
    vocabulary: int = 4096
    context: int = 768
    width: int = 256
    layers: int = 6
    heads: int = 4
    feed_forward: int = 704
    rope_base: float = 10000.0
    norm_epsilon: float = 1e-5

    @property
    def head(self):
        return self.width // self.heads

    def dict(self):
        return asdict(self)


def rope(x, cos, sin):
    """Rotates the pairs (2i, 2i + 1), as llama.cpp does for this architecture: no permutation at export."""
    a, b = x.unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)


class Block(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.heads = s.heads
        self.norm1, self.norm2 = nn.RMSNorm(s.width, s.norm_epsilon), nn.RMSNorm(s.width, s.norm_epsilon)
        linear = lambda i, o: nn.Linear(i, o, bias=False)
        self.q, self.k, self.v, self.o = (linear(s.width, s.width) for _ in range(4))
        self.gate, self.up, self.down = linear(s.width, s.feed_forward), linear(s.width, s.feed_forward), linear(s.feed_forward, s.width)

    def forward(self, x, cos, sin):
        h = self.norm1(x)
        q, k, v = (f(h).unflatten(-1, (self.heads, -1)).transpose(1, 2) for f in (self.q, self.k, self.v))
        q, k = rope(q, cos, sin).to(v.dtype), rope(k, cos, sin).to(v.dtype)
        x = x + self.o(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))
        h = self.norm2(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Model(nn.Module):
    def __init__(self, s=Shape()):
        super().__init__()
        self.shape = s
        self.embedding = nn.Embedding(s.vocabulary, s.width)
        self.blocks = nn.ModuleList(Block(s) for _ in range(s.layers))
        self.norm = nn.RMSNorm(s.width, s.norm_epsilon)
        angle = torch.outer(torch.arange(s.context, dtype=torch.float64),
                            s.rope_base ** (-torch.arange(0, s.head, 2, dtype=torch.float64) / s.head))
        self.register_buffer("cos", angle.cos().float(), persistent=False)
        self.register_buffer("sin", angle.sin().float(), persistent=False)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                out = name.endswith(("o.weight", "down.weight"))
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * s.layers) if out else 0.02)

    def forward(self, x):
        """Logits [batch, length, vocabulary] of token ids [batch, length]."""
        h, t = self.embedding(x), x.shape[1]
        for block in self.blocks:
            h = block(h, self.cos[:t], self.sin[:t])
        return F.linear(self.norm(h), self.embedding.weight)

    def loss(self, x, y):
        """Mean cross-entropy in nats over the targets that are not -100."""
        return F.cross_entropy(self(x).flatten(0, 1).float(), y.flatten(), ignore_index=-100)
