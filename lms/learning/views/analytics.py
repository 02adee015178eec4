"""Analitik: how a course goes, and how its quizzes and questions do, for whoever writes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core import clock, i18n, tables
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.errors import NotFound
from lms.core.forms import EmptyForm, writing
from lms.core.markdown import plain
from lms.courses import queries as courses
from lms.courses.queries import Part
from lms.courses.queries.drafts import role_in, written_course
from lms.courses.rules import CourseRole
from lms.learning.actions import analysing
from lms.learning.queries.analytics import Analysis, ItemFigures, QuizFigures, analysis_of
from lms.learning.views.blueprint import bp
from lms.quizzes import queries as quizzes
from lms.quizzes.marking import CHOICES, stems
from lms.quizzes.queries import QuestionView, corrections
from lms.quizzes.rules import QuestionKind, normalised_gain
from lms.quizzes.statistics import BANDS, RELIABLE_FROM, Flag

if TYPE_CHECKING:
    from lms.courses.models import Course

STUDIO = Permission.COURSES_STUDIO_USE
SHOWN_FROM = 5  # attempts; figures of fewer are not drawn
ITEMS = "items"
PARTS = "parts"


@dataclass(frozen=True)
class Shown:
    """One line of what was answered: its words, whether it earns points, how many, and of all."""

    words: str
    right: bool
    count: int
    percent: int


@dataclass(frozen=True)
class Band:
    """A bar of a histogram: from, to, how many, and its height of 100."""

    low: int
    high: int
    count: int
    height: int


@bp.get("/studio/<slug:slug>/analytics")
@requires(STUDIO)
def analytics(slug: str) -> ResponseReturnValue:
    actor = current_actor()
    course, analysis = _loaded(actor, slug)
    figures, version = analysis.figures, analysis.version
    parts: dict[str, Part] = {}
    if version is not None:
        parts = {part.key: part for part in courses.outline(version).parts}
    return render_template(
        "learning/analytics.html",
        **_frame(actor, course, analysis),
        figures=figures,
        rows=[(parts[row.key], row) for row in figures.parts] if figures else [],
        bands=_bands(figures.scores) if figures else [],
        quizzes=[(parts[quiz.key], quiz, _gain_words(quiz)) for quiz in figures.quizzes]
        if figures
        else [],
        decimal=decimal,
        reliable_from=RELIABLE_FROM,
        shown_from=SHOWN_FROM,
    )


@bp.get("/studio/<slug:slug>/analytics/<slug:key>")
@requires(STUDIO)
def quiz_analysis(slug: str, key: str) -> ResponseReturnValue:
    """One quiz of the course: its scores, and each of its questions."""
    actor = current_actor()
    course, analysis = _loaded(actor, slug)
    part, quiz = _quiz_of(analysis, key)
    views = quizzes.questions(item.question_id for item in quiz.items)
    views = corrections.as_corrected(key, views)
    return render_template(
        "learning/quiz_analysis.html",
        **_frame(actor, course, analysis),
        part=part,
        quiz=quiz,
        bands=_bands(quiz.histogram),
        gain_words=_gain_words(quiz),
        items=[
            (
                item,
                plain(views[item.question_id].html),
                _answers(item, views[item.question_id]),
                [_advice(flag) for flag in item.flags],
            )
            for item in quiz.items
        ],
        uuids=corrections.uuids_of(list(views)),
        may_correct=role_in(actor, course) in (CourseRole.OWNER, CourseRole.AUTHOR),
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
    with writing():
        analysing.ask_count(actor, taught(actor, slug))
    return redirect(url_for(".analytics", slug=slug))


@bp.post("/studio/<slug:slug>/analytics/export")
@requires(STUDIO)
def export_analytics(slug: str) -> ResponseReturnValue:
    """The parts, or the questions of all quizzes, as a CSV or XLSX file."""
    actor = current_actor()
    _, analysis = _loaded(actor, slug)
    table = ITEMS if request.form.get("table") == ITEMS else PARTS
    rows = _item_rows(analysis) if table == ITEMS else _part_rows(analysis)
    kind = tables.wanted_kind()
    file, count = tables.table_file(kind, rows, sheet=gettext("Analitik"))
    with writing():
        analysing.note_export(actor, taught(actor, slug), table, rows=count - 1)
    day = clock.today(actor.time_zone).isoformat()
    return tables.table_response(kind, file, name=f"{slug}-{gettext('analitik')}-{day}")


def taught(actor: Actor, slug: str) -> "Course":
    """A course whose learners the actor may see: its owners, authors and markers."""
    return entered(actor, slug, CourseRole.AUTHOR, CourseRole.MARKER)


def entered(actor: Actor, slug: str, *roles: CourseRole) -> "Course":
    """As `written_course`, but for a bank of questions, which nobody enters: NotFound."""
    course = written_course(actor, slug, *roles)
    if course.is_bank:
        raise NotFound
    return course


def _loaded(actor: Actor, slug: str) -> "tuple[Course, Analysis]":
    course = taught(actor, slug)
    return course, analysis_of(course.id)


def _quiz_of(analysis: Analysis, key: str) -> tuple[Part, QuizFigures]:
    if analysis.figures is None or analysis.version is None:
        raise NotFound
    for quiz in analysis.figures.quizzes:
        if quiz.key == key:
            return courses.outline(analysis.version).part(key), quiz
    raise NotFound


def _frame(actor: Actor, course: "Course", analysis: Analysis) -> dict[str, object]:
    version = course.current_version
    return {
        "course": course,
        "title": version.title if version else course.slug,
        "language": version.language if version else "id",
        "is_published": version is not None,
        "is_asked": analysis.is_asked,
        "counted": i18n.instant(analysis.counted_at, actor.time_zone)
        if analysis.counted_at
        else "",
        "form": EmptyForm(),
    }


# ── In words and bars ────────────────────────────────────────────────────────────────────────


def decimal(value: float | None, places: int = 0) -> str:
    """A figure with at most so many decimals, in the language of the page; a dash for none."""
    if value is None:
        return "–"
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return i18n.number(exact.normalize() if exact else Decimal(0))


def _bands(counts: tuple[int, ...]) -> list[Band]:
    width, top = 100 // BANDS, max(counts, default=0) or 1
    return [
        Band(at * width, (at + 1) * width, count, round(100 * count / top))
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


def _advice(flag: Flag) -> tuple[str, str, str]:
    """The tone, the name and what to do about it."""
    return {
        Flag.BACKWARDS: (
            "bad", gettext("Daya beda negatif"),
            gettext("Peserta yang kuat justru lebih sering salah. Periksa kunci jawabannya."),
        ),
        Flag.RIVAL: (
            "bad", gettext("Pengecoh mengalahkan kunci"),
            gettext("Satu pilihan salah paling banyak dipilih. Periksa kunci, atau perjelas soal."),
        ),
        Flag.HARD: (
            "warn", gettext("Sangat sulit"),
            gettext("Kurang dari seperempat benar. Periksa apakah materinya sudah diajarkan."),
        ),
        Flag.EASY: (
            "warn", gettext("Sangat mudah"),
            gettext("Hampir semua benar. Soal ini tidak membedakan; ganti atau pindah ke latihan."),
        ),
        Flag.WEAK: (
            "warn", gettext("Daya beda lemah"),
            gettext("Yang kuat dan yang lemah hampir sama. Perjelas soal dan pengecohnya."),
        ),
        Flag.UNUSED: (
            "info", gettext("Pengecoh tidak terpakai"),
            gettext("Ada pilihan yang tidak pernah dipilih. Ganti dengan kekeliruan yang lazim."),
        ),
    }[flag]  # fmt: skip


def _answers(item: ItemFigures, view: QuestionView) -> list[Shown]:
    """What was answered: options with how many chose them, stems and items with how many had them
    right, or the commonest texts; and how many left it open."""
    count = item.statistics.count

    def line(words: str, number: int, *, right: bool) -> Shown:
        return Shown(words, right, number, round(100 * number / count))

    found = [line(text, number, right=right) for text, number, right in item.typed]
    if view.kind is QuestionKind.MATCHING:
        told = [(f"{plain(stem.html)} → {stem.answer}", True) for stem in stems(view.options)]
    else:
        weighs = view.kind in CHOICES
        told = [(plain(o.html), not weighs or o.weight > 0) for o in view.options]
    found += [
        line(words, number, right=right)
        for (words, right), number in zip(told, item.chosen, strict=False)
    ]
    if item.open:
        found.append(line(gettext("Tidak dijawab"), item.open, right=False))
    return found


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
                "; ".join(_advice(flag)[1] for flag in item.flags),
            ]  # fmt: skip


def _exact(value: float | None, places: int) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, places)))
