"""Answering: one question a page, the review before sending, the result."""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from structlog import get_logger

from lms.core import clock, files, i18n
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.db import transaction
from lms.core.errors import NotFound, wants_json
from lms.core.forms import EmptyForm, writing
from lms.courses import queries as courses
from lms.learning import actions, queries
from lms.learning.forms import AnswerForm
from lms.learning.queries import AttemptContext, allowances
from lms.learning.views import essay, gains, limits
from lms.learning.views.blueprint import bp
from lms.learning.views.data_saver import draw_for, drawn
from lms.learning.views.result_rows import result_rows
from lms.quizzes import actions as quiz_actions
from lms.quizzes import queries as quizzes
from lms.quizzes import rules as quiz_rules
from lms.quizzes.essays import LONGEST, Handing
from lms.quizzes.marking import (
    LONGEST_TEXT,
    Value,
    as_sent,
)
from lms.quizzes.queries import AnswerView, QuestionView
from lms.quizzes.rules import SaveVerdict, Shown
from lms.quizzes.views import Checked, Draw, answer_field, checked, told

log = get_logger()
COUNTDOWN = timedelta(hours=24)  # an end further away is told with its day
_STAYS = {"check": "periksa", "file": "berkas", "detach": "berkas"}  # where the page goes on


@dataclass(frozen=True)
class MapItem:
    """A question in the question map."""

    number: int
    answered: bool
    flagged: bool
    begun: bool  # an essay of which something is saved
    heading: str | None = None  # of the section that begins here, may be empty


@bp.get("/attempts/<uuid:uuid>/questions/<int:number>")
@requires(Permission.LEARNING_OWN_ACT)
def question(uuid: UUID, number: int) -> ResponseReturnValue:
    context = queries.own_attempt(current_actor(), uuid)
    if elsewhere := _elsewhere(context):
        return elsewhere
    return _question_page(context, number)


@bp.post("/attempts/<uuid:uuid>/questions/<int:number>")
@requires(Permission.LEARNING_OWN_ACT)
@files.takes_documents(essay.LARGEST)
def answer(uuid: UUID, number: int) -> ResponseReturnValue:
    """Save one answer by itself, and go where the pressed button leads."""
    form = AnswerForm()
    context = queries.own_attempt(current_actor(), uuid)
    if not 1 <= number <= len(context.attempt.layout):
        raise NotFound
    sent = form.answer.data or []
    view = _asked(context, number)
    is_whole = form.validate() and len(form.seq.data or []) == 1
    file = essay.sent_file(form, view)
    if not is_whole or form.file.errors:
        return _refused(context, number, form)
    result = None
    act = actions.check_answer if request.form.get("go") == "check" else actions.save_answer
    with writing(form):
        if file is not None or request.form.get("go") == "detach":
            actions.attach_file(context.attempt, number, file)
        result = act(context.attempt, number, sent=sent, seq=form.seq.data[0])
        if "flag" in request.form:
            flagged = request.form["flag"] == "on"
            quiz_actions.flag_question(context.attempt, number, flagged=flagged)
    if result is None:
        return _refused(context, number, form)
    if wants_json():
        return _saved(result, view), 409 if result.verdict is SaveVerdict.STALE else 200
    if result.verdict is SaveVerdict.STALE and any(sent):
        return _question_page(context, number, sent=sent, stale=True), 409
    return redirect(_next_address(context, number))


def _asked(context: AttemptContext, number: int) -> QuestionView:
    question_id = quizzes.slots(context.attempt)[number - 1].question_id
    return quizzes.questions([question_id])[question_id]


def _saved(result: quiz_actions.SaveResult, view: QuestionView) -> dict[str, object]:
    """What the page is told; of a long text only how it begins."""
    told = [each[:LONGEST_TEXT] for each in result.sent]
    return {
        "saved": result.verdict is not SaveVerdict.STALE,
        "seq": result.seq,
        "answer": [int(each) if each.isdecimal() else each for each in told],
        "lacks": essay.lack_words(view.essay, result.lacks) if view.essay else "",
        "complete": result.complete,
        "message": gettext("Jawaban tersimpan")
        if result.verdict is not SaveVerdict.STALE
        else gettext("Soal ini sudah dijawab di tab atau perangkat lain."),
    }


