"""The pages by which a head assigns, and what the learner sees of it."""

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core import clock
from lms.core.db import db
from lms.learning.models import Obligation
from lms.learning.queries import assignments
from lms.learning.queries.duties import OWED
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning.answers import take
from tests.learning.assigning import REASON, act_as_head, give, in_days, owed, sweep
from tests.queries import counted

TITLE = "Melayani dengan ramah"
FIVE = ("Andi Tenri", "Daud Kogoya", "Meutia Rahmah", "Putu Ayu Lestari", "Sari Wulandari")


@pytest.fixture
def head(app: Flask, client: PageClient, cast: Cast, course: str, at: SetClock) -> PageClient:
    at(clock.now().replace(hour=3, minute=0))
    client.sign_in(cast.people["head"])
    return client


def uuid_of(app: Flask, cast: Cast, name: str) -> str:
    with app.app_context():
        return str(cast.person(name).uuid)


def unit_of(app: Flask, cast: Cast, name: str) -> str:
    with app.app_context():
        return str(cast.unit(name).uuid)


def values(**more: object) -> dict[str, object]:
    return {
        "course": "melayani", "due_on": in_days(10).isoformat(), "reason": REASON, **more,
    }  # fmt: skip


def given(app: Flask, cast: Cast, by: str = "head", **whom: Any) -> str:
    """An assignment made without pages; its address."""
    with app.app_context():
        made = give(cast, by, **whom)
        return f"/assignments/{made.uuid}"


def owing(app: Flask, cast: Cast) -> set[str]:
    with app.app_context():
        return set(owed(cast))


def test_a_head_assigns_to_a_unit_in_three_steps(app: Flask, head: PageClient, cast: Cast) -> None:
    page = words(head.get("/assignments/new?course=melayani"))
    assert "Bidang A1" in page
    for foreign in ("Dinas B", "Dinas A", "Kota Contoh"):
        assert foreign not in page
    data = values(unit=unit_of(app, cast, "a1"))
    preview = head.send("/assignments/preview", data)
    assert preview.status_code == 200
    for expected in ("Akan ditugaskan 2 pegawai", "Sari Wulandari", "Daud Kogoya", REASON):
        assert expected in words(preview)
    assert owing(app, cast) == set()  # a preview writes nothing
    done = head.send("/assignments", data)
    assert done.status_code == 302
    assert owing(app, cast) == {"learner", "colleague"}
    page = words(head.get(done.location))
    assert "Ditugaskan kepada 2 pegawai. Kabar dikirim satu menit setelahnya." in page
    assert "Selesai 0 dari 2" in page
    assert f"{TITLE} oleh Bagus Prasetyo, Kepala Bidang Bidang A1" in words(
        head.get("/assignments")
    )


def test_the_second_page_of_a_preview_goes_on_by_name(
    app: Flask, head: PageClient, cast: Cast
) -> None:
    data = values(unit=unit_of(app, cast, "a1"), after=uuid_of(app, cast, "colleague"))
    page = words(head.send("/assignments/preview", data))
    assert "Akan ditugaskan 2 pegawai" in page
    assert "Sari Wulandari" in page
    assert "Daud Kogoya" not in page


