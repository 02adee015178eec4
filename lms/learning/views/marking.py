"""Penilaian: the queue of essays, and one essay with its rubric."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core import i18n, paging
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.forms import writing
from lms.core.markdown import plain
from lms.learning.actions import marking as actions
from lms.learning.forms import MarkForm
from lms.learning.queries import EnrolmentView
from lms.learning.queries import marking as queries
from lms.learning.queries.marking import Asked
from lms.learning.views.analytics import taught
from lms.learning.views.blueprint import bp
from lms.learning.views.essay import (
    attachment,
    lack_words,
    limit_words,
    lines_of,
    ruled,
    shown_file,
)
from lms.quizzes import essays
from lms.quizzes import queries as quizzes
from lms.quizzes.actions.essay_marks import Given, StaleMark
from lms.quizzes.essays import Essay
from lms.quizzes.queries import MarkView

if TYPE_CHECKING:
    from lms.quizzes.models import AnswerMark

STUDIO = Permission.COURSES_STUDIO_USE
NONE_CHOSEN = -1


@dataclass(frozen=True)
class Loaded:
    """An essay with what its page tells; `html` and `lines` are safe."""

    mark: "AnswerMark"
    enrolment: EnrolmentView
    name: str
    essay: Essay
    html: str
    text: str
    view: MarkView

    @property
    def slug(self) -> str:
        return self.enrolment.version.slug


@bp.get("/marking")
@requires(STUDIO)
def marking() -> ResponseReturnValue:
    """What waits in all courses that the actor teaches, the longest waiting first."""
    actor, asked, after = current_actor(), _asked(), paging.after_uuid()
    rows, more = queries.queue(actor, asked, after)
    views = quizzes.questions([row.question for row in rows])
    kept = _kept(asked)
    courses = queries.counts(actor)
    return render_template(
        "learning/marking.html",
        rows=[
            {
                "row": row,
                "words": plain(views[row.question].html),
                "most": _essay(views[row.question].essay).most,
                "at": i18n.instant(row.submitted_at, actor.time_zone),
            }
            for row in rows
        ],
        courses=courses,
        quizzes=queries.quizzes_in(actor, asked.slug) if asked.slug else [],
        waiting=sum(count for slug, _, _, count in courses if asked.slug in ("", slug)),
        asked=asked,
        kept=kept,
        first_url=url_for(".marking", **kept) if after else None,
        next_url=url_for(".marking", **kept, after=rows[-1].uuid) if more else None,
    )


@bp.route("/studio/<slug:slug>/marking/<uuid:uuid>", methods=["GET", "POST"])
@requires(STUDIO)
def mark_answer(slug: str, uuid: UUID) -> ResponseReturnValue:
    """One essay: its text, its file, the rubric and the mark."""
    actor, asked = current_actor(), _asked()
    found = _load(actor, slug, uuid)
    if request.method == "GET":
        return _page(actor, found, asked, _filled(found))
    form = MarkForm()
    chosen = _chosen(found.essay)
    if not form.validate():
        return _page(actor, found, asked, form, chosen), 422
    given = Given(
        points=None if found.essay.rubric else form.points.data,
        levels=tuple(chosen),
        feedback=(form.feedback.data or "").replace("\r\n", "\n").strip(),
        number=form.number.data or 0,
    )
    try:
        with writing(form):
            mark = _load(actor, slug, uuid).mark
            actions.mark(actor, mark, given, reason=form.reason.data or "")
            return redirect(_onward(actor, slug, uuid, asked))
    except StaleMark:
        now = _load(actor, slug, uuid)
        return _page(actor, now, asked, form, chosen, is_stale=True), 409
    return _page(actor, found, asked, form, chosen), 422


@bp.get("/studio/<slug:slug>/marking/<uuid:uuid>/file")
@requires(STUDIO)
def marked_file(slug: str, uuid: UUID) -> ResponseReturnValue:
    """The file handed in with an essay, for its markers."""
    mark = _load(current_actor(), slug, uuid).mark
    return attachment(quizzes.files_of(mark.attempt_id).get(mark.question_id))


def _load(actor: Actor, slug: str, uuid: UUID) -> Loaded:
    mark, enrolment, name = queries.mark_for(actor, taught(actor, slug), uuid)
    view = quizzes.questions([mark.question_id])[mark.question_id]
    answer = quizzes.answers_of(mark.attempt_id).get(mark.question_id)
    return Loaded(
        mark=mark,
        enrolment=enrolment,
        name=name,
        essay=_essay(view.essay),
        html=view.html,
        text=quizzes.text_of(answer.value) if answer else "",
        view=quizzes.marks_of(mark.attempt_id)[mark.question_id],
    )


def _essay(essay: Essay | None) -> Essay:
    assert essay is not None
    return essay


def _asked() -> Asked:
    return Asked(
        slug=request.args.get("course", "")[:80],
        quiz=request.args.get("quiz", "")[:60],
        marked=request.args.get("state") == "marked",
    )


def _kept(asked: Asked) -> dict[str, Any]:
    """What is asked for, as it stands in an address."""
    values = {
        "course": asked.slug, "quiz": asked.quiz, "state": "marked" if asked.marked else "",
    }  # fmt: skip
    return {name: value for name, value in values.items() if value}


def _onward(actor: Actor, slug: str, uuid: UUID, asked: Asked) -> str:
    """Where the pressed button leads: to the next essay that waits; after the last to the queue."""
    if request.form.get("do") == "next":
        waiting = replace(asked, marked=False)
        before, after = queries.neighbours(actor, waiting, uuid)
        following = queries.mark_slug(after or before)
        if following:
            return url_for(".mark_answer", slug=following, uuid=after or before, **_kept(waiting))
        flash(gettext("Tersimpan. Tidak ada esai lain yang menunggu."), "ok")
        return url_for(".marking", **_kept(waiting))
    flash(gettext("Penilaian tersimpan."), "ok")
    return url_for(".mark_answer", slug=slug, uuid=uuid, **_kept(asked))


def _chosen(essay: Essay) -> list[int]:
    """The level chosen for each criterion, by its place."""
    sent = [request.form.get(f"level-{at}", "") for at, _ in enumerate(essay.rubric)]
    return [int(each) if each.isdecimal() and len(each) < 3 else NONE_CHOSEN for each in sent]


def _filled(found: Loaded) -> MarkForm:
    mark = found.mark
    return MarkForm(formdata=None, number=mark.number, points=mark.points, feedback=mark.feedback)


def _page(
    actor: Actor,
    found: Loaded,
    asked: Asked,
    form: MarkForm,
    chosen: list[int] | None = None,
    *,
    is_stale: bool = False,
) -> str:
    """`chosen` are the levels as somebody has sent them."""
    mark, version = found.mark, found.enrolment.version
    attempt = mark.attempt
    if is_stale:
        form.number.data = mark.number  # the next save has seen what stands now
    file = quizzes.files_of(mark.attempt_id).get(mark.question_id)
    before, after = queries.neighbours(actor, asked, mark.uuid)
    return render_template(
        "learning/mark_answer.html",
        form=form,
        found=found,
        version=version,
        slug=version.slug,
        part=found.enrolment.outline.part(attempt.quiz_key),
        attempt=attempt,
        submitted=i18n.instant(mark.submitted_at, actor.time_zone),
        lines=lines_of(found.text),
        words=essays.word_count(found.text),
        limits=limit_words(found.essay),
        lacks=lack_words(
            found.essay, essays.lacks(found.essay, found.text, has_file=file is not None)
        ),
        file=shown_file(file),
        chosen=chosen or mark.levels or [NONE_CHOSEN] * len(found.essay.rubric),
        stands=_stands(actor, found) if mark.marked_at else None,
        is_stale=is_stale,
        asked=asked,
        kept=_kept(asked),
        before=_address(before, asked),
        after=_address(after, asked),
    )


def _address(uuid: UUID | None, asked: Asked) -> str:
    slug = queries.mark_slug(uuid)
    return url_for(".mark_answer", slug=slug, uuid=uuid, **_kept(asked)) if slug else ""


def _stands(actor: Actor, found: Loaded) -> dict[str, Any]:
    """The mark that stands, in words."""
    mark = found.mark
    assert mark.marked_at is not None
    return {
        "points": mark.points,
        "by": queries.marker_of(mark),
        "at": i18n.instant(mark.marked_at, actor.time_zone),
        "ruled": ruled(found.essay, found.view),
        "feedback": lines_of(mark.feedback),
    }
