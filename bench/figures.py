"""Figures of a round, and of several rounds: pure arithmetic."""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, median
from typing import Any

from bench.client import Tally
from bench.server import Cpu

Figures = dict[str, float]


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least so many percent of the values do not exceed; 0 of none."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def of_round(
    tally: Tally, measured: str, cpu: Cpu, lines: Sequence[Mapping[str, Any]], peak_mb: float
) -> Figures:
    """`lines` are the product's own about the measured view; times in ms, CPU in ms a request and
    in s an act (an attempt, a sign-in)."""
    seconds = tally.seconds.get(measured, [])
    requests, acts, took = tally.requests or math.inf, tally.acts or math.inf, tally.took
    queries = [float(line["queries"]) for line in lines if "queries" in line]
    return {
        "rps": tally.requests / took,
        "acts_s": tally.acts / took,
        **{f"p{p}_ms": percentile(seconds, p) * 1000 for p in (50, 95, 99)},
        "cpu_ms": cpu.server * 1000 / requests,
        "act_cpu_s": cpu.server / acts,
        "database_cpu_ms": cpu.database * 1000 / requests,
        "queries": percentile(queries, 95),
        "page_bytes": fmean(tally.sizes.get(measured, [0])),
        "wire_bytes": fmean(tally.wires.get(measured, [0])),
        "peak_mb": peak_mb,
        **tally.figures,
    }


def middle(rounds: Sequence[Figures]) -> Figures:
    """The median of each figure over the rounds."""
    return {name: median(each[name] for each in rounds) for name in rounds[0]}
