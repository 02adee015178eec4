"""What a question was, what changed since, and bringing it back."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError
from lms.core.forms import writing
from lms.courses.actions import questions
from lms.courses.forms.text import BlockForm
from lms.courses.queries.question_history import version_of, versions_of
from lms.courses.queries.quizzes import entry_for, mark_of, quiz_for
from lms.courses.views.blueprint import bp
from lms.courses.views.quizzes import seen, written
from lms.formats import difference


@bp.get("/studio/<slug:slug>/quizzes/<uuid:file>/questions/<slug:key>/history")
@requires(Permission.COURSES_STUDIO_USE)
def question_history(slug: str, file: UUID, key: str) -> ResponseReturnValue:
    """Every text that it had, each beside the one of now."""
    _, draft, may_write = seen(slug)
    quiz = quiz_for(draft, file)
    position, entry = entry_for(quiz, key)
    assert quiz.gift is not None
    return render_template(
        "courses/question_history.html",
        slug=slug,
        quiz=quiz,
        entry=entry,
        number=position + 1,
        versions=[
            (each, [] if each.text == entry.text else difference.rows(each.text, entry.text))
            for each in versions_of(quiz.gift, key)
        ],
        zone=current_actor().time_zone,
        may_write=may_write,
        form=BlockForm(formdata=None, base=mark_of(quiz, entry)),
    )


@bp.post(
    "/studio/<slug:slug>/quizzes/<uuid:file>/questions/<slug:key>/history/<int:number>/restore"
)
@requires(Permission.COURSES_STUDIO_USE)
def restore_question_version(slug: str, file: UUID, key: str, number: int) -> ResponseReturnValue:
    """Put a former text in the place of the one of now, which stays in the history."""
    form = BlockForm()
    _, _, draft = written(slug)
    quiz = quiz_for(draft, file)
    entry_for(quiz, key)
    assert quiz.gift is not None
    text = version_of(versions_of(quiz.gift, key), number).text
    try:
        with writing():
            actor, _, draft = written(slug)
            questions.save_question(actor, draft, file, key, text, form.base.data or "", apart=True)
    except questions.StaleQuestion as error:
        raise DomainError(
            gettext("Soal ini baru saja diubah lagi. Lihat perbedaannya dahulu, lalu pulihkan.")
        ) from error
    flash(gettext("Dipulihkan. Teks sebelumnya tetap ada dalam riwayat."), "ok")
    return redirect(url_for(".question_history", slug=slug, file=file, key=key))
