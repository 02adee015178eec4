"""The board narrowed, sorted and counted; a large team by the other shape of the question; what is
done for many at once."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from lms.accounts.actions import people, placements
from lms.accounts.models import Position
from lms.accounts.queries import post_of, team
from lms.accounts.rules import PlacementStanding
from lms.competencies import actions as competencies
from lms.core import clock
from lms.core.db import db, new_uuid, read, transaction
from lms.reports import queries
from lms.reports.queries import figures, members
from lms.reports.queries.members import Asked, Order, Standing
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning.assigning import actor_of, give, news, owed, place, sweep
from tests.queries import inside
from tests.sample_course import import_course, write_course


@pytest.fixture(autouse=True)
def noon(app: Flask, cast: Cast, tmp_path: Path, at: SetClock) -> Iterator[None]:
    """10.00 WIB, with a published course; nothing kept of large teams."""
    with app.app_context():
        import_course(write_course(tmp_path))
        db.session.remove()
    at(clock.now().replace(hour=3, minute=0, second=0, microsecond=0))
    figures._kept.clear()
    yield
    figures._kept.clear()


def uuid_of(app: Flask, cast: Cast, name: str) -> str:
    return str(inside(app, cast.person, name).uuid)


def names(cast: Cast, by: str, **asked: Any) -> list[str]:
    found = queries.board(actor_of(cast, by), Asked(**asked), None)
    return [member.name.split()[0] for member in found.members]


def earn(cast: Cast, name: str, hours: str) -> None:
    with transaction():
        person = cast.person(name)
        competencies.record_hours(
            person, form="NKL03", hours=Decimal(hours), title="Lokakarya", source_uuid=new_uuid(),
            earned_on=clock.today("Asia/Jakarta"), post=post_of(person.id),
        )  # fmt: skip


def close(cast: Cast, name: str) -> None:
    with transaction():
        people.deactivate_person(None, cast.person(name))


def pass_days(at: SetClock, days: float) -> None:
    at(clock.now() + timedelta(days=days))


# ── Narrowed, sorted, counted ────────────────────────────────────────────────────────────────


def test_the_late_are_found_and_counted(context: Flask, cast: Cast, at: SetClock) -> None:
    give(cast, "wali", unit="a", days=2)
    assert names(cast, "agency_head", standing=Standing.LATE) == []
    pass_days(at, 3)
    assert names(cast, "agency_head", standing=Standing.LATE) == ["Bagus", "Daud", "Sari"]
    told = queries.board(actor_of(cast, "agency_head"), Asked(), None).figures
    assert (told.people, told.late, told.duties.late) == (3, 3, 3)
    assert (told.duties.done, told.duties.all) == (0, 3)


def test_who_is_under_the_target_of_the_own_status(context: Flask, cast: Cast) -> None:
    earn(cast, "learner", "20")  # PNS: 20
    earn(cast, "colleague", "20")  # PPPK: 24
    assert names(cast, "head", standing=Standing.UNDER_TARGET) == ["Daud"]
    assert queries.board(actor_of(cast, "head"), Asked(), None).figures.under_target == 1
    earn(cast, "colleague", "4")
    assert names(cast, "head", standing=Standing.UNDER_TARGET) == []


def test_who_has_not_begun_what_is_required(app: Flask, client: PageClient, cast: Cast) -> None:
    assert inside(app, names, cast, "head", standing=Standing.NOT_STARTED) == []
    inside(app, give, cast, "head", unit="a1")
    assert inside(app, names, cast, "head", standing=Standing.NOT_STARTED) == ["Daud", "Sari"]
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    assert inside(app, names, cast, "head", standing=Standing.NOT_STARTED) == ["Daud"]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order", list(Order))
def test_every_order_pages_by_key_through_everybody_once(
    context: Flask,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    at: SetClock,
    order: Order,
    descending: bool,
) -> None:
    monkeypatch.setattr(members, "PAGE", 2)
    members.page.cache_clear()
    earn(cast, "stranger", "7")
    earn(cast, "learner", "3")
    give(cast, "wali", people=("mover", "colleague"), days=1)
    pass_days(at, 2)
    actor, asked = actor_of(cast, "wali"), Asked(order=order, descending=descending)
    seen, after = [], None
    while True:
        page = queries.board(actor, asked, after)
        seen += [member.name for member in page.members]
        if not page.has_more:
            break
        after = page.members[-1].uuid
    members.page.cache_clear()
    assert seen == [member.name for member in queries.whole_team(actor, asked)]
    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == 7
    if order is Order.NAME:
        assert seen == sorted(seen, reverse=descending)
    if order is Order.HOURS:
        low_to_high = ["Sari Wulandari", "Andi Tenri"]
        assert (seen[:2] if descending else seen[-2:]) == (
            low_to_high[::-1] if descending else low_to_high
        )
    if order is Order.LATE:
        assert set(seen[:2] if descending else seen[-2:]) == {"Daud Kogoya", "Putu Ayu Lestari"}


def test_an_address_that_asks_for_nonsense_shows_the_board(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["head"])
    for query in ("state=x", "sort=x", "sort=--name", "after=x", "state=&sort=-", "reminded=x"):
        assert "2 pegawai" in words(client.get(f"/team?{query}"))


def test_the_page_after_somebody_foreign_is_the_first(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["head"])
    foreign = uuid_of(app, cast, "stranger")
    assert words(client.get(f"/team?after={foreign}")).count("Daud Kogoya") == 1


def test_filters_stand_in_the_export(
    app: Flask, client: PageClient, cast: Cast, at: SetClock
) -> None:
    inside(app, give, cast, "head", people=("learner",), days=1)
    pass_days(at, 2)
    client.sign_in(cast.people["head"])
    text = client.send("/team/export?state=late").data.decode("utf-8-sig")
    assert "Sari Wulandari" in text
    assert "Daud Kogoya" not in text


# ── A large team ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two people are many."""
    caches = (members.count_found, figures._count_people)
    monkeypatch.setattr(team, "LARGE", 2)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def test_both_shapes_find_the_same_people(context: Flask, cast: Cast, at: SetClock) -> None:
    """Acting placements, ended and future ones, the deactivated and the head herself among them."""
    today = clock.today("Asia/Jakarta")
    with transaction():
        position = db.session.scalars(sa.select(Position)).first()
        assert position is not None
        for name, unit, start, end in (
            ("learner", "a", -5, None),  # twice in the subtree
            ("stranger", "a1", -5, 5),  # acting from elsewhere
            ("mover", "a1", 3, None),  # not yet
            ("colleague", "b", -9, -1),  # not any more
        ):
            placements.place_person(
                cast.person(name), cast.unit(unit), position,
                standing=PlacementStanding.ACTING, start_on=today + timedelta(days=start),
                end_on=None if end is None else today + timedelta(days=end),
            )  # fmt: skip
        people.deactivate_person(None, cast.person("colleague"))
    give(cast, "wali", people=("learner", "stranger", "head"), days=1)
    earn(cast, "learner", "20")
    pass_days(at, 2)
    whole = {}
    for by in ("wali", "agency_head", "head"):
        scope = team.scope_of(actor_of(cast, by))
        for search in ("", "a", "sari", "198807072012011007", "%"):
            for standing in (None, *Standing):
                asked = Asked(search, standing)
                small, large = (_names(scope, asked, large=large) for large in (False, True))
                assert small == large, (by, search, standing)
        whole[by] = _names(scope, Asked(), large=False)
    assert whole == {
        "wali": [
            "Andi Tenri", "Bagus Prasetyo", "Hasan Basri", "Meutia Rahmah", "Putu Ayu Lestari",
            "Sari Wulandari",
        ],
        "agency_head": ["Andi Tenri", "Bagus Prasetyo", "Sari Wulandari"],
        "head": ["Andi Tenri", "Sari Wulandari"],
    }  # fmt: skip


