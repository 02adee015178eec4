"""Addresses and fields filled with what nobody should send: an answer, never a fault of ours."""

import pytest

from tests.client import PageClient

HOSTILE = (
    "\x00", "a\x00b", "%", "'\"><script>alert(1)</script>", "\u202eabc", "😀" * 50, "x" * 5000,
    "{{ 7*7 }}", "../../etc/passwd", "-1", "9" * 40, "NaN", "\r\nSet-Cookie: x=1",
)  # fmt: skip
PAGES = ("/courses", "/team", "/notifications", "/my/hours", "/sign-in", "/")


@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: repr(v)[:20])
def test_hostile_arguments_of_an_address(learner: PageClient, value: str) -> None:
    for path in PAGES:
        for name in ("q", "after", "id", "before", "year", "next"):
            answer = learner.get(path, query_string={name: value, "after": value, "id": "7"})
            assert answer.status_code < 500, (path, name)
            assert "<script>alert" not in answer.get_data(as_text=True)
            assert "Set-Cookie: x" not in str(answer.headers)


@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: repr(v)[:20])
def test_hostile_parts_of_a_path(learner: PageClient, course: str, value: str) -> None:
    learner.send(f"/courses/{course}/enrol")
    for start in (
        "/courses",
        f"/courses/{course}/learn",
        "/attempts",
        "/team",
        "/password/reset",
        "",
    ):
        path = f"{start}/{value}"
        assert learner.get(path).status_code < 500, path


@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: repr(v)[:20])
def test_hostile_fields_of_every_form(learner: PageClient, course: str, value: str) -> None:
    enrol, done = f"/courses/{course}/enrol", f"/courses/{course}/learn/sapa/done"
    for path in ("/preferences", enrol, done, "/notifications/read-all", "/password/change"):
        fields = ("language", "theme", "next", "current", "password", "password_again", "extra")
        answer = learner.send(path, dict.fromkeys(fields, value))
        assert answer.status_code < 500, path


def test_a_form_that_is_too_large_is_refused(learner: PageClient, course: str) -> None:
    answer = learner.send(f"/courses/{course}/enrol", {"extra": "x" * 3_000_000})
    assert answer.status_code == 413


def test_a_form_without_its_token_is_refused(learner: PageClient, course: str) -> None:
    answer = learner.post(f"/courses/{course}/enrol", data={})
    assert answer.status_code == 400
    assert "Muat ulang halaman" in answer.get_data(as_text=True)
