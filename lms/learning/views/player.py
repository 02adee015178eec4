"""The player: lessons, their media, and where a quiz begins."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core import clock, display, files, headers, i18n
from lms.core.access import Permission, current_actor, requires
from lms.core.forms import EmptyForm, Form, writing
from lms.courses import queries as courses
from lms.courses.queries import Part, VersionView
from lms.courses.rules import ActivityKind
from lms.learning import actions, queries
from lms.learning.forms import ReportForm
from lms.learning.queries import Learning, allowances
from lms.learning.queries.reading import lacks_of, own_note, reading_of
from lms.learning.views import limits
from lms.learning.views.blueprint import bp
from lms.learning.views.data_saver import Picture, without_pictures
from lms.learning.views.outline import (
    kind_words,
    lock_words,
    modules_of,
    opens_words,
    waiting_for,
)
from lms.learning.views.quiz import hand_in
from lms.learning.views.reading import (
    lack_words,
    opened_token,
    report_of,
    saved_words,
    state_words,
)
from lms.quizzes import queries as quizzes
from lms.quizzes import rules as quiz_rules
from lms.quizzes.rules import Refusal, Shown

if TYPE_CHECKING:
    from lms.quizzes.models import Attempt


@bp.get("/courses/<slug:slug>/learn")
@requires(Permission.LEARNING_OWN_ACT)
def resume(slug: str) -> ResponseReturnValue:
    """Go to where the learner left off, on any device."""
    enrolment = queries.own_enrolment_or_none(current_actor(), slug)
    if enrolment is None:
        return redirect(url_for(".course", slug=slug))
    learning = queries.learning_of(enrolment)
    part = learning.next_part
    if part is None or part.key in learning.locked:
        return redirect(url_for(".course", slug=slug))
    return redirect(url_for(".part", slug=slug, key=part.key))


@bp.get("/courses/<slug:slug>/learn/<slug:key>")
@requires(Permission.LEARNING_OWN_ACT)
def part(slug: str, key: str) -> ResponseReturnValue:
    enrolment = queries.own_enrolment_or_none(current_actor(), slug)
    if enrolment is None:
        courses.course_for(current_actor(), slug)  # 404 when there is no such course
        return redirect(url_for(".course", slug=slug))
    learning = queries.learning_of(enrolment)
    found = learning.outline.part(key)
    if found.kind is ActivityKind.QUIZ:
        return _quiz_page(learning, found, EmptyForm())
    status = 403 if found.key in learning.locked else 200
    page = make_response(_lesson_page(learning, found, EmptyForm()), status)
    if found.kind is ActivityKind.DOCUMENT:
        headers.show_frames(page)
    return page


@bp.post("/courses/<slug:slug>/learn/<slug:key>/done")
@requires(Permission.LEARNING_OWN_ACT)
def done(slug: str, key: str) -> ResponseReturnValue:
    """Selesai, lanjut: mark the lesson as done and go to the next part."""
    form = ReportForm()
    enrolment = queries.own_enrolment(current_actor(), slug)
    found = enrolment.outline.part(key)
    if not form.validate():
        return _lesson_page(queries.learning_of(enrolment), found, form), 422
    with writing(form):
        if form.seq.data is not None or found.has_conditions:
            report = report_of(form, enrolment, found)
            learning, reading = actions.report_reading(enrolment.uuid, found, report)
            lacks = lacks_of(found, reading)
            if lacks and found.key not in learning.done and learning.keeps(found):
                # No refusal: the time that has passed is kept.
                flash(gettext("Belum selesai: %(lacks)s.", lacks=lack_words(found, lacks)), "warn")
                return redirect(url_for(".part", slug=slug, key=key))
        learning = actions.mark_lesson_done(enrolment.uuid, found)
        return redirect(_onward(learning, found))
    return _lesson_page(queries.learning_of(enrolment), found, form), 422


def _onward(learning: Learning, found: Part) -> str:
    """Where the learner goes on after a lesson: the next part, or where the next is locked the
    first that is open and not done."""
    slug = learning.version.slug
    _, after = learning.outline.neighbours(found)
    if after is None or (
        learning.judgement.passed and len(learning.done) == len(learning.outline.parts)
    ):
        return url_for(".course", slug=slug)
    if after.key in learning.locked:
        why = _lock_words(learning)[after.key]
        flash(gettext("%(title)s: %(why)s.", title=after.title, why=why), "info")
        return url_for(".resume", slug=slug)
    return url_for(".part", slug=slug, key=after.key)


@bp.post("/courses/<slug:slug>/learn/<slug:key>/attempts")
@requires(Permission.LEARNING_OWN_ACT)
def start(slug: str, key: str) -> ResponseReturnValue:
    """Mulai kuis: the open attempt goes on, else a new one begins."""
    actor = current_actor()
    form = EmptyForm()
    enrolment = queries.own_enrolment(actor, slug)
    found = enrolment.outline.part(key)
    for expired in queries.expired_attempts(enrolment, found):
        hand_in(actor, expired)
    with writing(form):
        attempt = actions.start_quiz(actor, enrolment.uuid, found)
        return redirect(url_for(".question", uuid=attempt.uuid, number=1))
    return _quiz_page(queries.learning_of(enrolment), found, form), 422


@bp.get("/courses/<slug:slug>/learn/<path:name>")
@requires(Permission.LEARNING_OWN_ACT)
def media(slug: str, name: str) -> ResponseReturnValue:
    """A file of a lesson, for those enrolled; video and audio by ranges."""
    enrolment = queries.own_enrolment(current_actor(), slug)
    found = courses.media_file(enrolment.version, name, request.args.get("v"))
    return files.answer(found.digest, found.content_type)


def _lesson_page(learning: Learning, found: Part, form: Form) -> str:
    if found.key in learning.locked:
        return render_template("learning/locked.html", form=form, **_frame(learning, found))
    is_done = found.key in learning.done
    reading = reading_of(learning.enrolment, found)
    note = own_note(current_actor(), learning.version, found)
    return render_template(
        "learning/lesson.html",
        form=form,
        pieces=_pieces(learning.version, found),
        is_done=is_done,
        is_to_do=not is_done and learning.keeps(found),
        opened=opened_token(learning.enrolment, found),
        reading=reading,
        state=state_words(found, reading, is_done),
        note=note,
        note_saved=saved_words(note.saved_at) if note.saved_at else "",
        resume_words="" if is_done else _resume_words(found, reading.position),
        sizes=_sizes(found),
        **_frame(learning, found),
    )


def _pieces(version: VersionView, found: Part) -> Iterable[tuple[str, Picture | None]]:
    """The text of a lesson; in more than one piece where pictures are left out."""
    html = courses.activity_html(version, found)
    if display.chosen("data") == "less":
        return without_pictures(html, courses.media_sizes(version))
    return [(html, None)]


def _resume_words(found: Part, second: int) -> str:
    """Lanjutkan dari 4:12; empty at the beginning and at the end."""
    if found.medium is None or not 0 < second < found.medium.seconds - 1:
        return ""
    return gettext("Lanjutkan dari %(time)s", time=f"{second // 60}:{second % 60:02}")


def _sizes(found: Part) -> tuple[str, str]:
    """Sizes of the file and of the sound alone, in words."""
    if found.medium is None:
        return "", ""
    return i18n.megabytes(found.medium.size), i18n.megabytes(found.medium.audio_size)


def _quiz_page(learning: Learning, found: Part, form: EmptyForm) -> str:
    zone, now = current_actor().time_zone, clock.now()
    allowance = allowances.allowance_of(
        current_actor().person_id, learning.version.course_id, found.key, learning.enrolment.run_id
    )
    usual, found = found.limits, allowances.with_allowance(found, allowance)
    attempts = quizzes.attempts_of(learning.enrolment.uuid, found.key)
    ended = [
        (a, at)
        for a in attempts
        if (at := quiz_rules.ended_at(a.submitted_at, a.deadline_at, now)) is not None
    ]
    in_progress = next((a for a in attempts if a not in [each for each, _ in ended]), None)
    verdict = quizzes.may_start(found.limits, attempts, now)
    closes = i18n.instant(found.limits.closes_at, zone) if found.limits.closes_at else ""
    opens = found.limits.opens_at
    ending = _ending(found, in_progress, now, zone)
    return render_template(
        "learning/quiz_intro.html",
        form=form,
        in_progress=in_progress,
        may_start=learning.is_open
        and (in_progress is not None or (verdict.allowed and found.key not in learning.locked)),
        refusal="" if in_progress else limits.refusal(verdict, found.limits, zone),
        is_spent=verdict.refusal is Refusal.NONE_LEFT,
        attempts_left=verdict.left,
        counting=limits.counting(found.grade_method),
        waiting=limits.waiting(found.limits),
        allowed=limits.allowed(usual, found.limits, zone),
        practice=limits.practice(found.tries) if found.tries else "",
        influence=limits.influence(found, learning.outline.weights),
        ending=ending,
        opens=i18n.instant(opens, zone) if opens and now < opens else "",
        closes="" if closes in ending else closes,
        passed=found.key in learning.done,
        score=queries.shown_scores(learning).get(found.key),
        score_when=limits.shown_when(Shown.MARKS, found.review, closes),
        always_when=limits.always(),
        answers_when=limits.shown_when(Shown.RIGHT_ANSWER, found.review, closes),
        attempts=[
            {
                "number": a.number,
                "at": i18n.instant(at, zone),
                "is_graded": a.percent is not None,
                "is_waiting": a.percent is None and a.waits_since is not None,
                "is_voided": a.voided_at is not None,
                "percent": a.percent
                if Shown.MARKS in queries.shown_of(learning, found, a.submitted_at)
                else None,
                "url": url_for(".result" if a.submitted_at else ".review", uuid=a.uuid),
            }
            for a, at in ended
        ],
        **_frame(learning, found),
    )


def _ending(found: Part, in_progress: "Attempt | None", now: datetime, zone: str) -> str:
    if in_progress is None:
        return limits.ending(found.limits, now, zone)
    if in_progress.deadline_at is None:
        return gettext("Tidak ada batas waktu.")
    return gettext("Berakhir %(at)s.", at=i18n.instant(in_progress.deadline_at, zone))


def _lock_words(learning: Learning) -> dict[str, str]:
    zone = current_actor().time_zone
    return lock_words(learning.outline, learning.locked, learning.opening, zone)


def _frame(learning: Learning, found: Part) -> dict[str, object]:
    """What the player shows around every part."""
    before, after = learning.outline.neighbours(found)
    return {
        "learning": learning,
        "version": learning.version,
        "slug": learning.version.slug,
        "part": found,
        "words": kind_words(found),
        "module": learning.outline.module_of(found),
        "modules": modules_of(learning.version),
        "locked": _lock_words(learning),
        "opening": opens_words(learning.opening[found.key], current_actor().time_zone)
        if found.key in learning.opening
        else "",
        "waits": waiting_for(learning.outline, learning.locked.get(found.key, ())),
        "before": before,
        "after": after,
    }
