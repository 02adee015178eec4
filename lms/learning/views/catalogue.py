"""The catalogue, one course, and enrolling."""

import re
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.accounts.queries import SignedIn
from lms.competencies import queries as competencies
from lms.core import clock, i18n, paging
from lms.core.access import Permission, current_actor, requires
from lms.core.forms import writing
from lms.courses import queries as courses
from lms.courses.queries import GoalView, Part, VersionView
from lms.courses.queries import catalogue as courses_index
from lms.courses.queries.catalogue import Filter, Index, Results
from lms.courses.rules import CatalogueOrder
from lms.credentials import queries as credentials
from lms.learning import actions, queries
from lms.learning.actions import running
from lms.learning.forms import AskForm
from lms.learning.queries import Learning, entering, runs
from lms.learning.queries.duties import duties_of
from lms.learning.queries.entering import Door
from lms.learning.queries.runs import RunView
from lms.learning.rules import EnrolmentState, Missing, Registration
from lms.learning.views import gains
from lms.learning.views.blueprint import bp
from lms.learning.views.doors import door_words
from lms.learning.views.outline import lock_words, modules_of, opens_words
from lms.learning.views.run_words import registration_words, span_words
from lms.quizzes import queries as quizzes

GAP = "gap"  # in place of a competency: those in which the reader has a gap
NOT_STARTED = "new"
STATES = (NOT_STARTED, EnrolmentState.OPEN, EnrolmentState.COMPLETED)
LEVELS = ("1", "2", "3", "4", "5")
MINUTES = (30, 60, 120, 300)
MOST_HELPS = 4


@bp.get("/courses")
@requires(Permission.COURSES_CATALOGUE_READ)
def catalogue() -> ResponseReturnValue:
    actor = current_actor()
    assert isinstance(actor, SignedIn)
    levels = competencies.levels_of(actor.person_id, actor.post, clock.today(actor.time_zone))
    index = courses_index.current(levels.dictionary)
    gaps = {line.code: line for line in levels.gaps}
    states = queries.own_states(actor)
    usual = CatalogueOrder.FIT if gaps else CatalogueOrder.TITLE
    asked = _asked(index, usual, has_gaps=bool(gaps))
    after = paging.after_uuid()

    def find(asked: dict[str, str], after: UUID | None = None) -> Results:
        return courses_index.find(
            index,
            _filter(asked),
            CatalogueOrder(asked.get("sort", usual)),
            gaps=gaps,
            after=after,
            **_by_state(states, asked.get("state", "")),
        )

    found = find(asked, after)
    new = [entry.course_id for entry, _ in found.rows if entry.course_id not in states]
    doors = entering.doors(actor.person_id, actor.post, new)
    last = found.rows[-1][0] if found.rows else None
    return render_template(
        "learning/catalogue.html",
        index=index,
        asked=asked,
        found=found,
        states=states,
        doors={course_id: (door, door_words(door)) for course_id, door in doors.items()},
        has_gaps=bool(gaps),
        chips=[(words, _address(asked, without=key)) for key, words in _asked_words(index, asked)],
        orders=_orders(asked, usual, has_gaps=bool(gaps)),
        helps=[] if found.count else _helps(asked, find),
        minutes_choices=MINUTES,
        first_url=_address(asked) if after else None,
        next_url=_address(asked, after=last.uuid) if found.more and last else None,
    )


def _asked(index: Index, usual: CatalogueOrder, *, has_gaps: bool) -> dict[str, str]:
    """What the address asks for and can be fulfilled, as it stands in addresses."""
    given = request.args
    codes = {*index.by_competency, *([GAP] if has_gaps else [])}
    orders = set(CatalogueOrder) - {usual, *([] if has_gaps else [CatalogueOrder.FIT])}
    asked = {
        "q": paging.search_words(),
        "competency": _one_of(given.get("competency"), codes),
        "level": _one_of(given.get("level"), LEVELS),
        "jp_min": _amount(given.get("jp_min")),
        "jp_max": _amount(given.get("jp_max")),
        "minutes": _one_of(given.get("minutes"), map(str, MINUTES)),
        "category": _one_of(given.get("category"), (name for name, _ in index.categories)),
        "language": _one_of(given.get("language"), (code for code, _ in index.languages)),
        "state": _one_of(given.get("state"), STATES),
        "sort": _one_of(given.get("sort"), orders),
    }
    return {key: value for key, value in asked.items() if value}


