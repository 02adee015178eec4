"""Analitik: how a course goes, and how its quizzes and questions do, for whoever writes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core import clock, i18n, paging, tables
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.errors import NotFound
from lms.core.forms import EmptyForm, writing
from lms.core.markdown import plain
from lms.courses import queries as courses
from lms.courses.queries import Part
from lms.courses.queries.drafts import entered, role_in
from lms.courses.rules import CourseRole
from lms.learning.actions import analysing
from lms.learning.queries.analytics import Analysis, QuizFigures, analysis_of
from lms.learning.queries.runs import RunView, run_view, runs_of
from lms.learning.views.blueprint import bp
from lms.learning.views.items import advice_on, decimal, items_of
from lms.learning.views.run_words import run_words
from lms.quizzes import queries as quizzes
from lms.quizzes.rules import normalised_gain
from lms.quizzes.statistics import BANDS, RELIABLE_FROM

if TYPE_CHECKING:
    from lms.courses.models import Course

STUDIO = Permission.COURSES_STUDIO_USE
SHOWN_FROM = 5  # attempts; figures of fewer are not drawn
ITEMS = "items"
PARTS = "parts"
FLAGGED = "flagged"


@dataclass(frozen=True)
class Band:
    """A bar of a histogram: from, to, how many, its height of 100, and where they are listed."""

    low: int
    high: int
    count: int
    height: int
    url: str


@dataclass(frozen=True)
class Seen:
    """A course whose figures are looked at: of everybody, or of the cohort that the address names,
    which is kept in the addresses that lead on."""

    course: "Course"
    runs: list[RunView]
    run: RunView | None
    analysis: Analysis

    @property
    def kept(self) -> dict[str, Any]:
        return {"run": str(self.run.uuid)} if self.run else {}


@bp.get("/studio/<slug:slug>/analytics")
@requires(STUDIO)
def analytics(slug: str) -> ResponseReturnValue:
    actor = current_actor()
    seen = loaded(actor, slug)
    figures, version = seen.analysis.figures, seen.analysis.version
    parts: dict[str, Part] = {}
    if version is not None:
        parts = {part.key: part for part in courses.outline(version).parts}
    return render_template(
        "learning/analytics.html",
        **frame(actor, seen),
        figures=figures,
        rows=[(parts[row.key], row) for row in figures.parts] if figures else [],
        bands=_bands(figures.scores, ".learners", slug=slug, **seen.kept) if figures else [],
        quizzes=[
            (parts[quiz.key], quiz, _gain_words(quiz), _gain_url(seen, quiz))
            for quiz in figures.quizzes
        ]
        if figures
        else [],
        decimal=decimal,
        reliable_from=RELIABLE_FROM,
        shown_from=SHOWN_FROM,
    )


@bp.get("/studio/<slug:slug>/analytics/<slug:key>")
@requires(STUDIO)
def quiz_analysis(slug: str, key: str) -> ResponseReturnValue:
    """One quiz of the course: its scores, and each of its questions, or those to be looked at."""
    actor = current_actor()
    seen = loaded(actor, slug)
    if seen.run and seen.analysis.figures is None:  # a cohort that is newer than the figures
        return redirect(url_for(".analytics", slug=slug, **seen.kept))
    part, quiz = quiz_of(seen.analysis, key)
    items = items_of(key, quiz.items)
    is_flagged = request.args.get("show") == FLAGGED
    return render_template(
        "learning/quiz_analysis.html",
        **frame(actor, seen),
        part=part,
        quiz=quiz,
        bands=_bands(quiz.histogram, ".first_attempts", slug=slug, key=key, **seen.kept),
        gain_words=_gain_words(quiz),
        gain_url=_gain_url(seen, quiz),
        items=[item for item in items if item.told.flags] if is_flagged else items,
        is_flagged=is_flagged,
        may_correct=may_write(actor, seen.course),
        decimal=decimal,
        reliability=_reliability_words(quiz),
        reliable_from=RELIABLE_FROM,
        shown_from=SHOWN_FROM,
    )


@bp.post("/studio/<slug:slug>/analytics/count")
@requires(STUDIO)
def count_anew(slug: str) -> ResponseReturnValue:
    """Hitung ulang."""
    actor = current_actor()
    seen = loaded(actor, slug)
    with writing():
        analysing.ask_count(actor, taught(actor, slug))
    return redirect(url_for(".analytics", slug=slug, **seen.kept))


@bp.post("/studio/<slug:slug>/analytics/export")
@requires(STUDIO)
def export_analytics(slug: str) -> ResponseReturnValue:
    """The parts, or the questions of all quizzes, as a CSV or XLSX file."""
    actor = current_actor()
    seen = loaded(actor, slug)
    table = ITEMS if request.form.get("table") == ITEMS else PARTS
    rows = _item_rows(seen.analysis) if table == ITEMS else _part_rows(seen.analysis)
    if seen.run:
        rows = _with_run(rows, seen.run.name)
    kind = tables.wanted_kind()
    file, count = tables.table_file(kind, rows, sheet=gettext("Analitik"))
    with writing():
        analysing.note_export(actor, taught(actor, slug), table, rows=count - 1)
    day = clock.today(actor.time_zone).isoformat()
    return tables.table_response(kind, file, name=f"{slug}-{gettext('analitik')}-{day}")


def taught(actor: Actor, slug: str) -> "Course":
    """A course whose learners the actor may see: its owners, authors and markers."""
    return entered(actor, slug, CourseRole.AUTHOR, CourseRole.MARKER)


def loaded(actor: Actor, slug: str) -> Seen:
    """Raises NotFound, also for a cohort that the course does not have."""
    course = taught(actor, slug)
    run, asked = None, request.args.get("run", "")
    if asked:
        uuid = paging.public_id(asked)
        if uuid is None:
            raise NotFound
        run = run_view(course.id, uuid)
    return Seen(course, runs_of(course.id), run, analysis_of(course.id, run.id if run else None))


def may_write(actor: Actor, course: "Course") -> bool:
    return role_in(actor, course) in (CourseRole.OWNER, CourseRole.AUTHOR)


def quiz_of(analysis: Analysis, key: str) -> tuple[Part, QuizFigures]:
    if analysis.figures is None or analysis.version is None:
        raise NotFound
    for quiz in analysis.figures.quizzes:
        if quiz.key == key:
            return courses.outline(analysis.version).part(key), quiz
    raise NotFound


def frame(actor: Actor, seen: Seen) -> dict[str, object]:
    course, analysis = seen.course, seen.analysis
    version = course.current_version
    return {
        "course": course,
        "runs": seen.runs,
        "run": seen.run,
        "run_words": run_words(seen.run) if seen.run else ("", ""),
        "kept": seen.kept,
        "title": version.title if version else course.slug,
        "language": version.language if version else "id",
        "is_published": version is not None,
        "is_asked": analysis.is_asked,
        "counted": i18n.instant(analysis.counted_at, actor.time_zone)
        if analysis.counted_at
        else "",
        "form": EmptyForm(),
    }


def _gain_url(seen: Seen, quiz: QuizFigures) -> str:
    """Those who took the pre-test and the quiz."""
    return url_for(".learners", slug=seen.course.slug, **seen.kept, part=quiz.key, reached="both")


# ── In words and bars ────────────────────────────────────────────────────────────────────────


def _bands(counts: tuple[int, ...], page: str, **kept: Any) -> list[Band]:
    width, top = 100 // BANDS, max(counts, default=0) or 1
    return [
        Band(
            at * width,
            (at + 1) * width,
            count,
            round(100 * count / top),
            url_for(page, **kept, score=at * width),
        )
        for at, count in enumerate(counts)
    ]


def _gain_words(quiz: QuizFigures) -> str:
    """What was gained since the pre-test; empty without one."""
    gain = quiz.gain
    if gain is None:
        return ""
    before, after = (Decimal(str(round(value, 2))) for value in (gain.before, gain.after))
    share = normalised_gain(before, after)
    words = gettext(
        "Dari %(before)s menjadi %(after)s, %(num)s peserta mengerjakan keduanya.",
        before=decimal(gain.before, 1), after=decimal(gain.after, 1), num=i18n.number(gain.count),
    )  # fmt: skip
    if share is None or gain.count < SHOWN_FROM:
        return words
    if share < 0:
        told = gettext("Nilainya turun.")
    else:
        told = gettext(
            "Tercapai %(share)s persen dari kenaikan yang mungkin.",
            share=decimal(100 * float(share)),
        )
    return f"{words} {told}"


def _reliability_words(quiz: QuizFigures) -> str:
    """What Cronbach's alpha says, or why it is not told."""
    told = quiz.statistics
    if told is None or told.count < SHOWN_FROM:
        return ""
    if told.consistency is None:
        return gettext(
            "Tidak dihitung: peserta tidak menjawab soal yang sama, atau nilainya tidak bervariasi."
        )
    if told.consistency >= 80:
        return gettext("Tinggi: cukup untuk keputusan tentang seseorang.")
    if told.consistency >= 60:
        return gettext("Cukup untuk latihan; untuk ujian tambah soal yang membedakan.")
    return gettext("Rendah: nilai banyak ditentukan kebetulan. Perbaiki butir di bawah.")


