"""The profile: levels against the standard, what they rest on, and what would close the gaps."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from lms.accounts.queries import post_of
from lms.competencies import actions as ledgers
from lms.competencies import queries as competencies
from lms.competencies.models import Evidence
from lms.competencies.queries import dictionary
from lms.competencies.rules import EvidenceKind
from lms.core.db import db, new_uuid, transaction
from lms.learning.queries.gaps import open_gaps
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning.answers import take
from tests.sample_course import import_course, write_course

NOON = datetime(2026, 5, 6, 5, tzinfo=UTC)
TODAY = date(2026, 5, 6)


@pytest.fixture(autouse=True)
def _noon(at: SetClock) -> None:
    at(NOON)


def prove(
    cast: Cast, who: str, code: str, level: int, kind: EvidenceKind = EvidenceKind.ASSESSMENT
) -> UUID:
    with transaction():
        competency = dictionary.competency_by_code(code)
        assert competency is not None
        entry = ledgers.record_evidence(
            cast.person(who), competency, kind=kind, level=level, score=None,
            title=f"Asesmen {code}", source_uuid=new_uuid(), earned_on=TODAY,
            post=post_of(cast.people[who]),
        )  # fmt: skip
        return entry.uuid


def test_the_page_of_whoever_has_nothing_yet(client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["learner"])
    page = words(client.get("/my/competencies"))
    assert "0%" in page
    assert "Kurang Optimal" in page
    assert "9 kompetensi belum terukur" in page
    assert "bukan ketentuan hukum" in page
    assert "Bentuk profil" in page
    client.sign_in(cast.people["hr"])  # placed nowhere: no standard to compare with
    page = words(client.get("/my/competencies"))
    assert "Job Person Match" not in page
    assert "Bentuk profil" not in page


def test_the_match_counts_levels_against_the_standard(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    with app.app_context():
        for code in ("M.01", "M.02", "M.03", "M.04", "M.05", "M.06", "M.07"):
            prove(cast, "learner", code, 1)
        prove(cast, "learner", "M.01", 2)
        post = post_of(cast.people["learner"])
        found = competencies.profile_of(cast.people["learner"], post, TODAY)
        assert found.match == Decimal("88.89")  # 8 levels of 9
        assert [line.code for line in found.strengths] == ["M.01"]
        assert found.unmeasured == 2
        category = competencies.category_of(Decimal("88.89"), TODAY)
        assert category is not None
        assert category.name == "Cukup Optimal"
        optimal = competencies.category_of(Decimal(90), TODAY)
        assert optimal is not None
        assert (optimal.name, optimal.needs_verification) == ("Optimal", True)
    client.sign_in(cast.people["learner"])
    page = words(client.get("/my/competencies"))
    assert "88,89%" in page
    assert "Paling kuat Integritas" in page
    assert "8 perubahan" in page


def test_what_was_taken_back_is_shown_so_and_counts_no_more(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    with app.app_context():
        uuid = prove(cast, "learner", "M.01", 3)
        with transaction():
            entry = db.session.query(Evidence).filter_by(uuid=uuid).one()
            ledgers.reverse_evidence(None, entry, reason="Salah orang")
        profile = competencies.profile_of(
            cast.people["learner"], post_of(cast.people["learner"]), TODAY
        )
        assert [(s.before, s.level) for s in profile.steps] == [(3, 0), (0, 3)]
    client.sign_in(cast.people["learner"])
    page = words(client.get("/my/competencies"))
    assert "Bukti ini dibatalkan. Alasan: Salah orang" in page
    assert "Dibatalkan kemudian" in page
    assert "tidak terukur lagi" in page


def test_why_leads_back_to_the_course(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    with app.app_context():
        import_course(write_course(tmp_path))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    for key in ("sapa", "dengar"):
        client.send(f"/courses/melayani/learn/{key}/done")
    for key in ("kuis-1", "akhir"):
        take(client, "melayani", key, right=True)
    page = client.get("/my/competencies").get_data(as_text=True)
    assert '<a href="/courses/melayani">Kursus' in page


def test_gaps_come_by_size_then_duty_then_effort(app: Flask, cast: Cast, tmp_path: Path) -> None:
    with app.app_context():
        import_course(write_course(tmp_path))
        prove(cast, "learner", "M.08", 1)
        post = post_of(cast.people["head"])  # administrator: 3 of everything
        prove(cast, "head", "M.02", 2)
        profile = competencies.profile_of(cast.people["head"], post, TODAY)
        found = open_gaps(profile, (), ())
        raised = {gap.line.code for gap in found if gap.courses}
        assert raised
        sizes = [gap.line.gap for gap in found]
        assert sizes == sorted(sizes, reverse=True)
        assert found[-1].line.code == "M.02"
        largest = [gap for gap in found if gap.line.gap == 3]
        assert [bool(gap.courses) for gap in largest] == sorted(
            (bool(gap.courses) for gap in largest), reverse=True
        )
        assert not any(gap.is_owed for gap in found)
        owed = open_gaps(profile, {"melayani"}, ())
        assert {gap.line.code for gap in owed if gap.is_owed} == raised
        course = found[0].courses[0][0]
        assert not any(gap.courses for gap in open_gaps(profile, (), {course.course_id}))


def test_the_head_sees_the_same_profile_and_a_head_of_b_none(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    with app.app_context():
        prove(cast, "learner", "M.01", 2)
        uuid = cast.person("learner").uuid
    client.sign_in(cast.people["head"])
    page = words(client.get(f"/team/{uuid}"))
    for expected in ("Job Person Match", "Bentuk profil", "Asesmen M.01", "Paling kuat Integritas"):
        assert expected in page, expected
    client.sign_in(cast.people["other_head"])
    assert client.get(f"/team/{uuid}").status_code == 404
    assert client.get(f"/team/{new_uuid()}").status_code == 404