def _one_of(value: str | None, known: Iterable[str]) -> str:
    return value if value and value in set(known) else ""


def _amount(value: str | None) -> str:
    """A number of JP, with a point or a comma; "" for anything else."""
    written = (value or "").strip().replace(",", ".")
    return written if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", written) else ""


def _filter(asked: dict[str, str]) -> Filter:
    competency = asked.get("competency", "")
    return Filter(
        search=asked.get("q", ""),
        competency="" if competency == GAP else competency,
        gap_only=competency == GAP,
        level=int(asked["level"]) if "level" in asked else None,
        jp_min=Decimal(asked["jp_min"]) if "jp_min" in asked else None,
        jp_max=Decimal(asked["jp_max"]) if "jp_max" in asked else None,
        minutes=int(asked["minutes"]) if "minutes" in asked else None,
        category=asked.get("category", ""),
        language=asked.get("language", ""),
    )


def _by_state(states: dict[int, EnrolmentState], asked: str) -> dict[str, Collection[int]]:
    """Which courses (by id) the reader's own state leaves, and which close no gap any more."""
    completed = {course for course, state in states.items() if state is EnrolmentState.COMPLETED}
    limits: dict[str, Collection[int]] = {"taken": completed}
    if asked == NOT_STARTED:
        limits["without"] = states.keys()
    elif asked == EnrolmentState.COMPLETED:
        limits["courses"] = completed
    elif asked == EnrolmentState.OPEN:
        limits["courses"] = states.keys() - completed
    return limits


def _address(asked: dict[str, str], *, without: str = "", **more: Any) -> str:
    kept: dict[str, Any] = {key: value for key, value in asked.items() if key != without}
    return url_for(".catalogue", **kept, **more)


def _asked_words(index: Index, asked: dict[str, str]) -> list[tuple[str, str]]:
    """(key, words) of each filter in use."""
    names = {code: name for code, name, _ in index.competencies}
    names[GAP] = gettext("Menutup kesenjangan saya")
    states = {
        NOT_STARTED: gettext("Belum dimulai"),
        "open": gettext("Sedang diikuti"),
        "completed": gettext("Selesai"),
    }
    words: dict[str, Callable[[str], str]] = {
        "q": lambda value: f"“{value}”",
        "competency": lambda value: names[value],
        "level": lambda value: gettext("Ke tingkat %(level)s", level=value),
        "jp_min": lambda value: gettext("Mulai %(jp)s JP", jp=i18n.number(Decimal(value))),
        "jp_max": lambda value: gettext("Paling banyak %(jp)s JP", jp=i18n.number(Decimal(value))),
        "minutes": lambda value: gettext("Sampai %(time)s", time=i18n.duration(int(value))),
        "category": lambda value: value,
        "language": lambda value: gettext("Bahasa %(name)s", name=i18n.language_name(value)),
        "state": lambda value: states[value],
    }
    return [(key, words[key](value)) for key, value in asked.items() if key in words]


def _orders(
    asked: dict[str, str], usual: CatalogueOrder, *, has_gaps: bool
) -> list[tuple[str, str]]:
    """(words, address) of each order; the present one has no address."""
    words = {
        CatalogueOrder.FIT: gettext("paling sesuai"),
        CatalogueOrder.TITLE: gettext("judul"),
        CatalogueOrder.NEWEST: gettext("terbaru"),
        CatalogueOrder.SHORTEST: gettext("tersingkat"),
    }
    if not has_gaps:
        del words[CatalogueOrder.FIT]
    present = asked.get("sort", usual)
    return [
        (
            text,
            ""
            if order == present
            else _address(asked, without="sort", **({} if order == usual else {"sort": order})),
        )
        for order, text in words.items()
    ]


