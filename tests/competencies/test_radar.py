"""The figure of a profile."""

import pytest

from lms.competencies.radar import radar


@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_too_few_or_too_many_span_no_figure(count: int) -> None:
    assert radar([("Integritas", 1, 2)] * count) is None


def test_four_axes_stand_crosswise() -> None:
    found = radar([("Atas", 5, 1), ("Kanan", 0, 5), ("Bawah", 1, 1), ("Kiri", 5, 5)])
    assert found is not None
    assert found.own == "240.0,74.0 240.0,196.0 240.0,220.4 118.0,196.0"
    assert found.standard == "240.0,171.6 362.0,196.0 240.0,220.4 118.0,196.0"
    assert found.grid[-1] == "240.0,74.0 362.0,196.0 240.0,318.0 118.0,196.0"
    assert len(found.grid) == 5
    assert [label.anchor for label in found.labels] == ["middle", "start", "middle", "end"]


def test_long_names_are_broken_and_stay_within_the_figure() -> None:
    names = ["Pengembangan Diri dan Orang Lain", "Orientasi pada Hasil"] * 4
    found = radar([(name, 3, 3) for name in names])
    assert found is not None
    assert found.labels[0].lines == ("Pengembangan", "Diri dan Orang", "Lain")
    for label in found.labels:
        low, high = float(label.y), float(label.y) + 19 * (len(label.lines) - 1)
        assert low >= 8 + 14
        assert high <= 388
