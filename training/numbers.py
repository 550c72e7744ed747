"""Exact numbers and the three ways they are written: whole, decimal, base 2 with up to 8 fractional bits."""
from fractions import Fraction


def decimal(x):
    """A finite decimal, without trailing zeros; None when the fraction has none with 8 places."""
    scaled = x * 10**8
    if scaled.denominator != 1:
        return None
    sign, digits = ("-" if scaled < 0 else ""), str(abs(scaled.numerator)).rjust(9, "0")
    return (sign + digits[:-8] + "." + digits[-8:]).rstrip("0").rstrip(".")


def binary(x):
    """Base 2, cut after 8 fractional bits (as the STIM authors write it)."""
    whole = x.numerator // x.denominator
    rest = (x - whole) * 256
    bits = format(rest.numerator // rest.denominator, "08b").rstrip("0")
    return format(whole, "b") + ("." + bits if bits else "")


def apply(a, op, b):
    """a op b, exactly."""
    if op == "+":
        return a + b
    if op == "-":
        return a - b
    if op == "*":
        return a * b
    return Fraction(a) / Fraction(b)


PRIMES = [11, 13, 17, 19, 23, 29]
# what makes each of STIM's transformations of the long tail hard
FACTORS = dict(digit_expansion=["rare_number"], int_to_float=["rare_number", "decimal"], base2=["base2"])


def transform(r, values, how):
    """The numbers of a problem under one of STIM's transformations, and how they are then written."""
    if how == "digit_expansion":
        p1, p2 = r.choice(PRIMES), r.choice(PRIMES)
        return [p1 * v + p2 for v in values], decimal
    if how == "int_to_float":
        return [v / 100 for v in values], decimal
    return values, binary