def _refused(context: AttemptContext, number: int, form: AnswerForm) -> ResponseReturnValue:
    """The answer was not taken. Say why; what was chosen or typed stays on the page."""
    status = 422 if form.errors and not form.form_errors else 409
    reasons = [error for errors in form.errors.values() for error in errors]
    message = reasons[0] if reasons else gettext("Muat ulang halaman, lalu coba lagi.")
    if wants_json():
        return {"saved": False, "message": message}, status
    if elsewhere := _elsewhere(context):
        return elsewhere
    beside = message if form.answer.errors else ""
    essay_asked = _asked(context, number).essay
    takes_file = essay_asked is not None and essay_asked.file is not Handing.NONE
    of_file = form.file.errors[0] if form.file.errors and takes_file else ""
    page = _question_page(
        context,
        number,
        sent=form.answer.data or [],
        error="" if beside or of_file else message,
        answer_error=beside,
        file_error=of_file,
    )
    return page, status


def _next_address(context: AttemptContext, number: int) -> str:
    uuid, last = context.attempt.uuid, len(context.attempt.layout)
    go = request.form.get("go", "next")
    if "flag" in request.form:
        return url_for(".question", uuid=uuid, number=number)
    if go in _STAYS:
        return url_for(".question", uuid=uuid, number=number, _anchor=_STAYS[go])
    if go == "previous":
        return url_for(".question", uuid=uuid, number=max(1, number - 1))
    if go.isdecimal() and len(go) <= 4 and 1 <= int(go) <= last:
        return url_for(".question", uuid=uuid, number=int(go))
    if go == "review" or number >= last:
        return url_for(".review", uuid=uuid)
    return url_for(".question", uuid=uuid, number=number + 1)


@bp.get("/attempts/<uuid:uuid>/review")
@requires(Permission.LEARNING_OWN_ACT)
def review(uuid: UUID) -> ResponseReturnValue:
    """What is answered and what is not, before sending."""
    context = queries.own_attempt(current_actor(), uuid)
    if context.attempt.submitted_at is not None:
        return redirect(url_for(".result", uuid=uuid))
    handed = quizzes.files_of(context.attempt.id) if _takes_files(context) else {}
    items = _map(context, quizzes.answers_of(context.attempt.id), handed)
    return render_template(
        "learning/quiz_review.html",
        form=EmptyForm(),
        items=items,
        unanswered=[item.number for item in items if not (item.answered or item.begun)],
        outside=[item.number for item in items if item.begun and not item.answered],
        flagged=[item.number for item in items if item.flagged],
        is_over=quiz_rules.is_over(context.attempt.deadline_at, clock.now()),
        **_frame(context),
    )


@bp.post("/attempts/<uuid:uuid>/submit")
@requires(Permission.LEARNING_OWN_ACT)
def submit(uuid: UUID) -> ResponseReturnValue:
    """Kirim jawaban."""
    hand_in(current_actor(), uuid)
    return redirect(url_for(".result", uuid=uuid))


def hand_in(actor: Actor, uuid: UUID) -> None:
    """Two steps: the submission is committed first, then it is graded; a fault in grading leaves
    the submission, and the sweep grades it later."""
    with transaction():
        actions.submit_quiz(actor, queries.own_attempt(actor, uuid).attempt)
    try:
        with transaction():
            actions.grade_quiz(queries.own_attempt(actor, uuid).attempt)
    except Exception:
        log.exception("grading failed", attempt=str(uuid))


