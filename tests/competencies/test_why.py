"""Why a level is what it is: in words, under every rule, and back to where it comes from."""

import re
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from flask import Flask

from lms.accounts.queries import post_of
from lms.competencies import actions as ledgers
from lms.competencies import queries as competencies
from lms.competencies.models import Evidence, LevelRecount, Rating
from lms.competencies.queries import dictionary
from lms.competencies.rules import EvidenceKind, RatingRule, Verdict
from lms.core.db import db, new_uuid, transaction
from tests.cast import Cast
from tests.client import PageClient, words
from tests.competencies.test_dictionary import hr_of_a
from tests.competencies.test_rating_rule import change_rule
from tests.conftest import SetClock

pytestmark = pytest.mark.usefixtures("reference")
NOON = datetime(2026, 5, 6, 5, tzinfo=UTC)
TODAY = date(2026, 5, 6)
COURSE, RATED, CLAIM = (
    EvidenceKind.COURSE_COMPLETION, EvidenceKind.ASSESSMENT, EvidenceKind.CERTIFICATE,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _noon(at: SetClock) -> None:
    at(NOON)


def prove(
    cast: Cast, title: str, level: int, day: int, kind: EvidenceKind = COURSE,
    until: date | None = None, code: str = "M.05",
) -> UUID:  # fmt: skip
    with transaction():
        competency = dictionary.competency_by_code(code)
        assert competency is not None
        entry = ledgers.record_evidence(
            cast.person("learner"), competency, kind=kind, level=level, score=None, title=title,
            source_uuid=new_uuid(), earned_on=date(2026, 5, day), post=None, valid_until=until,
        )  # fmt: skip
        return entry.uuid


def history(cast: Cast) -> None:
    """A course at 3, an assessor's 2, a later course at 2, and one at 3 that was entered last."""
    prove(cast, "Tinggi", 3, 1)
    prove(cast, "Asesor", 2, 3, RATED)
    prove(cast, "Baru", 2, 5)
    prove(cast, "Susulan", 3, 1)


def why(client: PageClient, code: str = "M.05") -> str:
    """What the own profile says of a competency."""
    page = client.get("/my/competencies").get_data(as_text=True)
    rows = re.findall(r'<li class="gaprow">.*?</details></li>', page, re.DOTALL)
    with client.application.app_context():
        found = dictionary.competency_by_code(code)
        assert found is not None
        row = next(row for row in rows if str(found.uuid) in row)
    text = re.sub(r"<[^>]+>", " ", row.partition('<ol class="time"')[0].rpartition("</summary>")[2])
    listed = re.sub(r"<[^>]+>", " ", row.partition('<ol class="time"')[2])
    return " ".join(f"{text} | {listed}".split())


@pytest.mark.parametrize(
    ("rule", "sentence", "said"),
    [
        (
            RatingRule.HIGHEST,
            "Tingkat 3 karena “Kursus Susulan” (1 Mei 2026) membuktikannya, dan tidak ada bukti "
            "yang lebih tinggi.",
            {
                "Tinggi": "Membuktikan tingkat 3 juga; yang dicatat terakhir menetapkan.",
                "Asesor": "Membuktikan tingkat 2; ada bukti yang lebih tinggi.",
                "Susulan": "Menetapkan tingkat saat ini.",
            },
        ),
        (
            RatingRule.LATEST,
            "Tingkat 2 karena “Kursus Baru” (5 Mei 2026) adalah bukti yang paling baru diperoleh.",
            {
                "Baru": "Menetapkan tingkat saat ini.",
                "Susulan": "Membuktikan tingkat 3, tetapi lebih lama daripada yang menetapkan.",
            },
        ),
        (
            RatingRule.ASSESSOR,
            "Tingkat 2 karena “Penilaian asesor: Asesor” (3 Mei 2026).",
            {
                "Asesor": "Menetapkan tingkat saat ini.",
                "Tinggi": "Membuktikan tingkat 3; penilaian asesor didahulukan.",
            },
        ),
    ],
)
def test_every_rule_is_explained(
    app: Flask, client: PageClient, cast: Cast, rule: RatingRule, sentence: str,
    said: dict[str, str],
) -> None:  # fmt: skip
    with app.app_context():
        if rule is not RatingRule.HIGHEST:
            change_rule(cast, rule)
        history(cast)
    client.sign_in(cast.people["learner"])
    told = why(client)
    assert told.startswith(sentence)
    for title, words_of in said.items():
        _before, _name, after = told.partition(f"{title}, tingkat")
        assert re.match(rf" \d · \d Mei 2026 {re.escape(words_of)}", after), (title, told)


def test_without_an_assessor_the_highest_counts_until_there_is_one(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    with app.app_context():
        change_rule(cast, RatingRule.ASSESSOR)
        prove(cast, "Dasar", 2, 1)
    client.sign_in(cast.people["learner"])
    assert "Bila kelak ada penilaian asesor" in why(client)


def test_what_only_supports_or_was_taken_back_gives_no_level(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    with app.app_context():
        prove(cast, "Terlalu tinggi", 5, 1)
        taken = prove(cast, "Keliru", 2, 2)
        with transaction():
            entry = db.session.query(Evidence).filter_by(uuid=taken).one()
            ledgers.reverse_evidence(None, entry, reason="Salah orang")
    client.sign_in(cast.people["learner"])
    told = why(client)
    assert told.startswith("Belum terukur: bukti di bawah ini hanya mendukung tingkat, atau sudah")
    assert "Mendukung tingkat 5, belum menetapkan." in told
    assert "Dibatalkan kemudian, tidak dihitung lagi." in told
    assert "Bukti ini dibatalkan. Alasan: Salah orang" in told


def test_what_is_no_longer_valid_says_so_and_still_counts(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    with app.app_context():
        prove(cast, "Lama", 3, 1, until=date(2026, 5, 5))
        prove(cast, "Berlaku", 2, 2, until=date(2026, 5, 6))
    client.sign_in(cast.people["learner"])
    told = why(client)
    assert told.startswith("Tingkat 3 karena “Kursus Lama”")
    assert "Masa berlakunya lewat pada 5 Mei 2026; tetap dihitung sampai diperbarui." in told
    assert "Berlaku sampai 6 Mei 2026." in told


def test_while_a_changed_rule_is_worked_out_the_page_says_so(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    with app.app_context():
        history(cast)
        change_rule(cast, RatingRule.LATEST)
        assert db.session.query(LevelRecount).count() == 1
    client.sign_in(cast.people["learner"])
    assert why(client).startswith("Aturan kompetensi ini baru diubah.")


def test_what_the_profile_says_is_what_is_stored(app: Flask, cast: Cast) -> None:
    with app.app_context():
        history(cast)
        person = cast.people["learner"]
        profile = competencies.profile_of(person, post_of(person), TODAY)
        line = next(line for line in profile.lines if line.code == "M.05")
        assert line.deciding is not None
        assert (line.level, line.deciding.title, line.waits) == (3, "Susulan", False)
        assert [entry.verdict for entry in line.evidence] == [
            Verdict.DECIDES, Verdict.LOWER, Verdict.LOWER, Verdict.REPLACED,
        ]  # fmt: skip


# ── Back to where it comes from ──────────────────────────────────────────────────────────────


def observe(app: Flask, cast: Cast) -> tuple[UUID, UUID]:
    """The head has seen the learner at work: the person and the rating."""
    head = app.test_client()
    assert isinstance(head, PageClient)
    head.sign_in(cast.people["head"])
    with app.app_context():
        person = cast.person("learner").uuid
    sent = {
        "key": str(uuid4()), "competency": "M.05", "level": "2", "rated_on": "2026-05-05",
        "occasion": "Melayani pengaduan", "note": "Tenang <b>dan</b> jelas.",
    }  # fmt: skip
    assert head.send(f"/team/{person}/observe", sent).status_code == 302
    with app.app_context():
        return person, db.session.query(Rating.uuid).one()[0]


def test_an_observation_leads_to_what_was_written(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    person, rating = observe(app, cast)
    for who, address in (("learner", "/my/competencies"), ("head", f"/team/{person}"),
                         ("hr", f"/people/{person}/competencies")):  # fmt: skip
        client.sign_in(cast.people[who])
        assert f'href="/ratings/{rating}"' in client.get(address).get_data(as_text=True)
        page = words(client.get(f"/ratings/{rating}"))
        for expected in ("Melayani pengaduan", "2 · Dasar", "Bagus Prasetyo", "5 Mei 2026"):
            assert expected in page, (who, expected)
        assert "Tenang <b>dan</b> jelas." in page.replace("&lt;", "<").replace("&gt;", ">")
        assert "sudah dibatalkan" not in page
    with app.app_context(), transaction():
        entry = db.session.query(Evidence).one()
        ledgers.reverse_evidence(None, entry, reason="Salah orang")
    assert "sudah dibatalkan" in words(client.get(f"/ratings/{rating}"))


def test_a_rating_is_nobody_elses_to_read(app: Flask, client: PageClient, cast: Cast) -> None:
    _person, rating = observe(app, cast)
    for who in ("stranger", "other_head", "auditor", "admin"):
        client.sign_in(cast.people[who])
        assert client.get(f"/ratings/{rating}").status_code == 404, who
    client.sign_in(cast.people["learner"])
    assert client.get(f"/ratings/{uuid4()}").status_code == 404


def test_hr_reads_the_record_of_whom_it_reaches(app: Flask, client: PageClient, cast: Cast) -> None:
    with app.app_context():
        prove(cast, "Dasar", 2, 1)
        person, stranger = cast.person("learner").uuid, cast.person("stranger").uuid
        hr = cast.person("hr").uuid
    client.sign_in(cast.people["hr"])
    assert f'href="/people/{person}/competencies"' in client.get(f"/people/{person}").get_data(
        as_text=True
    )
    page = words(client.get(f"/people/{person}/competencies"))
    assert "Mengapa tingkat 2?" in page
    assert "Tingkat 2 karena “Kursus Dasar” (1 Mei 2026)" in page
    assert client.get(f"/people/{hr}/competencies").status_code == 404
    assert client.get(f"/people/{uuid4()}/competencies").status_code == 404
    for who in ("learner", "head", "auditor", "admin"):
        client.sign_in(cast.people[who])
        assert client.get(f"/people/{person}/competencies").status_code == 403, who
    with app.app_context():
        hr_of_a(cast)  # the learner, for Dinas A
    client.sign_in(cast.people["learner"])
    assert client.get(f"/people/{stranger}/competencies").status_code == 404
