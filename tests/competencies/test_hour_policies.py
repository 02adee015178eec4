"""Yearly targets and the conversion of forms to hours: read by everybody, set by HR of the site."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from lms.accounts.rules import Employment
from lms.competencies import actions
from lms.competencies.actions import hour_policies as acts
from lms.competencies.actions.hour_policies import Basis, Conversion
from lms.competencies.models import HourEntry, HourForm, HourTarget
from lms.competencies.queries.hours import daily_cap, form_names, hours_of, targets_on
from lms.competencies.rules import HourCategory, HourUnit
from lms.core.audit import AuditEntry
from lms.core.db import db, new_uuid, transaction
from lms.core.errors import Forbidden
from lms.development import queries as development
from tests.cast import Cast
from tests.client import PageClient, words
from tests.competencies.test_dictionary import hr_of_a
from tests.conftest import SetClock
from tests.learning.assigning import actor_of

pytestmark = pytest.mark.usefixtures("reference")
NOON = datetime(2026, 5, 6, 5, tzinfo=UTC)
TODAY = date(2026, 5, 6)
TARGET: dict[str, Any] = {
    "employment": "pns", "target_jp": "24,5", "year": "2027", "source": "SK 9/2026"
}  # fmt: skip
E_LEARNING: dict[str, Any] = {
    "code": "NKL03", "name": "Pembelajaran daring", "name_en": "E-learning",
    "category": "nonclassical", "unit": "curriculum", "jp": "", "jp_abroad": "", "daily_cap": "3",
    "cap_applies": "y", "monthly_times": "", "start_on": "2026-06-01", "source": "SK 10/2026",
}  # fmt: skip
COACHING: dict[str, Any] = {
    **E_LEARNING, "code": "NKL01", "name": "Coaching", "name_en": "Coaching", "unit": "time",
    "jp": "3", "jp_abroad": "4", "daily_cap": "", "cap_applies": "", "monthly_times": "4",
}  # fmt: skip
MARK = "Perlu diverifikasi"


@pytest.fixture(autouse=True)
def _noon(at: SetClock) -> None:
    at(NOON)


@pytest.fixture
def hr(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["hr"])
    return client


def target(employment: Employment, year: int) -> Decimal | None:
    return targets_on(date(year, 12, 31)).get(employment)


def test_everybody_reads_them_with_their_sources_and_marks(client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["learner"])
    page = words(client.get("/hour-targets"))
    for expected in (
        "Target 2026", "PNS 20 JP PP 11/2017 jo. PP 17/2020 sejak 2017 · data rujukan awal",
        "PPPK 24 JP Peraturan LAN 15/2020", MARK,
    ):  # fmt: skip
        assert expected in page, expected
    assert "Simpan target" not in page
    page = words(client.get("/hour-forms"))
    for expected in (
        "Coaching NKL01 · Pelatihan nonklasikal 2 JP per kali, internasional 4 JP",
        "paling banyak 2 kali sebulan", "3 JP sehari, tidak diterapkan", "JP menurut kurikulum",
        "Seminar, konferensi, sarasehan KL06 · Pelatihan klasikal 4 JP per hari",
        "sejak 1 Januari 2018", "data rujukan awal", MARK,
    ):  # fmt: skip
        assert expected in page, expected
    assert page.count(f"{MARK} ") >= 27  # not one of them is shown as established
    assert "Simpan bentuk" not in page
    assert client.send("/hour-targets/set", TARGET).status_code == 403
    assert client.send("/hour-forms/set", E_LEARNING).status_code == 403


def test_a_target_holds_from_its_year_and_years_that_are_over_stay(
    app: Flask, hr: PageClient, cast: Cast
) -> None:
    chosen = hr.get("/hour-targets?employment=pppk").get_data(as_text=True)
    assert '<option selected value="pppk">' in chosen
    assert 'value="24"' in chosen
    assert "langsung dihitung terhadap target baru" in words(hr.get("/hour-targets"))
    assert hr.send("/hour-targets/set", TARGET).status_code == 302
    page = words(hr.get("/hour-targets"))
    assert "Target 2026 " in page
    assert "PNS 20 JP" in page  # this year still
    assert "PNS : 24,5 JP sejak 2027 · SK 9/2026 · Yulia Hartati" in page
    assert "2017 sampai 2026" in page
    with app.app_context():
        pns = Employment.PNS
        years = {2025: Decimal(20), 2026: Decimal(20), 2027: Decimal("24.5")}
        assert {year: target(pns, year) for year in years} == years
        noted = db.session.query(AuditEntry).filter_by(action="competencies.hour_target_set")
        assert noted.one().details == {"employment": "pns", "jp": "24.5", "year": "2027"}
    hr.send("/hour-targets/set", TARGET)  # the same again
    with app.app_context():
        assert db.session.query(HourTarget).filter_by(employment=Employment.PNS).count() == 2


def test_a_target_of_this_year_counts_at_once_and_what_was_earned_stays(
    app: Flask, hr: PageClient, cast: Cast
) -> None:
    with app.app_context(), transaction():
        actions.record_hours(
            cast.person("learner"), form="KL06", hours=Decimal(15), title="Seminar",
            source_uuid=new_uuid(), earned_on=TODAY, post=None,
        )  # fmt: skip
    assert hr.send("/hour-targets/set", {**TARGET, "year": "2026"}).status_code == 302
    with app.app_context():
        found = hours_of(cast.people["learner"], Employment.PNS, 2026)
        assert (found.earned, found.missing) == (Decimal(15), Decimal("9.5"))
        assert not found.needs_verification
        assert target(Employment.PNS, 2025) == 20
    again = {**TARGET, "year": "2026", "target_jp": "30", "needs_verification": "y"}
    assert hr.send("/hour-targets/set", again).status_code == 302
    page = words(hr.get("/hour-targets"))
    assert "PNS 30 JP SK 9/2026 sejak 2026" in page
    assert "PNS : 24,5 JP diganti sebelum 2026 berakhir" in page
    with app.app_context():
        assert hours_of(cast.people["learner"], Employment.PNS, 2026).needs_verification


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"year": "2025"}, "Pilih 2026 atau sesudahnya"),
        ({"year": "99999"}, "Isi tahun, misalnya 2027"),
        ({"year": ""}, "Isi tahun"),
        ({"target_jp": "0"}, "Isi lebih dari 0"),
        ({"target_jp": "dua"}, "Isi angka"),
        ({"target_jp": "1001"}, "paling banyak 1000"),
        ({"employment": "honorer"}, "Pilih status"),
        ({"source": " "}, "Isi alasan"),
    ],
)
def test_a_wrong_target_is_refused(
    app: Flask, hr: PageClient, changed: dict[str, str], message: str
) -> None:
    answer = hr.send("/hour-targets/set", {**TARGET, **changed})
    assert answer.status_code == 422
    assert message in words(answer)
    with app.app_context():
        assert db.session.query(HourTarget).count() == 2


def test_a_year_that_was_only_planned_gives_way(app: Flask, hr: PageClient) -> None:
    hr.send("/hour-targets/set", {**TARGET, "year": "2072"})  # meant 2027
    assert hr.send("/hour-targets/set", TARGET).status_code == 302
    with app.app_context():
        rows = db.session.query(HourTarget).filter(HourTarget.start_on >= date(2072, 1, 1))
        assert [row.end_on for row in rows] == [date(2071, 12, 31)]


# ── Forms ────────────────────────────────────────────────────────────────────────────────────


def earn(cast: Cast, day: date) -> Decimal:
    with transaction():
        entry = actions.record_hours(
            cast.person("learner"), form="NKL03", hours=Decimal(8), title="Kursus",
            source_uuid=new_uuid(), earned_on=day, post=None, days=2,
        )  # fmt: skip
    return entry.hours


def test_a_cap_holds_from_its_day_and_recorded_hours_stay(
    app: Flask, hr: PageClient, cast: Cast
) -> None:
    with app.app_context():
        assert earn(cast, TODAY) == 8
    chosen = hr.get("/hour-forms?code=NKL03").get_data(as_text=True)
    assert 'value="Pembelajaran daring (e-learning)"' in chosen
    assert "JP yang sudah tercatat tidak dihitung ulang." in words(hr.get("/hour-forms"))
    assert hr.send("/hour-forms/set", E_LEARNING).status_code == 302
    page = words(hr.get("/hour-forms"))
    assert "3 JP sehari, tidak diterapkan" in page  # today still
    assert (
        "Pembelajaran daring (NKL03): JP menurut kurikulum; paling banyak 3 JP sehari sejak "
        "1 Juni 2026 · SK 10/2026 · Yulia Hartati" in page
    )
    assert "1 Januari 2018 sampai 31 Mei 2026" in page
    with app.app_context():
        assert [earn(cast, date(2026, 5, 31)), earn(cast, date(2026, 6, 1))] == [8, 6]
        assert sorted(db.session.scalars(db.select(HourEntry.hours))) == [6, 8, 8]
        noted = db.session.query(AuditEntry).filter_by(action="competencies.hour_form_set")
        assert noted.one().details["code"] == "NKL03"
    hr.send("/hour-forms/set", E_LEARNING)  # the same again
    with app.app_context():
        assert db.session.query(HourForm).filter_by(code="NKL03").count() == 2
    # What was set for later gives way on its own day, and never held.
    assert hr.send("/hour-forms/set", {**E_LEARNING, "daily_cap": "2"}).status_code == 302
    assert "diganti sebelum berlaku pada 1 Juni 2026" in words(hr.get("/hour-forms"))
    with app.app_context():
        assert daily_cap("NKL03", date(2026, 6, 1)) == 2


def test_what_a_claim_counts_follows_the_form_of_its_day(
    app: Flask, hr: PageClient, cast: Cast
) -> None:
    assert hr.send("/hour-forms/set", COACHING).status_code == 302
    new = {**COACHING, "code": "nkl20", "name": "Menulis artikel", "jp": "2.5", "jp_abroad": ""}
    assert hr.send("/hour-forms/set", new).status_code == 302
    with app.app_context():
        before = development.forms_on(date(2026, 5, 31))
        after = development.forms_on(date(2026, 6, 1))
        assert before["NKL01"].rule.jp == 2
        assert before["NKL01"].rule.times == 2
        assert after["NKL01"].rule.jp == 3
        assert after["NKL01"].rule.times == 4
        assert "NKL20" not in before
        assert after["NKL20"].rule.jp == Decimal("2.5")


def test_a_form_that_is_no_longer_in_use_keeps_its_name_in_the_record(
    app: Flask, hr: PageClient, cast: Cast
) -> None:
    assert hr.send("/hour-forms/set", {**COACHING, "ended": "y"}).status_code == 302
    with app.app_context():
        assert "NKL01" in development.forms_on(date(2026, 5, 31))
        assert "NKL01" not in development.forms_on(date(2026, 6, 1))
        assert form_names(date(2026, 12, 31))["NKL01"] == "Coaching"
    page = words(hr.get("/hour-forms"))
    assert "1 Januari 2018 sampai 31 Mei 2026" in page


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"start_on": "2026-05-06"}, "Pilih 7 Mei 2026 atau sesudahnya"),
        ({"start_on": ""}, "Isi tanggal"),
        ({"code": "nkl 3!"}, "Isi huruf besar dan angka"),
        ({"code": "N" * 11}, "Paling banyak 10"),
        ({"code": "NKL99", "ended": "y"}, "Tidak ada bentuk dengan kode ini"),
        ({"unit": "curriculum"}, "Kosongkan: yang dihitung JP kurikulumnya"),
        ({"jp": "", "jp_abroad": ""}, "Isi JP untuk setiap satuan"),
        ({"jp": "-1"}, "Isi lebih dari 0"),
        ({"jp": "1,234"}, "Isi angka"),
        ({"cap_applies": "y"}, "Isi batas yang diterapkan"),
        ({"monthly_times": "0"}, "Isi 1 sampai 31"),
        ({"monthly_times": "x"}, "Isi angka bulat"),
        ({"unit": "menit"}, "Pilih satuan"),
        ({"category": "x"}, "Pilih kategori"),
        ({"name": " "}, "Isi nama"),
        ({"source": ""}, "Isi alasan"),
    ],
)
def test_a_wrong_form_is_refused_and_what_was_typed_stays(
    app: Flask, hr: PageClient, changed: dict[str, str], message: str
) -> None:
    answer = hr.send("/hour-forms/set", {**COACHING, **changed})
    assert answer.status_code == 422
    assert message in words(answer)
    if "name" not in changed:
        assert 'value="Coaching"' in answer.get_data(as_text=True)
    with app.app_context():
        assert db.session.query(HourForm).count() == 27


def test_hr_of_a_part_of_the_site_reads_only(app: Flask, client: PageClient, cast: Cast) -> None:
    with app.app_context():
        hr_of_a(cast)  # the learner, for Dinas A
        actor = actor_of(cast, "learner")
        with pytest.raises(Forbidden), transaction():
            acts.set_hour_target(
                actor, Employment.PNS, target_jp=Decimal(1), year=2026, basis=Basis("SK")
            )
        coaching = Conversion(
            "NKL01", "Coaching", None, HourCategory.NONCLASSICAL, HourUnit.TIME, Decimal(9),
            None, None, False, None,
        )  # fmt: skip
        with pytest.raises(Forbidden), transaction():
            acts.set_hour_form(actor, coaching, start_on=TODAY, basis=Basis("SK"))
    client.sign_in(cast.people["learner"])
    assert "Simpan target" not in words(client.get("/hour-targets"))
    assert "Simpan bentuk" not in words(client.get("/hour-forms"))
    assert client.send("/hour-targets/set", TARGET).status_code == 403
    assert client.send("/hour-forms/set", COACHING).status_code == 403