def _helps(
    asked: dict[str, str], find: Callable[[dict[str, str]], Results]
) -> list[tuple[str, str]]:
    """(words, address) of what would find something: without the filters, or one word alone."""
    search = asked.get("q", "")
    if len(asked.keys() - {"q", "sort"}) and (count := find({"q": search}).count):
        words = ngettext("%(num)s kursus tanpa saringan", "%(num)s kursus tanpa saringan", count)
        return [(words, _address({"q": search} if search else {}))]
    helps = []
    for word in search.split()[:MOST_HELPS] if " " in search else []:
        if count := find({"q": word}).count:
            words = ngettext(
                "%(num)s kursus untuk “%(word)s”", "%(num)s kursus untuk “%(word)s”", count,
                word=word,
            )  # fmt: skip
            helps.append((words, _address({"q": word})))
    return helps


@bp.get("/courses/<slug:slug>")
@requires(Permission.COURSES_CATALOGUE_READ)
def course(slug: str) -> ResponseReturnValue:
    return course_page(slug, AskForm(formdata=None))


@bp.post("/courses/<slug:slug>/enrol")
@requires(Permission.LEARNING_OWN_ACT)
def enrol(slug: str) -> ResponseReturnValue:
    form = AskForm(formdata=None)
    with writing(form):
        course = courses.course_for(current_actor(), slug)
        run = paging.public_id(request.form.get("run", ""))
        if run is None:
            actions.enrol(current_actor(), course)
            told = gettext("Anda terdaftar. Mulai kapan saja; kemajuan Anda tersimpan.")
        elif place := running.join(current_actor(), course, run):
            told = gettext("Angkatan ini penuh. Anda nomor %(num)s di daftar tunggu.", num=place)
        else:
            told = gettext("Anda mendapat kursi di angkatan ini.")
        flash(told, "ok")
        return redirect(url_for(".course", slug=slug))
    return course_page(slug, form), 422


def course_page(slug: str, form: AskForm) -> str:
    actor = current_actor()
    assert isinstance(actor, SignedIn)
    enrolment = queries.own_enrolment_or_none(actor, slug)
    learning = queries.learning_of(enrolment) if enrolment else None
    version = enrolment.version if enrolment else courses.current_version(actor, slug)
    today = clock.today(actor.time_zone)
    levels = competencies.levels_of(actor.person_id, actor.post, today)
    outline = courses.outline(version)
    opening = learning.opening if learning else queries.opening(outline)
    is_open = bool(enrolment and enrolment.is_open)
    completion = None if is_open or not enrolment else queries.completion_of(enrolment)
    duties = duties_of(actor.person_id)
    door = None
    if learning is None:
        course_id = version.course_id
        door = entering.doors(actor.person_id, actor.post, [course_id])[course_id]
    return render_template(
        "learning/course.html",
        form=form,
        slug=slug,
        version=version,
        size=courses.full_size(version),
        modules=modules_of(version),
        locked=lock_words(
            outline,
            learning.locked
            if learning
            else {**dict.fromkeys(opening, ()), **queries.locked(outline)},
            opening,
            actor.time_zone,
        ),
        runs=_runs(door, actor.person_id, version.course_id),
        run=enrolment.run if enrolment else None,
        withdrawn=enrolment.withdrawn if enrolment and is_open else None,
        run_dates=span_words(enrolment.run.starts_on, enrolment.run.ends_on)
        if enrolment and enrolment.run
        else "",
        opening=_opening_words(learning, actor.time_zone),
        may_leave=enrolment is not None and runs.may_leave(enrolment),
        goals=_goals(version),
        outcomes=courses.outcomes_named(version, levels.dictionary),
        levels={line.code: line for line in levels.lines},
        learning=learning,
        door=door,
        door_words=door_words(door) if door else "",
        asked_on=_asked_on(door, actor.time_zone),
        gains=[(gain, gains.words(gain)) for gain in gains.gains_of(learning)] if learning else [],
        scores=queries.shown_scores(learning) if learning else {},
        used=quizzes.attempt_counts(enrolment.uuid) if enrolment and is_open else {},
        completion=completion,
        certificate=credentials.current_by_source([completion.uuid]).get(completion.uuid)
        if completion
        else None,
        missing=_missing_words(learning) if learning else [],
        has_optional=len(outline.required) < len(outline.parts),
        has_quizzes=any(part.quiz_id for part in outline.required),
        is_scored=any(part.weight for part in outline.parts),
        due=next((d for d in duties if d.course_id == version.course_id), None),
        may_assign=Permission.LEARNING_TEAM_ASSIGN in actor.permissions,
        published=i18n.long_date(clock.local_day(version.published_at, actor.time_zone)),
    )


