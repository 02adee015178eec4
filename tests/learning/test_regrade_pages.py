"""The pages of a correction: from the question to the list, the choice and the result."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.audit import AuditEntry
from lms.core.db import db
from lms.courses.rules import CourseRole
from lms.demo.past import Learner
from lms.learning import jobs
from lms.learning.actions import regrading
from lms.learning.models import Regrade
from lms.quizzes.models import Correction
from lms.quizzes.queries import corrections
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning import classes
from tests.learning.corrected import attempts, publish, question
from tests.sample_course import KINDS, KINDS_SETTINGS, import_course, write_course

LIST = "/studio/melayani/regrades"


@pytest.fixture
def author(app: Flask, cast: Cast, client: PageClient, tmp_path: Path) -> PageClient:
    with app.app_context():
        publish(tmp_path)
        classes.join(cast.people["stranger"], CourseRole.AUTHOR)
        db.session.remove()
    client.sign_in(cast.people["stranger"])
    return client


def form_of(app: Flask, number: int) -> str:
    with app.app_context():
        id_ = question(number)
        uuid = corrections.uuids_of([id_])[id_]
    return f"/studio/melayani/quizzes/akhir/questions/{uuid}/regrade"


def work(app: Flask) -> None:
    with app.app_context():
        jobs.sweep_regrades()
        db.session.remove()
    app.extensions["jobs"].flush()


def percents(app: Flask) -> list[Decimal | None]:
    with app.app_context():
        return [attempt.percent for attempt in attempts()]


def test_from_a_question_to_the_changed_marks(app: Flask, author: PageClient) -> None:
    classes.sit(app, 1)
    listing = words(author.get(LIST))
    assert "Belum ada koreksi" in listing
    assert "4. Soal nomor 4?" in listing
    path = form_of(app, 4)
    assert path in author.get(LIST).get_data(as_text=True)
    page = words(author.get(path))
    assert "Jawaban yang tepat sekarang Benar" in page
    sent = author.send(path, {"kind": "accept-all", "reason": "Soalnya rancu"})
    assert sent.location.startswith(LIST + "/")
    page = words(author.get(sent.location))
    assert "Sedang dihitung" in page
    assert "Menunggu giliran" in page
    assert author.send(f"{sent.location}/apply", {"whom": "all"}).status_code == 302
    assert "belum selesai dihitung" in words(author.get(sent.location))
    work(app)
    page = words(author.get(sent.location))
    assert "Dari 6 percobaan yang dinilai, nilai 5 percobaan berubah." in page
    assert "Tidak lulus menjadi lulus 2" in page
    assert "Peserta 001 Percobaan 1 75 menjadi 100 tetap" in page
    assert "50 menjadi 75 menjadi lulus" in page
    only = words(author.get(f"{sent.location}?show=passes"))
    assert "Peserta 002" in only
    assert "Peserta 001" not in only
    file = author.send(f"{sent.location}/export?show=passes", {"format": "csv"})
    assert file.get_data(as_text=True).count("\n") == 3
    assert "50" in file.get_data(as_text=True)
    assert author.send(f"{sent.location}/apply", {"whom": "chosen"}).status_code == 302
    assert "Pilih sekurangnya satu percobaan" in words(author.get(sent.location))
    with app.app_context():
        third = str(attempts()[2].uuid)
    author.send(f"{sent.location}/apply", {"whom": "chosen", "a": [third, "rusak"]})
    work(app)
    assert percents(app) == [100, 75, 75, 50, 25, 0]
    page = words(author.get(sent.location))
    assert "Terapkan kepada sisanya" in page
    assert "50 menjadi 75 menjadi lulus – diterapkan" in page
    author.send(f"{sent.location}/apply", {"whom": "all"})
    work(app)
    assert percents(app) == [100, 100, 75, 75, 50, 25]
    page = words(author.get(sent.location))
    assert "Selesai diterapkan" in page
    assert "diterapkan Andi Tenri" in page
    assert "Koreksi ini tetap berlaku pada versi berikutnya" in page
    assert "Semua jawaban diterima" in words(author.get(LIST))
    assert "Berlaku sejak" in words(author.get(path))
    with app.app_context():
        acts = list(db.session.scalars(sa.select(AuditEntry.action)))
        assert acts.count("learning.question_corrected") == 1
        assert acts.count("learning.mark_changed") == 5
        assert "learning.exported" in acts


def test_what_is_being_applied_is_stopped_and_goes_on_later(
    app: Flask, author: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    classes.sit(app, 1)
    sent = author.send(form_of(app, 4), {"kind": "accept-all", "reason": "Soalnya rancu"})
    work(app)
    author.send(f"{sent.location}/apply", {"whom": "all"})
    assert "Bila dihentikan, nilai yang sudah berubah tetap" in words(author.get(sent.location))
    monkeypatch.setattr(regrading, "BATCH", 2)
    with app.app_context():
        regrading.step(db.session.scalars(sa.select(Regrade.id)).one())
        db.session.remove()
    assert author.send(f"{sent.location}/stop").location == sent.location
    page = words(author.get(sent.location))
    assert "Dihentikan. 1 dari 5 nilai yang berubah sudah diterapkan dan tetap." in page
    assert "Terapkan kepada sisanya" in page
    work(app)
    assert percents(app) == [100, 100, 50, 50, 25, 0]
    author.send(f"{sent.location}/stop")
    assert "Tidak ada lagi yang dapat dihentikan" in words(author.get(sent.location))
    with app.app_context():
        chosen = str(attempts()[4].uuid)
        acts = list(db.session.scalars(sa.select(AuditEntry.action)))
        assert acts.count("learning.regrade_stopped") == 1
    author.send(f"{sent.location}/apply", {"whom": "chosen", "a": [chosen]})
    work(app)
    assert percents(app) == [100, 100, 50, 50, 50, 0], "the others are not wanted any more"
    author.send(f"{sent.location}/apply", {"whom": "all"})
    work(app)
    assert percents(app) == [100, 100, 75, 75, 50, 25]


def test_what_is_being_counted_is_stopped(app: Flask, author: PageClient) -> None:
    classes.sit(app, 1)
    sent = author.send(form_of(app, 4), {"kind": "accept-all", "reason": "Soalnya rancu"})
    page = author.get(sent.location)
    assert "Bila dihentikan, koreksi ini dibuang." in words(page)
    [stop] = re.findall(r'action="([^"]+/discard)"', page.get_data(as_text=True))
    author.send(stop)
    work(app)
    assert "Dibuang" in words(author.get(sent.location))
    assert percents(app) == [100, 75, 50, 50, 25, 0]


def test_the_learner_reads_what_became_of_the_question(
    app: Flask, author: PageClient, cast: Cast
) -> None:
    with app.app_context():
        person = cast.person("learner")
        classes.answer(Learner(person.id, person.uuid, person.name), "akhir", [0, 1, 1, 0])
        uuid = attempts()[0].uuid
        db.session.remove()
    for number, kind in ((4, "accept-all"), (1, "leave-out")):
        sent = author.send(form_of(app, number), {"kind": kind, "reason": f"Soal {number} rancu"})
        work(app)
        author.send(f"{sent.location}/apply", {"whom": "all"})
        work(app)
    author.sign_in(cast.people["learner"])
    page = words(author.get(f"/attempts/{uuid}/result"))
    assert "Anda lulus Nilai Anda 100" in page
    assert "3 dari 3 soal tepat" in page
    assert "Soal ini tidak dinilai." in page
    assert "Nilai 50 menjadi 75 Soal 4" in page
    assert "Nilai 75 menjadi 100 Soal 1" in page
    assert "Alasan: Soal 1 rancu" in page
    assert "Nilai dikoreksi: Ujian akhir" in words(author.get("/notifications"))


def test_a_new_key_of_options_and_of_typed_answers(
    app: Flask, cast: Cast, client: PageClient, tmp_path: Path
) -> None:
    with app.app_context():
        import_course(write_course(tmp_path, final=KINDS, settings=KINDS_SETTINGS))
        classes.join(cast.people["stranger"], CourseRole.OWNER)
        db.session.remove()
    client.sign_in(cast.people["stranger"])
    sent: dict[int, dict[str, object]] = {
        1: {"right": ["0", "1"]}, 2: {"right": ["0", "2"]}, 3: {"right": ["0"]},
        4: {"answers": "Bandung\nKota Bandung\n\nBandung"}, 5: {"answers": "4.500 ± 10\n12–13"},
        6: {"places": ["3", "1", "2"]}, 7: {"places": ["1", "0", "2", "3"]},
    }  # fmt: skip
    for number, more in sent.items():
        path = form_of(app, number)
        assert "Kunci baru" in words(client.get(path))
        answer = client.send(path, {"kind": "new-key", "reason": "Kunci keliru", **more})
        assert answer.status_code == 302, words(answer)
        work(app)
        client.send(f"{answer.location}/apply", {"whom": "all"})
        work(app)
    with app.app_context():
        found = [
            [(o["answer"], o["weight"]) for o in row.options or []]
            for row in db.session.scalars(sa.select(Correction).order_by(Correction.id))
        ]
    assert [weight for _, weight in found[0]] == ["100", "100", "0"]
    assert [weight for _, weight in found[1]] == ["50.00000", "-50", "50.00000", "-50"]
    assert [weight for _, weight in found[2]] == ["100", "0"]
    assert found[3][:2] == [("Bandung", "100"), ("Kota Bandung", "100")]
    assert found[3][2][0] == "*dung*"
    assert found[4][:2] == [("4490..4510", "100"), ("12..13", "100")]
    assert [answer for answer, _ in found[5]] == [
        "Bandung", "Serang", "Denpasar", "Bogor & Depok",  # the choices, where they were
        "Bogor & Depok", "Serang", "Denpasar",
    ]  # fmt: skip
    assert [answer for answer, _ in found[6]] == ["1", "0", "2", "3"]
    assert "Jawa Barat → Bogor & Depok Banten → Serang" in words(client.get(form_of(app, 6)))
    page = client.get(form_of(app, 7))
    assert "1. Dengar keluhan 2. Sapa warga 3. Selesaikan urusan 4. Ucapkan" in words(page)
    assert page.get_data(as_text=True).count(" selected>") == 4
    for number, places, told in (
        (6, [], "Pilih pasangan setiap pernyataan."),
        (6, ["0", "1"], "Pilih pasangan"),
        (6, ["0", "1", ""], "Pilih pasangan"),
        (6, ["0", "1", "4"], "Pilih pasangan"),
        (7, ["0", "1", "1", "3"], "Beri setiap butir urutan yang berbeda."),
        (7, ["0", "1", "2"], "Beri setiap butir"),
    ):
        answer = client.send(
            form_of(app, number), {"kind": "new-key", "reason": "Keliru", "places": places}
        )
        assert answer.status_code == 422
        assert told in words(answer)
        assert 'value="Keliru"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "Pilih koreksinya."),
        ({"kind": "leave-out"}, "Isi alasan."),
        ({"kind": "new-key", "reason": "Keliru"}, "Pilih sekurangnya satu pilihan yang benar."),
        ({"kind": "new-key", "reason": "Keliru", "right": ["9"]}, "Pilih sekurangnya satu"),
        ({"kind": "palsu", "reason": "Keliru"}, ""),
        ({"kind": "as-published", "reason": "Keliru"}, ""),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    app: Flask, author: PageClient, sent: dict[str, object], told: str
) -> None:
    answer = author.send(form_of(app, 1), sent)
    assert answer.status_code == 422
    assert told in words(answer)
    if "reason" in sent:
        assert 'value="Keliru"' in answer.get_data(as_text=True)


def test_the_question_of_an_older_version_is_found(
    app: Flask, author: PageClient, tmp_path: Path
) -> None:
    with app.app_context():
        changed = classes.QUESTIONS.replace("Soal nomor 1?", "Soal pertama?")
        import_course(write_course(tmp_path, final=changed, settings=classes.SETTINGS))
        db.session.remove()
    assert f"{LIST}?version=1#pilih" in author.get("/studio/melayani/versions").get_data(
        as_text=True
    )
    now, then = words(author.get(LIST)), words(author.get(f"{LIST}?version=1"))
    assert "Soal pertama?" in now
    assert "Soal nomor 1?" in then
    assert "Soal versi 1." in then
    assert author.get(f"{LIST}?version=9").status_code == 404


def test_it_can_be_discarded_before_it_is_applied(app: Flask, author: PageClient) -> None:
    classes.sit(app, 1)
    path = form_of(app, 4)
    sent = author.send(path, {"kind": "leave-out", "reason": "Rancu"}).location
    again = author.send(path, {"kind": "leave-out", "reason": "Rancu"})
    assert again.status_code == 422
    assert "sedang berjalan" in words(again)
    assert f'href="{sent}">Buka koreksinya' in again.get_data(as_text=True)
    assert author.send(f"{sent}/discard").location == LIST
    work(app)
    assert "Dibuang" in words(author.get(LIST))
    assert "Terapkan kepada semua" not in words(author.get(sent))
    assert percents(app) == [100, 75, 50, 50, 25, 0]


def test_what_is_left_of_it_can_be_left(app: Flask, author: PageClient, cast: Cast) -> None:
    with app.app_context():
        person = cast.person("stranger")
        own = Learner(person.id, person.uuid, person.name)
        classes.answer(own, "akhir", [0, 0, 0, 0])
        db.session.remove()
    sent = author.send(form_of(app, 4), {"kind": "accept-all", "reason": "Rancu"}).location
    work(app)
    author.send(f"{sent}/apply", {"whom": "all"})
    work(app)
    page = words(author.get(sent))
    assert "milik Anda: diterapkan oleh orang lain" in page
    assert "Biarkan sisanya" in page
    assert "Buang" not in page
    assert author.send(f"{sent}/discard").location == LIST
    page = words(author.get(LIST))
    assert "Nilai yang belum dikoreksi dibiarkan." in page
    assert "Selesai diterapkan" in page
    assert "Biarkan sisanya" not in words(author.get(sent))
    assert percents(app) == [0]


def test_only_owners_and_authors_of_this_course(
    app: Flask, author: PageClient, cast: Cast, tmp_path: Path
) -> None:
    path = form_of(app, 1)
    sent = author.send(path, {"kind": "leave-out", "reason": "Rancu"}).location
    acts = [f"{sent}/{act}" for act in ("apply", "discard", "export")]
    with app.app_context():
        for name, role in (("head", CourseRole.MARKER), ("other_head", CourseRole.REVIEWER)):
            classes.join(cast.people[name], role)
        db.session.remove()
    for name, status in (("head", 403), ("other_head", 403), ("learner", 404)):
        author.sign_in(cast.people[name])
        for page in (LIST, path, sent):
            assert author.get(page).status_code in (status, 403), (name, page)
        for act in (path, *acts):
            assert author.send(act, {"kind": "leave-out", "reason": "x"}).status_code in (
                status, 403,
            ), (name, act)  # fmt: skip
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Regrade.id))) == 1


def test_ids_of_elsewhere_are_not_found(app: Flask, author: PageClient, tmp_path: Path) -> None:
    path = form_of(app, 1)
    other = "00000000-0000-4000-8000-000000000000"
    with app.app_context():
        folder = write_course(tmp_path / "lain", final=classes.QUESTIONS, settings=classes.SETTINGS)
        import_course(folder.rename(tmp_path / "lain" / "lain"))
        part = classes.part("kuis-1")
        assert part.quiz_id is not None
        db.session.remove()
    sent = author.send(path, {"kind": "leave-out", "reason": "Rancu"}).location
    for page in (
        re.sub(r"questions/[^/]+", f"questions/{other}", path),
        path.replace("quizzes/akhir", "quizzes/kuis-1"),
        path.replace("melayani", "lain"),
        f"{LIST}/{other}",
        sent.replace("melayani", "lain"),
    ):
        assert author.get(page).status_code in (403, 404), page
