"""Who gets into a course: the policy, requests, invitations, as learners and owners meet them."""

from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.db import db
from lms.courses.rules import CourseRole
from lms.learning.models import Admission, Enrolment
from lms.notifications.models import Notification
from tests.cast import Cast
from tests.client import PageClient, client_of, words
from tests.learning import classes
from tests.learning.assigning import give
from tests.queries import counted
from tests.sample_course import import_course, write_course

COURSE = "/courses/melayani"
PAGE = "/studio/melayani/enrolment"


@pytest.fixture
def stage(app: Flask, cast: Cast, tmp_path: Path) -> Cast:
    """A published course that `stranger` owns and `colleague` marks."""
    with app.app_context():
        import_course(write_course(tmp_path))
        classes.join(cast.people["stranger"], CourseRole.OWNER)
        db.session.remove()
    return cast


@pytest.fixture
def owner(app: Flask, stage: Cast) -> PageClient:
    return client_of(app, stage, "stranger")


@pytest.fixture
def learner(app: Flask, stage: Cast) -> PageClient:
    return client_of(app, stage, "learner")


def policy(owner: PageClient, way: str = "direct", **more: object) -> None:
    answer = owner.send(PAGE, {"way": way, **more})
    assert answer.status_code == 302, words(answer)


def waiting(app: Flask) -> list[UUID]:
    with app.app_context():
        query = sa.select(Admission.uuid).where(Admission.state == "waiting")
        return list(db.session.scalars(query.order_by(Admission.id)))


def enrolled(app: Flask) -> dict[int, str]:
    """By whom and from where people are in the course."""
    with app.app_context():
        rows = db.session.execute(sa.select(Enrolment.person_id, Enrolment.source))
        return {person: source.value for person, source in rows}


def news(app: Flask, cast: Cast, name: str) -> list[str]:
    with app.app_context():
        query = sa.select(Notification.kind).where(Notification.person_id == cast.people[name])
        return [kind.value for kind in db.session.scalars(query.order_by(Notification.id))]


# ── The policy ───────────────────────────────────────────────────────────────────────────────


def test_a_course_without_a_policy_takes_in_everybody(
    app: Flask, owner: PageClient, learner: PageClient
) -> None:
    assert "Sekarang: semua pegawai, langsung terdaftar." in words(owner.get(PAGE))
    assert "Daftar kursus ini" in words(learner.get(COURSE))
    assert learner.send(f"{COURSE}/enrol").status_code == 302
    assert list(enrolled(app).values()) == ["self"]


