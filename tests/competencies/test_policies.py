"""Evidence rules and match categories: read by everybody, set by HR of the site from a day on."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from lms.competencies import actions, queries
from lms.competencies.actions import policies as acts
from lms.competencies.models import EvidenceRule, MatchCategory
from lms.competencies.queries import dictionary
from lms.competencies.queries.evidence import proves_up_to
from lms.competencies.queries.ledgers import evidence_by_uuid
from lms.competencies.rules import EvidenceKind, EvidenceStanding
from lms.core.audit import AuditEntry
from lms.core.db import db, new_uuid, transaction
from lms.core.errors import Forbidden
from tests.cast import Cast
from tests.client import PageClient, words
from tests.competencies.test_dictionary import hr_of_a
from tests.conftest import SetClock
from tests.learning.assigning import actor_of

pytestmark = pytest.mark.usefixtures("reference")
NOON = datetime(2026, 5, 6, 5, tzinfo=UTC)
TODAY = date(2026, 5, 6)
RULE: dict[str, Any] = {
    "kind": "quiz_result", "level": "3", "start_on": "2026-06-01", "source": "SK 7/2026",
}  # fmt: skip
CATEGORY: dict[str, Any] = {
    "name": "Optimal", "name_en": "Optimal", "from_percent": "85", "start_on": "2026-06-01",
    "source": "SK 8/2026",
}  # fmt: skip
QUIZ = EvidenceKind.QUIZ_RESULT


@pytest.fixture(autouse=True)
def _noon(at: SetClock) -> None:
    at(NOON)


def test_everybody_reads_them_with_their_sources(client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["learner"])
    page = words(client.get("/evidence-rules"))
    for expected in (
        "Hasil kuis membuktikan sampai tingkat 2", "hanya mendukung, tidak membuktikan",
        "Kebijakan awal situs", "sejak 1 Januari 2017", "data rujukan awal",
        "Penilaian diri tidak pernah menjadi bukti",
    ):  # fmt: skip
        assert expected in page, expected
    assert "Simpan aturan" not in page
    page = words(client.get("/match-categories"))
    for expected in ("Optimal 90%", "Cukup Optimal 78%", "Kurang Optimal 0%", "Perlu diverifikasi"):
        assert expected in page, expected
    assert "Simpan kategori" not in page
    assert client.send("/evidence-rules/set", RULE).status_code == 403
    assert client.send("/match-categories/set", CATEGORY).status_code == 403


def test_a_rule_holds_from_its_day_and_the_past_stays(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    with app.app_context(), transaction():
        competency = dictionary.competency_by_code("M.05")
        assert competency is not None
        entry = actions.record_evidence(
            cast.person("learner"), competency, kind=QUIZ, level=3, score=None, title="Kuis",
            source_uuid=new_uuid(), earned_on=TODAY, post=None,
        )  # fmt: skip
        before = entry.uuid
    client.sign_in(cast.people["hr"])
    chosen = client.get("/evidence-rules?kind=quiz_result").get_data(as_text=True)
    assert '<option selected value="quiz_result">' in chosen
    assert '<option selected value="2">' in chosen
    assert client.send("/evidence-rules/set", RULE).status_code == 302
    page = words(client.get("/evidence-rules"))
    assert "Hasil kuis membuktikan sampai tingkat 2" in page  # today still
    assert "Hasil kuis : membuktikan sampai tingkat 3 sejak 1 Juni 2026 · SK 7/2026" in page
    assert "1 Januari 2017 sampai 31 Mei 2026" in page
    assert "Yulia Hartati" in page
    with app.app_context():
        days = {date(2026, 5, 31): 2, date(2026, 6, 1): 3}
        assert {day: proves_up_to(QUIZ, day) for day in days} == days
        found = evidence_by_uuid(before)
        assert found is not None
        assert found.standing is EvidenceStanding.SUPPORTS
        noted = db.session.query(AuditEntry).filter_by(action="competencies.evidence_rule_set")
        assert noted.one().details["level"] == "3"
    client.send("/evidence-rules/set", RULE)  # the same again
    with app.app_context():
        assert db.session.query(EvidenceRule).filter_by(kind=QUIZ).count() == 2
    # What was set for later gives way on its own day, and never held.
    assert client.send("/evidence-rules/set", {**RULE, "level": "1"}).status_code == 302
    assert "diganti sebelum berlaku pada 1 Juni 2026" in words(client.get("/evidence-rules"))
    with app.app_context():
        assert proves_up_to(QUIZ, date(2026, 6, 1)) == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"start_on": "2026-05-06"}, "Pilih 7 Mei 2026 atau sesudahnya"),
        ({"start_on": "besok"}, "Isi tanggal"),
        ({"level": "6"}, "Pilih tingkat"),
        ({"kind": "self_assessment"}, "Pilih jenis"),
        ({"source": " "}, "Isi alasan"),
    ],
)
def test_a_wrong_rule_is_refused(
    app: Flask, client: PageClient, cast: Cast, changed: dict[str, str], message: str
) -> None:
    client.sign_in(cast.people["hr"])
    answer = client.send("/evidence-rules/set", {**RULE, **changed})
    assert answer.status_code == 422
    assert message in words(answer)
    with app.app_context():
        assert db.session.query(EvidenceRule).filter_by(kind=QUIZ).count() == 1


def test_what_was_only_planned_gives_way(app: Flask, client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["hr"])
    client.send("/evidence-rules/set", {**RULE, "start_on": "2072-06-01"})  # meant 2027
    sooner = {**RULE, "start_on": "2026-05-20", "level": "0"}
    assert client.send("/evidence-rules/set", sooner).status_code == 302
    assert "diganti sebelum berlaku pada 1 Juni 2072" in words(client.get("/evidence-rules"))
    with app.app_context():
        days = {date(2026, 5, 19): 2, date(2026, 5, 20): 0, date(2072, 6, 1): 0}
        assert {day: proves_up_to(QUIZ, day) for day in days} == days
    # What holds today, set again, cancels the plan and goes on.
    before = {**RULE, "start_on": "2026-05-07", "level": "2", "source": "Kebijakan awal situs"}
    assert client.send("/evidence-rules/set", before).status_code == 302
    with app.app_context():
        assert proves_up_to(QUIZ, date(2030, 1, 1)) == 2


def test_one_set_of_categories_gives_way_to_another(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["hr"])
    for name, percent in (("KMS", "0"), ("MMS", "68"), ("MS", "80")):
        new = {**CATEGORY, "name": name, "name_en": "", "from_percent": percent}
        assert client.send("/match-categories/set", new).status_code == 302
    for name in ("Optimal", "Cukup Optimal"):
        ended = {**CATEGORY, "name": name, "from_percent": "", "ended": "y"}
        assert client.send("/match-categories/set", ended).status_code == 302
    with app.app_context():
        after = date(2026, 6, 1)
        assert [name_at(n, after) for n in (100, 80, 79, 68, 67, 0)] == [
            "MS", "MS", "MMS", "MMS", "KMS", "KMS",
        ]  # fmt: skip
        assert name_at(95, date(2026, 5, 31)) == "Optimal"


def test_two_categories_never_begin_at_one_percentage(client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["hr"])
    later = {**CATEGORY, "from_percent": "95", "start_on": "2027-01-01"}
    assert client.send("/match-categories/set", later).status_code == 302
    taken = {**CATEGORY, "name": "Istimewa", "from_percent": "95"}
    answer = client.send("/match-categories/set", taken)
    assert answer.status_code == 422
    assert "Ambang ini dipakai kategori lain sejak 1 Januari 2027" in words(answer)


def name_at(percent: int, day: date) -> str:
    found = queries.category_of(Decimal(percent), day)
    return found.name if found else ""


def test_a_category_is_moved_added_and_ended(app: Flask, client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["hr"])
    chosen = client.get("/match-categories?name=Optimal").get_data(as_text=True)
    assert 'value="90"' in chosen
    assert client.send("/match-categories/set", CATEGORY).status_code == 302
    new = {**CATEGORY, "name": "Istimewa", "name_en": "", "from_percent": "97"}
    assert client.send("/match-categories/set", new).status_code == 302
    ended = {**CATEGORY, "name": "Cukup Optimal", "from_percent": "", "ended": "y"}
    assert client.send("/match-categories/set", ended).status_code == 302
    with app.app_context():
        before, after = date(2026, 5, 31), date(2026, 6, 1)
        assert [name_at(n, before) for n in (97, 90, 85, 78, 0)] == [
            "Optimal", "Optimal", "Cukup Optimal", "Cukup Optimal", "Kurang Optimal",
        ]  # fmt: skip
        assert [name_at(n, after) for n in (97, 90, 85, 78, 0)] == [
            "Istimewa", "Optimal", "Optimal", "Kurang Optimal", "Kurang Optimal",
        ]  # fmt: skip
        moved = queries.category_of(Decimal(90), after)
        assert moved is not None
        assert not moved.needs_verification
        assert db.session.query(AuditEntry).filter_by(
            action="competencies.match_category_set"
        ).count() == 3  # fmt: skip
    page = words(client.get("/match-categories"))
    assert "Istimewa , 97% sejak 1 Juni 2026 · SK 8/2026 · Yulia Hartati" in page


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"from_percent": "78"}, "dipakai kategori lain sejak 1 Juni 2026"),
        ({"from_percent": "101"}, "Isi 0 sampai 100"),
        ({"from_percent": ""}, "Isi 0 sampai 100"),
        ({"name": "Kurang Optimal", "from_percent": "5"}, "mulai dari 0 persen"),
        ({"name": "Kurang Optimal", "from_percent": "", "ended": "y"}, "mulai dari 0 persen"),
        ({"name": "Tidak ada", "from_percent": "", "ended": "y"}, "Tidak ada kategori"),
        ({"start_on": "2026-05-06"}, "Pilih 7 Mei 2026 atau sesudahnya"),
        ({"name": "x" * 61}, "Paling banyak 60"),
        ({"name": " "}, "Isi nama"),
        ({"source": ""}, "Isi alasan"),
    ],
)
def test_a_wrong_category_is_refused(
    app: Flask, client: PageClient, cast: Cast, changed: dict[str, str], message: str
) -> None:
    client.sign_in(cast.people["hr"])
    answer = client.send("/match-categories/set", {**CATEGORY, **changed})
    assert answer.status_code == 422
    assert message in words(answer)
    with app.app_context():
        assert db.session.query(MatchCategory).count() == 3


def test_hr_of_a_part_of_the_site_reads_only(app: Flask, client: PageClient, cast: Cast) -> None:
    with app.app_context():
        hr_of_a(cast)  # the learner, for Dinas A
        actor = actor_of(cast, "learner")
        with pytest.raises(Forbidden), transaction():
            acts.set_evidence_rule(actor, QUIZ, proves_up_to=5, start_on=TODAY, source="SK")
        category = acts.Category("Optimal", None, 10)
        with pytest.raises(Forbidden), transaction():
            acts.set_match_category(actor, category, start_on=TODAY, source="SK")
    client.sign_in(cast.people["learner"])
    assert "Simpan aturan" not in words(client.get("/evidence-rules"))
    assert client.send("/evidence-rules/set", RULE).status_code == 403
    assert client.send("/match-categories/set", CATEGORY).status_code == 403
