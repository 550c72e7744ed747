"""Seeded drawing: the Zipf law, and generators that depend on a name only."""
import bisect
import random

from .words import SEED


def rng(name):
    """A generator that depends on the seed of the recipe and on `name`, and on nothing drawn elsewhere."""
    return random.Random(f"{SEED}-{name}")


class Zipf:
    """Draws items with weight 1 / rank ** exponent; rank is the place in the list, from 1."""

    def __init__(self, items, exponent):
        self.items = list(items)
        self.cumulative, total = [], 0.0
        for rank in range(1, len(self.items) + 1):
            total += rank ** -exponent
            self.cumulative.append(total)

    def __call__(self, r):
        x = r.random() * self.cumulative[-1]
        return self.items[min(bisect.bisect_left(self.cumulative, x), len(self.items) - 1)]