def test_a_preview_of_people_of_several_units_names_each_of_them_once(
    app: Flask, head: PageClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignments, "PAGE", 2)
    with app.app_context():
        act_as_head(cast, "head", "b", in_days(-1), None)
    chosen = ("learner", "colleague", "stranger", "other_head", "mover")
    data = values(person=[uuid_of(app, cast, name) for name in chosen])
    pages: list[str] = []
    after = ""
    while len(pages) < 5:
        answer = head.send("/assignments/preview", {**data, "after": after})
        page = words(answer)
        assert "Akan ditugaskan 5 pegawai" in page
        assert "Bidang A1; Dinas B" in page
        pages.append(page[page.index("Siapa saja") :])
        found = re.search(r'name="after" value="([^"]+)"', answer.text)
        if found is None:
            break
        after = found[1]
    shown = [[name for name in FIVE if name in page] for page in pages]
    assert shown == [
        ["Andi Tenri", "Daud Kogoya"], ["Meutia Rahmah", "Putu Ayu Lestari"], ["Sari Wulandari"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("course", "", "Pilih kursus."),
        ("due_on", "", "Isi tanggal batas."),
        ("due_on", "31-12-2026", "Isi tanggal, misalnya 2026-12-31."),
        ("reason", "", "Isi alasan."),
        ("reason", "x" * 301, "Paling banyak 300 karakter."),
    ],
)
def test_what_is_missing_is_named_and_what_was_typed_stays(
    app: Flask, head: PageClient, cast: Cast, field: str, value: str, says: str
) -> None:
    data = values(unit=unit_of(app, cast, "a1"), **{field: value})
    for path in ("/assignments/preview", "/assignments"):
        answer = head.send(path, data)
        assert answer.status_code == 422
        assert says in words(answer)
    assert owing(app, cast) == set()


def test_a_deadline_in_the_past_is_refused_on_the_form(
    app: Flask, head: PageClient, cast: Cast
) -> None:
    data = values(unit=unit_of(app, cast, "a1"), due_on=in_days(-1).isoformat())
    answer = head.send("/assignments", data)
    assert answer.status_code == 422
    assert "Batas tidak dapat sebelum hari ini" in words(answer)


@pytest.mark.parametrize("path", ["/assignments/preview", "/assignments"])
def test_foreign_and_absent_targets_answer_alike(
    app: Flask, head: PageClient, cast: Cast, path: str
) -> None:
    absent = "00000000-0000-4000-8000-000000000000"
    stranger, own = uuid_of(app, cast, "stranger"), uuid_of(app, cast, "learner")
    for target in (
        {"unit": unit_of(app, cast, "b")}, {"unit": unit_of(app, cast, "a")}, {"unit": absent},
        {"unit": "x"}, {}, {"person": stranger}, {"person": absent}, {"person": "x"},
        {"person": [own, stranger]}, {"person": uuid_of(app, cast, "head")},
        {"unit": unit_of(app, cast, "a1"), "person": [stranger]},
    ):  # fmt: skip
        answer = head.send(path, values(**target))
        assert answer.status_code == 404, target
        assert "Andi Tenri" not in words(answer)
    assert owing(app, cast) == set()
    assert head.get(f"/assignments/new?person={stranger}").status_code == 404


def test_an_unknown_course_is_not_found(app: Flask, head: PageClient, cast: Cast) -> None:
    data = values(unit=unit_of(app, cast, "a1"), course="tidak-ada")
    assert head.send("/assignments", data).status_code == 404


def test_an_assignment_of_another_unit_answers_like_none(
    app: Flask, head: PageClient, cast: Cast
) -> None:
    own = given(app, cast, unit="a1")
    foreign = given(app, cast, "other_head", unit="b")
    above = given(app, cast, "wali", people=("agency_head",))
    absent = "/assignments/00000000-0000-4000-8000-000000000000"
    change = {"due_on": in_days(20).isoformat(), "reason": "Coba"}
    for address in (foreign, above, absent):
        assert head.get(address).status_code == 404
        for act in ("extend", "withdraw", "undo"):
            assert head.send(f"{address}/{act}", change).status_code == 404
    listed = head.get("/assignments").get_data(as_text=True)
    assert own in listed
    assert foreign not in listed
    assert above not in listed
    assert len(owing(app, cast)) == 5


def test_a_person_of_another_unit_is_none_of_an_assignment(
    app: Flask, head: PageClient, cast: Cast
) -> None:
    address = given(app, cast, unit="a1")
    change = {"due_on": in_days(20).isoformat(), "reason": "Coba"}
    for person in (uuid_of(app, cast, "stranger"), uuid_of(app, cast, "head"), "x"):
        assert head.get(f"{address}?person={person}").status_code == 404
        for act in ("extend", "withdraw"):
            answer = head.send(f"{address}/{act}?person={person}", change)
            assert answer.status_code in (404, 422)
    assert owing(app, cast) == {"learner", "colleague"}


