"""Claims of external training: entered with a document, verified twice, then in the ledgers."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask, g, request

from lms.accounts.actions import placements
from lms.accounts.actions.roles import grant_role
from lms.accounts.models import Placement
from lms.accounts.rules import Role
from lms.competencies.models import CompetencyState, Evidence, HourEntry
from lms.core import ledger
from lms.core.db import db, transaction
from lms.development import rules
from lms.development.models import ClaimEvent, EvidenceClaim
from lms.development.rules import ClaimState
from lms.notifications.models import Notification
from lms.upkeep import records
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.development.claims import PDF, TRAINING, send_claim, state_of, submit
from tests.learning.assigning import actor_of

NOON = datetime(2026, 5, 6, 5, tzinfo=UTC)  # 12.00 in Jakarta


@pytest.fixture(autouse=True)
def _noon(at: SetClock) -> None:
    at(NOON)


def approve(client: PageClient, cast: Cast, uuid: str, head: str = "head") -> None:
    approve_as(client, cast, uuid, head, "hr")


def approve_as(client: PageClient, cast: Cast, uuid: str, head: str, hr: str | None = None) -> None:
    client.sign_in(cast.people[head])
    client.send("/team/claims/endorse", {"c": uuid})
    if hr:
        client.sign_in(cast.people[hr])
    client.send("/claims/approve", {"c": uuid})


def test_two_people_look_at_every_claim(app: Flask, client: PageClient, cast: Cast) -> None:
    """A head who is HR as well verifies as one or the other."""
    uuid = submit(client, cast, "learner")
    with app.app_context():
        with transaction():
            grant_role(
                cast.person("head"), Role.HR, cast.unit("city"),
                start_on=date(2020, 1, 1), reason="SK 3",
            )  # fmt: skip
        db.session.remove()
    approve_as(client, cast, uuid, "head")
    assert state_of(app, uuid) == ClaimState.ENDORSED
    client.sign_in(cast.people["hr"])
    client.send("/claims/approve", {"c": uuid})
    assert state_of(app, uuid) == ClaimState.APPROVED


def test_a_claim_goes_its_way_into_both_ledgers(app: Flask, client: PageClient, cast: Cast) -> None:
    uuid = submit(client, cast, "learner")
    assert "Menunggu atasan" in words(client.get("/my/claims"))
    client.sign_in(cast.people["head"])
    page = words(client.get("/team/claims"))
    assert "Pelatihan Arsip" in page
    assert "24 JP" in page
    assert client.send("/team/claims/endorse", {"c": uuid}).status_code == 302
    client.sign_in(cast.people["hr"])
    assert "Pelatihan Arsip" in words(client.get("/claims"))
    assert client.send("/claims/approve", {"c": uuid}).status_code == 302
    with app.app_context():
        evidence = db.session.query(Evidence).one()
        assert (evidence.level, evidence.kind, evidence.standing) == (
            2, "external_training", "proves",
        )  # fmt: skip
        assert str(evidence.source_uuid) == uuid
        assert evidence.earned_on == date(2026, 4, 3)
        assert evidence.unit is not None
        assert evidence.unit.code == "A1"
        hours = db.session.query(HourEntry).one()
        assert (hours.form, hours.hours, hours.year) == ("KL03", Decimal(24), 2026)
        assert db.session.query(CompetencyState).one().level == 2
        told = db.session.query(Notification).one()
        assert (told.person_id, told.kind) == (cast.people["learner"], "claim_approved")
        assert [str(e.act) for e in db.session.query(ClaimEvent).order_by(ClaimEvent.id)] == [
            "submitted", "endorsed", "approved",
        ]  # fmt: skip
        assert list(records.faults()) == []
    client.sign_in(cast.people["learner"])
    page = words(client.get(f"/claims/{uuid}"))
    assert "Disetujui SDM" in page
    assert "Yulia Hartati" in page
    assert "Bukti disetujui" in words(client.get("/notifications"))
    assert "24" in words(client.get("/my/hours"))


def test_sending_the_same_form_twice_is_one_claim(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["learner"])
    key = str(uuid4())
    first, second = send_claim(client, key=key), send_claim(client, key=key)
    assert first.headers["Location"] == second.headers["Location"]
    with app.app_context():
        assert db.session.query(EvidenceClaim).count() == 1


def test_somebody_elses_key_opens_nothing(client: PageClient, cast: Cast) -> None:
    uuid = submit(client, cast, "learner")
    client.sign_in(cast.people["stranger"])
    assert send_claim(client, key=uuid).status_code == 404


def test_verifying_twice_counts_once(app: Flask, client: PageClient, cast: Cast) -> None:
    uuid = submit(client, cast, "learner")
    approve(client, cast, uuid)
    answer = client.send("/claims/approve", {"c": uuid}, follow_redirects=True)
    assert "sudah diverifikasi" in words(answer)
    client.sign_in(cast.people["head"])
    client.send("/team/claims/endorse", {"c": uuid})
    assert state_of(app, uuid) == "approved"
    with app.app_context():
        assert db.session.query(HourEntry).count() == 1
        assert db.session.query(Evidence).count() == 1


def test_hr_cannot_approve_what_no_superior_has_seen(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    uuid = submit(client, cast, "learner")
    client.sign_in(cast.people["hr"])
    client.send("/claims/approve", {"c": uuid})
    assert state_of(app, uuid) == "submitted"
    assert client.send(f"/claims/{uuid}/return", {"reason": "x"}).status_code == 422
    assert "Pelatihan Arsip" in words(client.get("/claims?state=submitted"))
    with app.app_context():
        assert db.session.query(HourEntry).count() == 0


def test_a_returned_claim_is_changed_and_goes_the_whole_way_again(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    uuid = submit(client, cast, "learner")
    client.sign_in(cast.people["head"])
    empty = client.send(f"/team/claims/{uuid}/return", {"reason": " "})
    assert empty.status_code == 422
    assert "Isi alasan" in words(empty)
    client.send(f"/team/claims/{uuid}/return", {"reason": "Foto buram"})
    client.sign_in(cast.people["learner"])
    assert "Foto buram" in words(client.get("/my/claims"))
    assert "Foto buram" in words(client.get("/notifications"))
    page = client.get(f"/my/claims/{uuid}/edit").get_data(as_text=True)
    assert "Pelatihan Arsip" in page
    changed = {**TRAINING, "quantity": "20"}
    answer = client.send(f"/my/claims/{uuid}/edit", changed, content_type="multipart/form-data")
    assert answer.status_code == 302
    assert state_of(app, uuid) == "submitted"
    approve(client, cast, uuid)
    with app.app_context():
        assert db.session.query(HourEntry).one().hours == Decimal(20)
    client.sign_in(cast.people["learner"])
    again = client.send(f"/my/claims/{uuid}/edit", changed, content_type="multipart/form-data")
    assert again.status_code == 422
    assert "tidak dapat diubah" in words(again)


def test_hr_returns_what_a_superior_has_verified(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    uuid = submit(client, cast, "learner")
    client.sign_in(cast.people["head"])
    client.send("/team/claims/endorse", {"c": uuid})
    assert client.send(f"/team/claims/{uuid}/return", {"reason": "x"}).status_code == 422
    client.sign_in(cast.people["hr"])
    assert client.send(f"/claims/{uuid}/return", {"reason": "JP keliru"}).status_code == 302
    assert state_of(app, uuid) == "returned"


def test_a_withdrawn_claim_is_over(app: Flask, client: PageClient, cast: Cast) -> None:
    uuid = submit(client, cast, "learner")
    client.send(f"/my/claims/{uuid}/withdraw")
    client.send(f"/my/claims/{uuid}/withdraw")
    approve(client, cast, uuid)
    assert state_of(app, uuid) == "withdrawn"


def test_who_has_nobody_above_goes_to_hr(app: Flask, client: PageClient, cast: Cast) -> None:
    for name in ("wali", "auditor"):
        uuid = submit(client, cast, name)
        assert state_of(app, uuid) == "endorsed"
    uuid = submit(client, cast, "head")
    assert state_of(app, uuid) == "submitted"
    client.send("/team/claims/endorse", {"c": uuid})  # of one's own: not found
    assert state_of(app, uuid) == "submitted"
    approve(client, cast, uuid, head="agency_head")
    assert state_of(app, uuid) == "approved"


def test_nobody_verifies_her_own(app: Flask, client: PageClient, cast: Cast) -> None:
    uuid = submit(client, cast, "hr")
    assert "Pelatihan Arsip" not in words(client.get("/claims"))
    assert client.send("/claims/approve", {"c": uuid}).status_code == 404
    assert client.send(f"/claims/{uuid}/return", {"reason": "x"}).status_code == 404
    assert state_of(app, uuid) == "endorsed"


def test_a_head_of_b_sees_and_verifies_nothing_of_a(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    uuid = submit(client, cast, "learner")
    own = submit(client, cast, "stranger")
    for name in ("other_head", "stranger", "colleague", "auditor", "admin"):
        client.sign_in(cast.people[name])
        for address in (f"/claims/{uuid}", f"/claims/{uuid}/document", f"/my/claims/{uuid}/edit"):
            assert client.get(address).status_code == 404, (name, address)
        assert client.send(f"/my/claims/{uuid}/withdraw").status_code == 404
    client.sign_in(cast.people["other_head"])
    page = words(client.get("/team/claims"))
    assert "Andi Tenri" in page
    assert "Sari" not in page
    assert client.send("/team/claims/endorse", {"c": [own, uuid]}).status_code == 404
    assert state_of(app, own) == "submitted"  # all or none
    assert client.send(f"/team/claims/{uuid}/return", {"reason": "x"}).status_code == 404
    assert client.get(f"/team/claims?after={uuid}").status_code == 200
    assert "Sari" not in words(client.get(f"/team/claims?after={uuid}"))
    assert state_of(app, uuid) == "submitted"


def test_a_superior_of_before_sees_it_no_more(app: Flask, client: PageClient, cast: Cast) -> None:
    uuid = submit(client, cast, "learner")
    client.sign_in(cast.people["head"])
    assert client.get(f"/claims/{uuid}").status_code == 200
    with app.app_context(), transaction():
        position = db.session.query(Placement).filter_by(person_id=cast.people["learner"]).one()
        placements.place_person(
            cast.person("learner"), cast.unit("b"), position.position, start_on=date(2026, 5, 6)
        )
    assert client.get(f"/claims/{uuid}").status_code == 404
    client.sign_in(cast.people["other_head"])
    assert client.get(f"/claims/{uuid}").status_code == 200


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ended_on": "2026-03-31"}, "sebelum tanggal mulai"),
        ({"ended_on": "2026-05-07"}, "belum selesai"),
        ({"valid_until": "2026-04-02"}, "Masa berlaku berakhir"),
        ({"form": "KL06", "quantity": "4"}, "hari kegiatannya"),
        ({"form": "XX"}, "tidak berlaku"),
        ({"quantity": "1e5"}, "paling banyak 1000"),
        ({"quantity": "NaN"}, "Isi angka"),
        ({"quantity": "0"}, "lebih dari 0"),
        ({"quantity": "1,234"}, "Isi angka"),
        ({"level": ""}, "beserta tingkatnya"),
        ({"competency": "X"}, "dari daftar"),
        ({"title": ""}, "Isi nama"),
        ({"kind": "observation"}, "Pilih jenis"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(
    app: Flask, client: PageClient, cast: Cast, changed: dict[str, Any], message: str
) -> None:
    client.sign_in(cast.people["learner"])
    answer = send_claim(client, **changed)
    assert answer.status_code == 422
    assert message in words(answer)
    page = answer.get_data(as_text=True)
    assert "12/2026" in page
    assert "Sudah diterima: sertifikat" in page
    with app.app_context():
        assert db.session.query(EvidenceClaim).count() == 0


def test_a_document_outlives_a_refusal(app: Flask, client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["learner"])
    page = send_claim(client, title="").get_data(as_text=True)
    kept = page.split('name="kept"')[1].split('value="')[1].split('"')[0]
    assert send_claim(client, b"", kept=kept).status_code == 302
    client.sign_in(cast.people["colleague"])  # a token of somebody else is none
    answer = send_claim(client, b"", kept=kept)
    assert answer.status_code == 422
    assert "Pilih dokumen" in words(answer)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"<html><script>alert(1)</script>", "sertifikat.pdf", "bukan PDF"),
        (b"<svg onload='x()'/>", "x.png", "bukan PDF"),
        (b"%PDF-1.4" + b"0" * 90_000 + b"%%EOF", "besar.pdf", "lebih dari 5 MB"),
        (b"", "x.pdf", "Pilih dokumen"),
    ],
    ids=["html", "svg", "large", "none"],
)
def test_only_documents_are_kept(
    client: PageClient, cast: Cast, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str,
    message: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(rules, "DOCUMENT_MAX", 80_000)
    client.sign_in(cast.people["learner"])
    answer = send_claim(client, content, filename=name)
    assert answer.status_code == 422
    assert message in words(answer)


def test_a_document_is_an_attachment_under_our_own_type(client: PageClient, cast: Cast) -> None:
    uuid = submit(client, cast, "learner", filename="../..\\<b>Ijazah.html")
    answer = client.get(f"/claims/{uuid}/document")
    assert answer.data == PDF
    assert answer.mimetype == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "_b_Ijazah.pdf" in answer.headers["Content-Disposition"]
    client.sign_in(cast.people["head"])
    assert client.get(f"/claims/{uuid}/document").data == PDF


def test_a_form_counts_so_often_in_a_month(app: Flask, client: PageClient, cast: Cast) -> None:
    coaching = {"form": "NKL01", "quantity": "2", "competency": "", "level": ""}
    approve(client, cast, submit(client, cast, "learner", **coaching))
    more = submit(client, cast, "learner", **{**coaching, "quantity": "1"})
    client.sign_in(cast.people["head"])
    client.send("/team/claims/endorse", {"c": more})
    client.sign_in(cast.people["hr"])
    answer = client.send("/claims/approve", {"c": more}, follow_redirects=True)
    assert "2 kali sebulan" in words(answer)
    assert state_of(app, more) == "endorsed"
    with app.app_context():
        assert db.session.query(HourEntry).one().hours == Decimal(4)


def test_the_ledger_names_the_unit_of_the_day(app: Flask, client: PageClient, cast: Cast) -> None:
    approve(
        client, cast,
        submit(client, cast, "mover", started_on="2025-09-01", ended_on="2025-09-02"),
        head="other_head",
    )  # fmt: skip
    with app.app_context():
        entry = db.session.query(HourEntry).one()
        assert entry.unit is not None
        assert entry.unit.code == "A1"
        assert ledger.missing_triggers() == []


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_request_for_a_document_may_be_larger_than_others(
    app: Flask, cast: Cast, signed_in: bool
) -> None:
    usual = app.config["MAX_CONTENT_LENGTH"]
    assert usual < rules.DOCUMENT_MAX
    with app.app_context():
        learner = actor_of(cast, "learner")
    for path, limit in (("/my/claims/new", 3 * rules.DOCUMENT_MAX), ("/sign-in", usual)):
        with app.test_request_context(path):
            if signed_in:
                g._login_user = learner
            app.preprocess_request()
            assert request.max_content_length == (limit if signed_in else usual)


def test_evidence_past_its_validity_counts_on_and_is_shown_as_old(
    app: Flask, client: PageClient, cast: Cast, at: SetClock
) -> None:
    uuid = submit(client, cast, "learner", kind="certificate", valid_until="2026-05-06")
    approve(client, cast, uuid)
    client.sign_in(cast.people["learner"])
    page = words(client.get("/my/competencies"))
    assert "Berlaku sampai 6 Mei 2026." in page
    assert "Perlu diperbarui" not in page
    at(NOON + timedelta(days=1))
    client.sign_in(cast.people["learner"])
    page = words(client.get("/my/competencies"))
    assert "Perlu diperbarui" in page
    assert "berlaku sampai 6 Mei 2026" in page
    assert "1 tingkat bertumpu pada bukti yang sudah lewat" in page
    with app.app_context():
        assert db.session.query(CompetencyState).one().level == 2
        assert list(records.faults()) == []