@bp.get("/attempts/<uuid:uuid>/result")
@requires(Permission.LEARNING_OWN_ACT)
def result(uuid: UUID) -> ResponseReturnValue:
    actor = current_actor()
    context = queries.own_attempt(actor, uuid)
    attempt = context.attempt
    if attempt.submitted_at is None:
        return redirect(url_for(".review", uuid=uuid))
    if attempt.graded_at is None and attempt.waits_since is not None:
        return essay.waiting_page(context, _frame(context))
    if attempt.graded_at is None:
        return render_template("learning/quiz_waiting.html", **_frame(context))
    quiz = quizzes.quiz_by_id(attempt.quiz_id)
    learning = queries.learning_of(context.enrolment)
    allowance = allowances.allowance_of(
        actor.person_id, learning.version.course_id, attempt.quiz_key, context.enrolment.run_id
    )
    part = allowances.with_allowance(context.part, allowance)
    taken = quizzes.attempts_of(attempt.holder, attempt.quiz_key)
    left = quizzes.may_start(part.limits, taken, clock.now())
    passed = quiz_rules.passes(attempt.percent, quiz.pass_percent)
    shown = queries.shown_of(learning, part, attempt.submitted_at)
    closes = i18n.instant(part.limits.closes_at, actor.time_zone) if part.limits.closes_at else ""
    _, after = learning.outline.neighbours(context.part)
    rows = [
        replace(row, lessons=gains.lesson_links(learning, row.tags)) for row in result_rows(context)
    ]
    gain = bars = None
    if Shown.MARKS in shown:
        gain = gains.gain_of(learning, part, attempt.percent or Decimal(0))
        bars = gains.competency_bars(attempt, gain)
    return render_template(
        "learning/quiz_result.html",
        form=EmptyForm(),
        learning=learning,
        quiz=quiz,
        passed=passed,
        right=sum(1 for row in rows if row.counts and row.fraction == 1),
        total=sum(1 for row in rows if row.counts),
        rows=[row for row in rows if row.fraction < 1 or Shown.CORRECTNESS not in shown]
        if Shown.ATTEMPT in shown
        else [],
        essays=essay.essay_rows(context) if Shown.ATTEMPT in shown else [],
        shown={part.name.lower() for part in shown},
        score_when=limits.shown_when(Shown.MARKS, part.review, closes),
        answers_when=limits.shown_when(Shown.RIGHT_ANSWER, part.review, closes),
        overall=quizzes.overall_feedback(quiz, attempt.percent or Decimal(0)),
        bars=bars,
        gain=gain,
        gain_words=gains.words(gain) if gain else "",
        left=left,
        refusal=limits.refusal(left, part.limits, actor.time_zone),
        after=learning.next_part if after and after.key in learning.locked else after,
        completion=queries.completion_of(context.enrolment),
        outcomes=courses.outcomes(context.enrolment.version),
        changes=quizzes.changes_of(attempt.id),
        numbers={slot.question_id: slot.number for slot in quizzes.slots(attempt)},
        submitted=i18n.instant(attempt.submitted_at, actor.time_zone),
        minutes=max(1, round((attempt.submitted_at - attempt.started_at).total_seconds() / 60)),
        **{**_frame(context), "part": part},
    )


def _elsewhere(context: AttemptContext) -> ResponseReturnValue | None:
    """Where to go when this attempt takes no answers any more."""
    attempt = context.attempt
    if attempt.submitted_at is not None:
        return redirect(url_for(".result", uuid=attempt.uuid))
    if quiz_rules.is_over(attempt.deadline_at, clock.now()):
        return redirect(url_for(".review", uuid=attempt.uuid))
    return None