def test_one_person_is_given_more_time_or_freed(app: Flask, head: PageClient, cast: Cast) -> None:
    address = given(app, cast, unit="a1")
    person = uuid_of(app, cast, "learner")
    assert "Sari Wulandari" in words(head.get(f"{address}?person={person}"))
    change = {"due_on": in_days(20).isoformat(), "reason": "Dinas luar"}
    answer = head.send(f"{address}/extend?person={person}", change, follow_redirects=True)
    assert "Batas diperpanjang untuk 1 pegawai." in words(answer)
    with app.app_context():
        rows = owed(cast)
        assert rows["learner"].due_on == in_days(20)
        assert rows["colleague"].due_on == in_days(10)
    head.send(f"{address}/withdraw?person={person}", {"reason": "Cuti"})
    assert owing(app, cast) == {"colleague"}
    assert "Bebaskan" not in words(head.get(f"{address}?person={person}"))


def test_undo_is_offered_for_a_minute(
    app: Flask, head: PageClient, cast: Cast, at: SetClock
) -> None:
    address = given(app, cast, unit="a1")
    assert "Urungkan" in words(head.get(address))
    answer = head.send(f"{address}/undo", follow_redirects=True)
    assert "Penugasan diurungkan. Tidak ada yang dikabari." in words(answer)
    assert owing(app, cast) == set()
    address = given(app, cast, unit="a1")
    at(clock.now() + timedelta(seconds=61))
    assert "Urungkan" not in words(head.get(address))
    answer = head.send(f"{address}/undo", follow_redirects=True)
    assert "Tarik kembali dengan alasan" in words(answer)
    assert owing(app, cast) == {"learner", "colleague"}


def test_a_withdrawn_assignment_offers_nothing_more(
    app: Flask, head: PageClient, cast: Cast
) -> None:
    address = given(app, cast, unit="a1")
    answer = head.send(f"{address}/withdraw", {"reason": "Kursus diganti"}, follow_redirects=True)
    assert "2 pegawai tidak wajib lagi." in words(answer)
    assert "Penugasan ini sudah ditarik" in words(answer)
    again = head.send(f"{address}/withdraw", {"reason": "Lagi"})
    assert again.status_code == 422
    assert head.send(f"{address}/withdraw", {"reason": ""}).status_code == 422


def test_what_a_head_above_gave_is_read_and_not_changed(
    app: Flask, head: PageClient, cast: Cast
) -> None:
    address = given(app, cast, "agency_head", unit="a1")
    person = uuid_of(app, cast, "learner")
    for page in (address, f"{address}?person={person}"):
        text = words(head.get(page))
        assert "Diberikan untuk Dinas A. Hanya kepala unit itu" in text
        for button in ("Perpanjang", "Tarik penugasan", "Bebaskan"):
            assert button not in text
    answer = head.send(f"{address}/withdraw", {"reason": "Sibuk"})
    assert answer.status_code == 422
    assert "Diberikan untuk Dinas A" in words(answer)
    assert owing(app, cast) == {"head", "learner", "colleague"}


def test_a_learner_cannot_assign(app: Flask, client: PageClient, cast: Cast, course: str) -> None:
    client.sign_in(cast.people["learner"])
    assert client.get("/assignments").status_code == 403
    data = values(person=uuid_of(app, cast, "colleague"))
    assert client.send("/assignments", data).status_code == 403
    assert "Tugaskan ke tim" not in words(client.get("/courses/melayani"))


def test_the_page_of_a_course_leads_a_head_to_assigning(head: PageClient) -> None:
    page = head.get("/courses/melayani").get_data(as_text=True)
    assert 'href="/assignments/new?course=melayani"' in page