# ── As a file ────────────────────────────────────────────────────────────────────────────────


def _part_rows(analysis: Analysis) -> Iterator[list[object]]:
    yield [
        gettext("Bagian"), gettext("Judul"), gettext("Memulai"), gettext("Selesai"),
        gettext("Berhenti di sini"), gettext("Menit (median)"), gettext("Diukur dari"),
    ]  # fmt: skip
    if analysis.figures is None or analysis.version is None:
        return
    outline = courses.outline(analysis.version)
    for row in analysis.figures.parts:
        yield [
            row.key, outline.part(row.key).title, row.begun, row.done, row.stopped,
            _exact(row.minutes, 1), row.timed,
        ]  # fmt: skip


def _item_rows(analysis: Analysis) -> Iterator[list[object]]:
    yield [
        gettext("Kuis"), gettext("Kode soal"), gettext("Soal"), gettext("Jumlah percobaan"),
        gettext("Tingkat kemudahan"), gettext("Simpangan baku"), gettext("Daya beda"),
        gettext("Tidak dijawab"), gettext("Catatan"),
    ]  # fmt: skip
    for quiz in analysis.figures.quizzes if analysis.figures else ():
        views = quizzes.questions(item.question_id for item in quiz.items)
        for item in quiz.items:
            view, told = views[item.question_id], item.statistics
            yield [
                quiz.key, view.key, plain(view.html), told.count, _exact(told.facility, 4),
                _exact(told.deviation, 4), _exact(told.discrimination, 4), item.open,
                gettext("Tidak dinilai")
                if item.is_left_out
                else "; ".join(advice_on(flag)[1] for flag in item.flags),
            ]  # fmt: skip


def _with_run(rows: Iterator[list[object]], name: str) -> Iterator[list[object]]:
    """The cohort beside every row."""
    yield [*next(rows), gettext("Angkatan")]
    for row in rows:
        yield [*row, name]


def _exact(value: float | None, places: int) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, places)))