def _question_page(
    context: AttemptContext,
    number: int,
    *,
    sent: list[str] | None = None,
    error: str = "",
    answer_error: str = "",
    file_error: str = "",
    stale: bool = False,
) -> str:
    slots = quizzes.slots(context.attempt)
    if not 1 <= number <= len(slots):
        raise NotFound
    slot = slots[number - 1]
    asked = quizzes.questions([slot.question_id])[slot.question_id]
    draw = draw_for(context.enrolment.version)
    view = drawn(asked, draw)
    answers = quizzes.answers_of(context.attempt.id)
    stored = answers.get(slot.question_id)
    value: Value = stored.value if stored else []
    handed = quizzes.files_of(context.attempt.id) if _takes_files(context) else {}
    text = quizzes.text_of(value) if sent is None else "".join(sent)
    return render_template(
        "learning/quiz_question.html",
        form=EmptyForm(),
        number=number,
        heading=_heading(context, number),
        total=len(slots),
        view=view,
        field=answer_field(
            asked, slot, as_sent(view.kind, value, slot.order) if sent is None else sent, draw
        ),
        seq=(stored.seq if stored else 0) + 1,
        essay=essay.essay_field(view.essay, text, handed.get(view.id)) if view.essay else None,
        file_error=file_error,
        state=_state(view, value, has_file=view.id in handed) if sent is None else "",
        is_flagged=bool(stored and stored.flagged),
        stored_lines=told(view, value) if stale else [],
        stale=stale,
        error=error,
        answer_error=answer_error,
        longest=LONGEST_TEXT if view.essay is None else LONGEST,
        practice=_practice(context, view, draw),
        comma=quizzes.quiz_by_id(context.attempt.quiz_id).decimal_comma,
        items=_map(context, answers, handed),
        **_frame(context),
    )


def _takes_files(context: AttemptContext) -> bool:
    """Does any question of the attempt take one? Else nobody need look."""
    views = quizzes.questions(slot.question_id for slot in quizzes.slots(context.attempt))
    return any(v.essay is not None and v.essay.file is not Handing.NONE for v in views.values())


def _practice(context: AttemptContext, view: QuestionView, draw: Draw) -> Checked | None:
    """Tries and hints of a question, in a practice quiz."""
    quiz = quizzes.quiz_by_id(context.attempt.quiz_id)
    if not quiz.practice:
        return None
    return checked(
        view,
        quizzes.tries_of(context.attempt.id).get(view.id, []),
        [draw(html) for html in quiz.hints.get(view.key, ())],
        quizzes.marking_of(quiz),
        shows=Shown.RIGHT_ANSWER in quiz_rules.ever_shown(quizzes.review_of(quiz)),
    )


def _state(view: QuestionView, value: Value, *, has_file: bool) -> str:
    """Of the saved answer: "saved", "partial" where something is left open, or none."""
    if not value and not has_file:
        return ""
    return "saved" if quizzes.is_complete(view, value, has_file=has_file) else "partial"


def _heading(context: AttemptContext, number: int) -> str:
    """The heading that a question stands under; empty without one."""
    headings: list[tuple[int, str]] = context.attempt.headings
    return next((title for first, title in reversed(headings) if first <= number), "")


def _frame(context: AttemptContext) -> dict[str, object]:
    attempt = context.attempt
    zone = current_actor().time_zone
    ends = attempt.deadline_at
    now = max(clock.now(), attempt.started_at)  # never more time left than there was
    is_near = ends is not None and ends - now < COUNTDOWN
    return {
        "attempt": attempt,
        "part": context.part,
        "version": context.enrolment.version,
        "slug": context.enrolment.version.slug,
        "ends_at": _end_words(ends, zone, is_near=is_near) if ends else None,
        "seconds_left": max(0, math.ceil((ends - now).total_seconds()))
        if ends and is_near
        else None,
    }


def _end_words(ends: datetime, zone: str, *, is_near: bool) -> str:
    return i18n.clock_time(ends, zone) if is_near else i18n.instant(ends, zone)


def _map(
    context: AttemptContext, answers: dict[int, AnswerView], handed: Collection[int]
) -> list[MapItem]:
    """`handed`: questions with a file."""
    headings: dict[int, str] = dict(context.attempt.headings)
    slots = quizzes.slots(context.attempt)
    views = quizzes.questions(slot.question_id for slot in slots)
    return [
        MapItem(
            slot.number,
            bool(
                row
                and quizzes.is_complete(
                    views[slot.question_id], row.value, has_file=slot.question_id in handed
                )
            ),
            bool(row and row.flagged),
            bool(
                row
                and views[slot.question_id].essay is not None
                and (row.value or slot.question_id in handed)
            ),
            headings.get(slot.number),
        )
        for slot in slots
        for row in [answers.get(slot.question_id)]
    ]