def _asked_on(door: Door | None, zone: str) -> str:
    """When the request or the invitation was made that the page tells of."""
    if door is None or door.last is None:
        return ""
    return i18n.long_date(clock.local_day(door.last.made_at, zone))


def _opening_words(learning: Learning | None, zone: str) -> str:
    """When the cohort begins; empty where it has, or there is none."""
    run = learning.enrolment.run if learning and learning.is_open else None
    return opens_words(run.starts_at, zone) if run and run.starts_at > clock.now() else ""


def _runs(door: Door | None, person_id: int, course_id: int) -> list[tuple[RunView, str, str]]:
    """The cohorts that one can register with now or later, with their days and when one can, the
    next one first; none where the course is taken without. Of those that the course is closed to
    only the one they wait for."""
    if door is None or not door.policy.by_run:
        return []
    registers = (Registration.OPEN, Registration.SOON) if door.entry.is_open else ()
    coming = [
        run
        for run in reversed(runs.runs_of(course_id, person_id))
        if run.place or run.registration in registers
    ]
    return [
        (run, span_words(run.starts_on, run.ends_on), registration_words(run)) for run in coming
    ]


def _goals(version: VersionView) -> list[tuple[GoalView, list[tuple[str, int]]]]:
    """Each goal, and the titles of the quizzes that can ask for it, with how many questions."""
    outline = courses.outline(version)
    return [
        (goal, [(outline.part(key).title, count) for key, count in goal.quizzes])
        for goal in courses.goals(version)
    ]


def _missing_words(learning: Learning) -> list[tuple[str, str]]:
    """(sentence, key of the part or "") for everything that is still missing."""
    words = []
    for kind, key in learning.judgement.missing:
        title = learning.outline.part(key).title if key else ""
        if kind is Missing.LESSON:
            words.append((_lesson_words(learning.outline.part(key)), key))
        elif kind is Missing.QUIZ and key in learning.waiting:
            words.append((gettext("%(title)s: menunggu penilaian pengajar", title=title), key))
        elif kind is Missing.QUIZ:
            needed = i18n.points(learning.outline.part(key).pass_percent)
            words.append(
                (gettext("Raih nilai %(needed)s di %(title)s", needed=needed, title=title), key)
            )
        else:
            needed = i18n.points(learning.version.pass_score)
            words.append((gettext("Nilai akhir paling rendah %(needed)s", needed=needed), ""))
    return words


def _lesson_words(part: Part) -> str:
    """What completes a lesson or a file."""
    if part.watched:
        return gettext(
            "Putar %(num)s persen atau baca transkripnya: %(title)s",
            num=part.watched,
            title=part.title,
        )
    if part.read_to_end and part.min_minutes:
        return gettext(
            "Baca sampai akhir, paling sedikit %(num)s menit: %(title)s",
            num=part.min_minutes,
            title=part.title,
        )
    if part.read_to_end:
        return gettext("Baca sampai akhir: %(title)s", title=part.title)
    if part.min_minutes:
        return gettext(
            "Pelajari paling sedikit %(num)s menit: %(title)s",
            num=part.min_minutes,
            title=part.title,
        )
    if part.medium:
        return gettext("Buka dan tandai selesai: %(title)s", title=part.title)
    return gettext("Baca dan tandai selesai: %(title)s", title=part.title)
