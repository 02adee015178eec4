"""The length of a video or sound, by its own bytes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.formats import media

FILES = Path(__file__).parent.parent / "media"


@pytest.mark.parametrize("name", ["loket.mp4", "loket.mp3", "cbr.mp3"])
def test_the_length_is_read_from_the_file(name: str) -> None:
    found = media.seconds(FILES / name)
    assert found is not None
    assert 7.9 < found < 8.3


@pytest.mark.parametrize("name", ["a.mp4", "a.mp3"])
@pytest.mark.parametrize("size", [0, 1, 7, 8, 40])
def test_a_broken_file_tells_nothing(tmp_path: Path, name: str, size: int) -> None:
    path = tmp_path / name
    path.write_bytes((FILES / f"loket{path.suffix}").read_bytes()[:size])
    assert media.seconds(path) is None


@given(st.binary(max_size=300), st.sampled_from([".mp4", ".mp3"]))
def test_no_bytes_whatever_are_a_fault(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(data)
    found = media.seconds(path)
    assert found is None or found > 0
