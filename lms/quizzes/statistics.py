"""What the answers of many say about questions and quizzes: classical test theory, as Moodle
computes it. Fractions are 0 to 1; below about 30 attempts chance says more than the figures.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import repeat
from statistics import fmean, median
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class ItemStatistics:
    """One question over the attempts that asked it.

    `facility` is the mean fraction: 1 is right for everybody. `deviation` is the standard
    deviation of the fractions. `discrimination` is the correlation with the rest of the attempt, -1
    to 1: below 0 the strong miss it more often than the weak. `efficiency` is the share of the
    discrimination that such fractions could have had at best. None where the attempts are too few
    or all alike.
    """

    count: int
    facility: float
    deviation: float | None
    discrimination: float | None
    efficiency: float | None


def item_statistics(
    attempts: Sequence[Mapping[K, float]], beside: Sequence[Mapping[K, float]] = ()
) -> dict[K, ItemStatistics]:
    """Every question that was asked; each attempt tells the fraction of each of its questions.
    Attempts need not ask the same ones, but as many. `beside` are the questions of each attempt
    that do not count in it: they are told of, and enter nothing else."""
    pairs: dict[K, list[tuple[float, float]]] = {}
    for attempt, others in zip(attempts, beside or repeat({}), strict=False):
        total = sum(attempt.values())
        for question, fraction in attempt.items():
            pairs.setdefault(question, []).append((fraction, total - fraction))
        for question, fraction in others.items():
            pairs.setdefault(question, []).append((fraction, total))
    return {question: _item(found) for question, found in pairs.items()}


def _item(pairs: Sequence[tuple[float, float]]) -> ItemStatistics:
    own = [fraction for fraction, _ in pairs]
    rest = [total for _, total in pairs]
    spread = covariance(own, own)
    best = covariance(sorted(own), sorted(rest))
    return ItemStatistics(
        count=len(own),
        facility=fmean(own),
        deviation=None if spread is None else math.sqrt(spread),
        discrimination=correlation(own, rest),
        efficiency=_ratio(covariance(own, rest), best),
    )


@dataclass(frozen=True)
class QuizStatistics:
    """One quiz over its attempts, in percent 0 to 100.

    `skewness` is below 0 where many score high and few very low; `kurtosis` above 0 where scores
    crowd around the mean with some far out. `consistency` is Cronbach's alpha, how far the
    questions measure the same; `error_ratio` the share of the deviation that is chance, and
    `standard_error` that chance in points. None where the attempts are too few or all alike.
    """

    count: int
    mean: float
    median: float
    deviation: float | None
    skewness: float | None
    kurtosis: float | None
    consistency: float | None
    error_ratio: float | None
    standard_error: float | None

    def without_consistency(self) -> "QuizStatistics":
        """For attempts that were asked different questions: their places do not correspond."""
        return replace(self, consistency=None, error_ratio=None, standard_error=None)


def quiz_statistics(attempts: Sequence[Sequence[float]]) -> QuizStatistics:
    """`attempts` are the fractions by place in the quiz, at least one attempt and one place.
    Consistency needs attempts of the same length."""
    totals = [100 * fmean(fractions) for fractions in attempts]
    spread = covariance(totals, totals)
    deviation = None if spread is None else math.sqrt(spread)
    consistency = _consistency(attempts)
    ratio = None if consistency is None else 100 * math.sqrt(max(0.0, 1 - consistency / 100))
    return QuizStatistics(
        count=len(totals),
        mean=fmean(totals),
        median=median(totals),
        deviation=deviation,
        skewness=_skewness(totals),
        kurtosis=_kurtosis(totals),
        consistency=consistency,
        error_ratio=ratio,
        standard_error=None if ratio is None or deviation is None else ratio / 100 * deviation,
    )


def _consistency(attempts: Sequence[Sequence[float]]) -> float | None:
    places = len(attempts[0])
    if places < 2 or any(len(fractions) != places for fractions in attempts):
        return None
    totals = [sum(fractions) for fractions in attempts]
    columns = [covariance(column, column) or 0.0 for column in zip(*attempts, strict=True)]
    left = _ratio(sum(columns), covariance(totals, totals))
    return None if left is None else 100 * places / (places - 1) * (1 - left)


def _skewness(values: Sequence[float]) -> float | None:
    n = len(values)
    if n < 3:
        return None
    k2, k3 = n / (n - 1) * _moment(values, 2), n**2 / ((n - 1) * (n - 2)) * _moment(values, 3)
    return _ratio(k3, k2**1.5)


def _kurtosis(values: Sequence[float]) -> float | None:
    """Above that of a normal distribution, which is 0."""
    n = len(values)
    if n < 4:
        return None
    m2, m4 = _moment(values, 2), _moment(values, 4)
    k2 = n / (n - 1) * m2
    k4 = n**2 / ((n - 1) * (n - 2) * (n - 3)) * ((n + 1) * m4 - 3 * (n - 1) * m2**2)
    return _ratio(k4, k2**2)


def _moment(values: Sequence[float], power: int) -> float:
    mean = fmean(values)
    return fmean((value - mean) ** power for value in values)


def covariance(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Of a sample (n - 1); None for less than two pairs."""
    if len(a) < 2:
        return None
    mean_a, mean_b = fmean(a), fmean(b)
    products = ((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    return math.fsum(products) / (len(a) - 1)


def correlation(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Pearson's, -1 to 1; None where one of them does not vary."""
    spread_a, spread_b = covariance(a, a), covariance(b, b)
    if spread_a is None or spread_b is None:
        return None
    return _ratio(covariance(a, b), math.sqrt(spread_a * spread_b))


# ── What the figures ask of an author ────────────────────────────────────────────────────────

RELIABLE_FROM = 30  # attempts; with fewer, chance says more than the figures
EASY_FROM, HARD_BELOW = 0.95, 0.25  # facility
WEAK_BELOW = 0.2  # discrimination


class Flag(StrEnum):
    """What is worth a look in a question. `BACKWARDS`: the strong miss it more often than the
    weak. `RIVAL`: a wrong option is chosen more often than any right one. `UNUSED`: a wrong option
    is chosen by nobody."""

    BACKWARDS = "backwards"
    RIVAL = "rival"
    HARD = "hard"
    EASY = "easy"
    WEAK = "weak"
    UNUSED = "unused"


def flags(item: ItemStatistics, chosen: Sequence[tuple[bool, int]] = ()) -> tuple[Flag, ...]:
    """What to look at in a question, the gravest first; nothing where the attempts are too few to
    tell. `chosen` says of each option whether it is right and how many chose it."""
    if item.count < RELIABLE_FROM:
        return ()
    right = max((count for is_right, count in chosen if is_right), default=0)
    wrong = [count for is_right, count in chosen if not is_right]
    told = item.discrimination
    found = {
        Flag.BACKWARDS: told is not None and told < 0,
        Flag.RIVAL: max(wrong, default=0) > right,
        Flag.HARD: item.facility < HARD_BELOW,
        Flag.EASY: item.facility >= EASY_FROM,
        Flag.WEAK: told is not None and 0 <= told < WEAK_BELOW and item.facility < EASY_FROM,
        Flag.UNUSED: 0 in wrong and item.facility < EASY_FROM,
    }
    return tuple(flag for flag, is_so in found.items() if is_so)


BANDS = 10


def histogram(percents: Iterable[float]) -> list[int]:
    """How many percents of 0 to 100 lie in each ten: 0 to below 10, …, 90 to 100."""
    counts = [0] * BANDS
    for percent in percents:
        counts[min(BANDS - 1, int(percent // (100 / BANDS)))] += 1
    return counts


def _ratio(part: float | None, whole: float | None) -> float | None:
    if part is None or whole is None or whole < _NOTHING:
        return None
    return part / whole


_NOTHING = 1e-12  # less is rounding