def test_two_heads_at_once_give_nobody_the_course_twice(
    app: Flask, head: PageClient, cast: Cast
) -> None:
    barrier, answers = threading.Barrier(4), []

    def act(name: str, unit: str) -> None:
        client = app.test_client()
        assert isinstance(client, PageClient)
        client.sign_in(cast.people[name])
        data = values(unit=unit_of(app, cast, unit))
        client.csrf()
        barrier.wait(30)
        answers.append(client.send("/assignments", data).status_code)

    whose = [("head", "a1"), ("agency_head", "a"), ("head", "a1"), ("wali", "city")]
    threads = [threading.Thread(target=act, args=each) for each in whose]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 4
    assert set(answers) <= {302, 422}  # who came last found nobody left
    with app.app_context():
        rows = db.session.execute(
            sa.select(Obligation.person_id, Obligation.course_id).where(OWED)
        ).all()
        assert len(rows) == len(set(rows))
        assert {"head", "learner", "colleague"} <= set(owed(cast))


# ── The learner ──────────────────────────────────────────────────────────────────────────────


def test_the_learner_sees_what_is_required_by_whom_and_until_when(
    app: Flask, head: PageClient, cast: Cast, at: SetClock
) -> None:
    given(app, cast, unit="a1")
    learner = app.test_client()
    assert isinstance(learner, PageClient)
    learner.sign_in(cast.people["learner"])
    page = words(learner.get("/"))
    assert re.search(rf"Wajib {TITLE} batas \d+ \w+ \d{{4}}, 23.59 WIB dari Bagus Prasetyo", page)
    assert "Belum mulai" in page
    page = words(learner.get("/courses/melayani"))
    assert (
        f"Ditugaskan oleh Bagus Prasetyo (Kepala Bidang) untuk Bidang A1, karena: {REASON}" in page
    )
    learner.send("/courses/melayani/enrol")
    assert re.search(
        r"bagian selesai.{0,60}batas \d+ \w+ \d{4}, 23.59 WIB", words(learner.get("/"))
    )
    at(clock.now() + timedelta(days=11))
    learner.sign_in(cast.people["learner"])
    assert "Terlambat" in words(learner.get("/"))
    assert "Terlambat, batasnya" in words(learner.get("/courses/melayani"))


def test_the_earliest_deadline_leads_and_home_stays_within_its_queries(
    app: Flask, head: PageClient, cast: Cast
) -> None:
    given(app, cast, unit="a1")
    head.sign_in(cast.people["learner"])
    head.send("/courses/melayani/enrol")
    for page in ("/", "/courses/melayani"):
        head.get(page)
        with counted(app) as statements:
            head.get(page)
        assert len(statements) <= 8, "\n".join(statements)


def test_the_inbox_tells_of_it_in_english_too(
    app: Flask, head: PageClient, cast: Cast, at: SetClock
) -> None:
    given(app, cast, unit="a1")
    at(clock.now() + timedelta(minutes=1))
    with app.app_context():
        sweep()
        db.session.remove()
    head.sign_in(cast.people["learner"])
    assert f"Kursus wajib: {TITLE}" in words(head.get("/notifications"))
    head.send("/preferences", {"language": "en"})
    head.sign_in(cast.people["learner"])
    page = words(head.get("/notifications"))
    assert f"Required course: {TITLE}" in page
    assert "Assigned by Bagus Prasetyo (Kepala Bidang)." in page


def test_completing_the_course_ends_the_duty(app: Flask, head: PageClient, cast: Cast) -> None:
    given(app, cast, unit="a1")
    head.sign_in(cast.people["learner"])
    head.send("/courses/melayani/enrol")
    take(head, "melayani", "kuis-1", right=True)
    for lesson in ("sapa", "dengar"):
        head.send(f"/courses/melayani/learn/{lesson}/done")
    take(head, "melayani", "akhir", right=True)
    assert owing(app, cast) == {"colleague"}
    assert "Wajib" not in words(head.get("/"))