def test_for_some_units_and_positions_only(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    policy(owner, **{"units-0": "B", "units-1": ""}, kinds=["fungsional"])
    said = "Hanya untuk jabatan Fungsional di Dinas B"
    assert f"Sekarang: {said}." in words(owner.get(PAGE))
    assert said in words(learner.get("/courses"))
    page = words(learner.get(COURSE))
    assert f"Belum dapat Anda ikuti {said} " in page
    assert "Daftar kursus ini" not in page
    refused = learner.send(f"{COURSE}/enrol")
    assert refused.status_code == 422
    assert "Kursus ini bukan untuk unit atau jabatan Anda." in words(refused)
    assert client_of(app, stage, "mover").send(f"{COURSE}/enrol").status_code == 422  # pelaksana
    assert owner.send(f"{COURSE}/enrol").status_code == 302  # works in Dinas B, fungsional
    assert enrolled(app) == {stage.people["stranger"]: "self"}


def test_a_position_by_code_and_a_unit_with_all_below_it(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    policy(owner, **{"units-0": "A", "positions-0": "plk"})
    assert learner.send(f"{COURSE}/enrol").status_code == 302
    assert client_of(app, stage, "colleague").send(f"{COURSE}/enrol").status_code == 422


def test_who_is_placed_nowhere_is_in_no_unit(app: Flask, stage: Cast, owner: PageClient) -> None:
    policy(owner, **{"units-0": "CITY"})
    assert client_of(app, stage, "auditor").send(f"{COURSE}/enrol").status_code == 422


def test_what_cannot_be_kept_is_said_and_what_was_typed_stays(
    stage: Cast, owner: PageClient
) -> None:
    refused = owner.send(PAGE, {"way": "approval", "units-0": "XYZ", "units-1": "B"})
    assert refused.status_code == 422
    assert "Tidak ada unit dengan kode “XYZ”" in words(refused)
    html = refused.get_data(as_text=True)
    assert 'value="XYZ"' in html
    assert 'value="approval" checked' in html
    assert "Sekarang: semua pegawai" in words(owner.get(PAGE))  # nothing of it was kept
    assert owner.send(PAGE, {"way": "bribe"}).status_code == 422
    assert owner.send(PAGE, {"way": "direct", "positions-0": "?"}).status_code == 422


def test_who_is_in_the_course_stays_in_it(
    app: Flask, owner: PageClient, learner: PageClient
) -> None:
    learner.send(f"{COURSE}/enrol")
    policy(owner, "invitation", **{"units-0": "B"})
    assert "Mulai belajar" in words(learner.get(COURSE))
    assert learner.send(f"{COURSE}/learn/sapa/done").status_code == 302
    assert "Sedang diikuti" in words(learner.get("/courses"))


@pytest.mark.parametrize("way", ["direct", "approval", "invitation"])
def test_a_duty_goes_before_every_policy(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient, way: str
) -> None:
    policy(owner, way, **{"units-0": "B"})
    with app.app_context():
        give(stage, "head", people=("learner",))
        db.session.remove()
    assert "Daftar kursus ini" in words(learner.get(COURSE))
    assert learner.send(f"{COURSE}/enrol").status_code == 302
    assert list(enrolled(app)) == [stage.people["learner"]]


def test_the_pages_of_the_learner_keep_their_budgets(
    app: Flask, owner: PageClient, learner: PageClient
) -> None:
    policy(owner, "approval", **{"units-0": "A", "units-1": "B"}, kinds=["pelaksana"])
    learner.send(f"{COURSE}/ask")
    for path, most in ((COURSE, 8), ("/courses", 6)):
        learner.get(path)
        with counted(app) as statements:
            assert "Menunggu persetujuan" in words(learner.get(path))
        assert len(statements) <= most, "\n".join(statements)


# ── Approval ─────────────────────────────────────────────────────────────────────────────────


def test_a_request_is_asked_told_approved_and_begins_the_course(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    policy(owner, "approval")
    assert "Perlu persetujuan" in words(learner.get("/courses"))
    assert "Minta mengikuti kursus ini" in words(learner.get(COURSE))
    refused = learner.send(f"{COURSE}/enrol")
    assert refused.status_code == 422
    assert "Kursus ini perlu persetujuan." in words(refused)
    assert learner.send(f"{COURSE}/ask", {"reason": "Saya melayani loket"}).status_code == 302
    learner.send(f"{COURSE}/ask", {"reason": "dua kali"})
    assert len(waiting(app)) == 1
    assert "Menunggu persetujuan" in words(learner.get(COURSE))
    assert news(app, stage, "stranger") == ["entry_asked"]

    client_of(app, stage, "colleague").send(f"{COURSE}/ask")
    assert news(app, stage, "stranger") == ["entry_asked"]  # the queue was not empty
    queue = words(owner.get(f"{PAGE}/requests"))
    assert "2 permintaan menunggu jawaban." in queue
    assert "Alasan: Saya melayani loket" in queue
    assert "2 permintaan menunggu" in words(owner.get(PAGE))

    done = owner.send(f"{PAGE}/requests/decide", {"p": waiting(app), "verdict": "approve"})
    assert done.status_code == 302
    assert "2 permintaan disetujui." in words(owner.get(f"{PAGE}/requests"))
    assert set(enrolled(app).values()) == {"approved"}
    assert news(app, stage, "learner") == ["entry_approved"]
    assert "Permintaan disetujui: Melayani dengan ramah" in words(learner.get("/notifications"))
    assert "Mulai belajar" in words(learner.get(COURSE))


def test_a_refusal_needs_a_reason_and_tells_it(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    policy(owner, "approval")
    learner.send(f"{COURSE}/ask")
    sent = {"p": waiting(app), "verdict": "refuse"}
    refused = owner.send(f"{PAGE}/requests/decide", sent)
    assert refused.status_code == 422
    assert "Isi alasan" in words(refused)
    assert f'value="{waiting(app)[0]}"' in refused.get_data(as_text=True)
    owner.send(f"{PAGE}/requests/decide", {**sent, "reason": "Kuota tahun ini habis"})
    assert waiting(app) == []
    assert enrolled(app) == {}
    assert "Alasan: Kuota tahun ini habis" in words(learner.get("/notifications"))
    page = words(learner.get(COURSE))
    assert "ditolak. Alasan: Kuota tahun ini habis" in page
    assert "Kirim permintaan" in page  # may ask again
    learner.send(f"{COURSE}/ask", {"reason": "Sekali lagi"})
    assert len(waiting(app)) == 1


def test_a_request_is_taken_back(app: Flask, owner: PageClient, learner: PageClient) -> None:
    policy(owner, "approval")
    learner.send(f"{COURSE}/ask")
    stale = waiting(app)
    assert learner.send(f"{COURSE}/ask/withdraw").status_code == 302
    learner.send(f"{COURSE}/ask/withdraw")  # twice is once
    assert waiting(app) == []
    owner.send(f"{PAGE}/requests/decide", {"p": stale, "verdict": "approve"})
    assert enrolled(app) == {}
    assert "Tidak ada permintaan yang menunggu" in words(owner.get(f"{PAGE}/requests"))


def test_asking_where_there_is_nothing_to_ask_for(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    assert learner.send(f"{COURSE}/ask").status_code == 422  # it is open
    policy(owner, "approval", **{"units-0": "B"})
    assert learner.send(f"{COURSE}/ask").status_code == 422  # not for them
    policy(owner, "approval")
    long = learner.send(f"{COURSE}/ask", {"reason": "x" * 301})
    assert long.status_code == 422
    assert "x" * 301 in long.get_data(as_text=True)
    assert waiting(app) == []


def test_nobody_decides_the_own_request(app: Flask, stage: Cast, owner: PageClient) -> None:
    policy(owner, "approval")
    owner.send(f"{COURSE}/ask")
    refused = owner.send(f"{PAGE}/requests/decide", {"p": waiting(app), "verdict": "approve"})
    assert refused.status_code == 422
    assert "diputuskan oleh orang lain" in words(refused)
    assert len(waiting(app)) == 1


def test_who_gets_in_another_way_waits_no_more(
    app: Flask, owner: PageClient, learner: PageClient
) -> None:
    policy(owner, "approval")
    learner.send(f"{COURSE}/ask")
    policy(owner)
    assert learner.send(f"{COURSE}/enrol").status_code == 302
    assert waiting(app) == []
    assert list(enrolled(app).values()) == ["self"]


def test_requests_are_found_by_name_and_number(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    policy(owner, "approval")
    for name in ("learner", "colleague"):
        client_of(app, stage, name).send(f"{COURSE}/ask")
    for search in ("sari wulan", "19900404 201504"):
        page = words(owner.get(f"{PAGE}/requests", query_string={"q": search}))
        assert "Sari Wulandari" in page
        assert "Daud Kogoya" not in page
    assert "Tidak ada yang cocok" in words(owner.get(f"{PAGE}/requests?q=%25"))


# ── Invitations ──────────────────────────────────────────────────────────────────────────────


def uuid_of(app: Flask, cast: Cast, name: str) -> UUID:
    with app.app_context():
        return cast.person(name).uuid


def test_an_invitation_is_found_sent_and_accepted(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    policy(owner, "invitation", **{"units-0": "B"})
    assert "Hanya dengan undangan" in words(learner.get("/courses"))
    assert learner.send(f"{COURSE}/enrol").status_code == 422
    assert "Sari Wulandari" in words(owner.get(f"{PAGE}/invitations?find=sari"))
    owner.send(f"{PAGE}/invitations", {"p": [uuid_of(app, stage, "learner")]})
    assert "1 orang diundang." in words(owner.get(f"{PAGE}/invitations"))
    assert "Sari Wulandari" not in words(owner.get(f"{PAGE}/invitations?find=sari&q=x"))
    assert news(app, stage, "learner") == ["entry_invited"]
    assert "Anda diundang" in words(learner.get("/courses"))
    assert "Terima undangan" in words(learner.get(COURSE))
    assert learner.send(f"{COURSE}/enrol").status_code == 302
    assert list(enrolled(app).values()) == ["invited"]
    page = words(owner.get(f"{PAGE}/invitations"))
    assert "Diterima" in page
    assert "Tarik undangan yang dipilih" not in page


def test_an_invitation_is_declined_or_taken_back(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    policy(owner, "invitation")
    sent = {"p": [uuid_of(app, stage, "learner")]}
    owner.send(f"{PAGE}/invitations", sent)
    assert learner.send(f"{COURSE}/decline").status_code == 302
    learner.send(f"{COURSE}/decline")
    assert "Ditolak" in words(owner.get(f"{PAGE}/invitations?state=refused"))
    assert "Hanya dengan undangan" in words(learner.get(COURSE))
    owner.send(f"{PAGE}/invitations", sent)
    owner.send(f"{PAGE}/invitations/withdraw", {"p": waiting(app)})
    assert waiting(app) == []
    assert learner.send(f"{COURSE}/enrol").status_code == 422


def test_an_invitation_that_was_taken_back_waits_again(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    policy(owner, "invitation")
    sent = {"p": [uuid_of(app, stage, "learner")]}
    owner.send(f"{PAGE}/invitations", sent)
    (uuid,) = waiting(app)
    owner.send(f"{PAGE}/invitations/withdraw", {"p": [uuid]})
    undo = f"{PAGE}/invitations/{uuid}/restore"
    assert f'formaction="{undo}"' in owner.get(f"{PAGE}/invitations").get_data(as_text=True)
    for _ in range(2):
        assert owner.send(undo).status_code == 302
    assert waiting(app) == [uuid]
    assert "Undangan berlaku lagi." in words(owner.get(f"{PAGE}/invitations"))
    owner.send(f"{PAGE}/invitations/withdraw", {"p": [uuid]})
    owner.send(f"{PAGE}/invitations", sent)
    assert "sudah terdaftar, selesai" in words(owner.send(undo))
    assert learner.send(f"{COURSE}/enrol").status_code == 302
    other = uuid_of(app, stage, "learner")  # no invitation
    assert owner.send(f"{PAGE}/invitations/{other}/restore").status_code == 404


def test_a_list_of_numbers_is_invited_whole_or_not_at_all(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    learner.send(f"{COURSE}/enrol")
    good = "19900404 201504 2 004\r\n199105052019211005\n\n199105052019211005\n"
    refused = owner.send(f"{PAGE}/invitations", {"nips": good + "199901012020011001\nabc"})
    assert refused.status_code == 422
    assert "NIP: 199901012020011001, abc" in words(refused)
    assert "abc</textarea>" in refused.get_data(as_text=True)
    assert waiting(app) == []
    owner.send(f"{PAGE}/invitations", {"nips": good})
    page = words(owner.get(f"{PAGE}/invitations"))
    assert "1 orang diundang. 1 dilewati: sudah terdaftar" in page
    assert "Daud Kogoya" in page
    assert owner.send(f"{PAGE}/invitations", {}).status_code == 422
    many = "\n".join(f"{number:018}" for number in range(201))
    assert "Paling banyak 200 NIP" in words(owner.send(f"{PAGE}/invitations", {"nips": many}))


def test_a_unit_is_invited_with_all_below_it(app: Flask, stage: Cast, owner: PageClient) -> None:
    owner.send(f"{PAGE}/invitations", {"unit": "A"})
    with app.app_context():
        invited = set(db.session.scalars(sa.select(Admission.person_id)))
    assert invited == {stage.people[n] for n in ("agency_head", "head", "learner", "colleague")}
    assert owner.send(f"{PAGE}/invitations", {"unit": "?"}).status_code == 422


def test_inviting_reaches_no_further_than_the_role(
    app: Flask, stage: Cast, owner: PageClient
) -> None:
    """A trainer of Dinas B alone knows nobody of Dinas A."""
    from lms.accounts.models import RoleGrant
    from lms.core.db import transaction

    with app.app_context(), transaction():
        grant = db.session.scalars(
            sa.select(RoleGrant).where(RoleGrant.person_id == stage.people["stranger"])
        ).one()
        grant.unit_id = stage.units["b"]
    assert "Sari" not in words(owner.get(f"{PAGE}/invitations?find=sari"))
    assert owner.send(
        f"{PAGE}/invitations", {"p": [uuid_of(app, stage, "learner")]}
    ).status_code == 422  # fmt: skip
    assert owner.send(f"{PAGE}/invitations", {"unit": "A"}).status_code == 422
    assert owner.send(f"{PAGE}/invitations", {"nips": "199004042015042004"}).status_code == 422
    assert waiting(app) == []
    assert owner.send(f"{PAGE}/invitations", {"nips": "198908082014031008"}).status_code == 302


# ── Whose pages these are ────────────────────────────────────────────────────────────────────


def test_others_than_owners_see_the_policy_at_most(
    app: Flask, stage: Cast, owner: PageClient
) -> None:
    policy(owner, "approval")
    client_of(app, stage, "learner").send(f"{COURSE}/ask")
    with app.app_context():
        db.session.execute(sa.text("DELETE FROM course_member"))
        db.session.commit()
    acts = (PAGE, f"{PAGE}/requests/decide", f"{PAGE}/invitations", f"{PAGE}/invitations/withdraw")
    sent = {"p": waiting(app), "verdict": "approve", "way": "direct", "unit": "A"}
    for path in acts:
        assert owner.send(path, sent).status_code == 404  # no part in the course
    assert owner.get(PAGE).status_code == 404
    with app.app_context():
        classes.join(stage.people["stranger"], CourseRole.MARKER)
        db.session.remove()
    page = owner.get(PAGE)
    assert page.status_code == 200
    assert "Sekarang: Perlu persetujuan." in words(page)
    assert "Simpan" not in words(page)
    for path in acts:
        assert owner.send(path, sent).status_code == 403
    for path in (f"{PAGE}/requests", f"{PAGE}/invitations"):
        assert owner.get(path).status_code == 403
    assert enrolled(app) == {}
    assert len(waiting(app)) == 1
    hr = client_of(app, stage, "hr")  # manages the courses of the unit
    assert hr.send(f"{PAGE}/requests/decide", sent).status_code == 302
    assert list(enrolled(app).values()) == ["approved"]


def test_a_request_to_another_course_cannot_be_answered_here(
    app: Flask, stage: Cast, owner: PageClient, tmp_path: Path
) -> None:
    with app.app_context():
        folder = write_course(tmp_path / "lain", title="Kursus lain")
        other = folder.rename(folder.with_name("lain-lagi"))
        import_course(other)
        db.session.remove()
    hr, learner = client_of(app, stage, "hr"), client_of(app, stage, "learner")
    hr.send("/studio/lain-lagi/enrolment", {"way": "approval"})
    assert learner.send("/courses/lain-lagi/ask").status_code == 302
    owner.send(f"{PAGE}/requests/decide", {"p": waiting(app), "verdict": "approve"})
    assert enrolled(app) == {}
    assert len(waiting(app)) == 1
    assert owner.get("/studio/lain-lagi/enrolment").status_code == 404