def _names(scope: team.Scope, asked: Asked, *, large: bool) -> list[str]:
    query = members.page(members.shape_of(scope, asked, large=large), after=False)
    return [row.name for row in read(query, **members.values_of(scope, asked))]


def test_who_moves_away_while_a_page_is_read_is_not_on_it(
    context: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = team.places

    def move_and_read(scope: team.Scope, person_ids: Sequence[int]) -> dict[int, Any]:
        db.session.rollback()  # each statement of a page sees what is true then
        place(cast, "colleague", "b", clock.today("Asia/Jakarta"))
        return places(scope, person_ids)

    head = actor_of(cast, "head")
    assert names(cast, "head") == ["Daud", "Sari"]
    with monkeypatch.context() as patched:
        patched.setattr(team, "places", move_and_read)
        found = queries.board(head, Asked(), None)
    assert [member.name for member in found.members] == ["Sari Wulandari"]


@pytest.mark.usefixtures("large")
def test_the_figures_of_a_large_team_are_kept_for_minutes_and_dated(
    app: Flask, client: PageClient, cast: Cast, at: SetClock
) -> None:
    client.sign_in(cast.people["wali"])
    page = words(client.get("/team"))
    assert "Dihitung pukul 10.00 WIB." in page
    assert "7 pegawai" in page
    inside(app, close, cast, "mover")
    page = words(client.get("/team"))
    assert "Putu Ayu Lestari" not in page  # who is shown is never kept
    assert "7 pegawai" in page
    at(clock.now() + timedelta(minutes=5))
    page = words(client.get("/team"))
    assert "6 pegawai" in page
    assert "Dihitung pukul 10.05 WIB." in page


@pytest.mark.usefixtures("large")
def test_the_kept_figures_of_one_head_are_not_shown_to_another(context: Flask, cast: Cast) -> None:
    counts = {
        by: queries.board(actor_of(cast, by), Asked(), None).count
        for by in ("wali", "agency_head", "head", "other_head")
    }
    assert counts == {"wali": 7, "agency_head": 3, "head": 2, "other_head": 2}


@pytest.mark.usefixtures("large")
def test_a_search_that_finds_many_says_so(app: Flask, client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["wali"])
    assert "7 pegawai" in words(client.get("/team?q=a"))


def _noting(sent: list[tuple[str, Any]]) -> Callable[..., None]:
    def note(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        sent.append((statement, parameters))

    return note


def test_a_small_team_is_read_by_its_units_and_a_large_one_by_its_names(
    context: Flask, cast: Cast
) -> None:
    """SQLite's plan names the index: a page of a small team reads no person of other units, one
    of a large team reads the names in order and stops."""
    if db.engine.dialect.name != "sqlite":
        return
    scope = team.scope_of(actor_of(cast, "head"))
    plans = {}
    for large_one in (False, True):
        shape = members.shape_of(scope, Asked(), large=large_one)
        values = members.values_of(scope, Asked())
        sent: list[tuple[str, Any]] = []
        event.listen(db.engine, "before_cursor_execute", note := _noting(sent))
        read(members.page(shape, after=False), **values)
        event.remove(db.engine, "before_cursor_execute", note)
        ((statement, parameters),) = sent
        rows = db.session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", parameters
        )
        plans[large_one] = " | ".join(str(row[3]) for row in rows)
    assert "SCAN person" not in plans[False], plans[False]
    assert "ix_person_name" not in plans[False], plans[False]
    assert "ix_person_name" in plans[True], plans[True]
    assert "TEMP B-TREE" not in plans[True], plans[True]


# ── For many at once ─────────────────────────────────────────────────────────────────────────


def test_the_chosen_are_reminded_and_it_can_be_undone(
    app: Flask, client: PageClient, cast: Cast, at: SetClock
) -> None:
    inside(app, give, cast, "head", unit="a1", days=30)
    at(clock.now() + timedelta(minutes=1))
    inside(app, sweep)
    client.sign_in(cast.people["head"])
    learner = uuid_of(app, cast, "learner")
    answer = client.send("/team/remind?q=sari", {"p": [learner]}, follow_redirects=True)
    assert "Pengingat untuk 1 pegawai dikirim satu menit lagi." in words(answer)
    assert answer.request.query_string == b"q=sari&reminded=1"
    answer = client.send("/team/remind/undo", follow_redirects=True)
    assert "Pengingat diurungkan." in words(answer)
    at(clock.now() + timedelta(minutes=2))
    inside(app, sweep)
    assert inside(app, news, cast, "learner") == ["course_assigned"]
    client.send("/team/remind", {"all": "1"})
    at(clock.now() + timedelta(minutes=1))
    inside(app, sweep)
    assert inside(app, news, cast, "learner") == inside(app, news, cast, "colleague") == [
        "course_assigned", "course_reminded",
    ]  # fmt: skip
    assert "Pengingat sudah dikirim." in words(
        client.send("/team/remind/undo", follow_redirects=True)
    )
    again = client.send("/team/remind", {"all": "1"}, follow_redirects=True)
    assert "Tidak ada yang diingatkan" in words(again)


def test_nobody_outside_the_team_is_reminded_or_assigned(
    app: Flask, client: PageClient, cast: Cast, at: SetClock
) -> None:
    inside(app, give, cast, "other_head", unit="b", days=30)
    at(clock.now() + timedelta(minutes=1))
    inside(app, sweep)
    client.sign_in(cast.people["head"])
    stranger = uuid_of(app, cast, "stranger")
    client.send("/team/remind", {"p": [stranger]})
    assert client.send("/team/assign", {"p": [stranger]}).status_code == 404
    at(clock.now() + timedelta(minutes=2))
    inside(app, sweep)
    assert inside(app, news, cast, "stranger") == ["course_assigned"]


def test_all_means_all_that_is_shown(app: Flask, client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["head"])
    page = words(client.send("/team/assign?q=sari", {"all": "1"}))
    assert "Untuk 1 pegawai Sari Wulandari" in page
    page = words(client.send("/team/assign", {"all": "1"}))
    assert "Untuk 2 pegawai Daud Kogoya; Sari Wulandari" in page
    nobody = client.send("/team/assign", {}, follow_redirects=True)
    assert "Pilih dahulu pegawainya." in words(nobody)


def test_more_than_can_be_chosen_is_refused(
    app: Flask, client: PageClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms.learning.actions.assigning.MOST_CHOSEN", 1)
    client.sign_in(cast.people["head"])
    answer = client.send("/team/assign", {"all": "1"}, follow_redirects=True)
    assert "Paling banyak 1 pegawai sekaligus." in words(answer)


def test_the_page_of_a_person_shows_the_duties_and_only_own_acts(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    inside(app, give, cast, "agency_head", unit="a")
    client.sign_in(cast.people["head"])
    address = f"/team/{uuid_of(app, cast, 'learner')}"
    page = words(client.get(address))
    assert "Ditugaskan oleh Hasan Basri; alasan: Standar pelayanan baru" in page
    assert "Perpanjang atau tarik" not in page  # it is the superior's
    client.sign_in(cast.people["agency_head"])
    assert "Perpanjang atau tarik" in words(client.get(address))
    assert inside(app, owed, cast).keys() == {"head", "learner", "colleague"}
