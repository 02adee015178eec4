"""Within a lesson: what its page reports, and notes of one's own."""

from datetime import datetime
from typing import TYPE_CHECKING

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core import clock, i18n, tokens
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError, wants_json
from lms.core.forms import writing
from lms.courses.queries import Part
from lms.learning import actions, queries
from lms.learning.actions import Report
from lms.learning.forms import NoteForm, ReportForm
from lms.learning.queries import EnrolmentView
from lms.learning.queries.reading import Reading, lacks_of, own_note, own_notes
from lms.learning.rules import Lack
from lms.learning.views.blueprint import bp

if TYPE_CHECKING:
    from collections.abc import Sequence

OPEN_FOR = 12 * 3600  # seconds that a page may stay open and still report
_OPENED = "lesson-opened"


@bp.post("/courses/<slug:slug>/learn/<slug:key>/progress")
@requires(Permission.LEARNING_OWN_ACT)
def progress(slug: str, key: str) -> ResponseReturnValue:
    """Take the report of a page's script: time in sight, place, end reached."""
    form = ReportForm()
    enrolment = queries.own_enrolment(current_actor(), slug)
    part = enrolment.outline.part(key)
    if not form.validate() or form.seq.data is None:
        raise DomainError(gettext("Muat ulang halaman, lalu coba lagi."))
    with writing():
        learning, reading = actions.report_reading(
            enrolment.uuid, part, report_of(form, enrolment, part)
        )
    is_done = part.key in learning.done
    return {"seq": reading.seq, "done": is_done, "message": state_words(part, reading, is_done)}


def opened_token(enrolment: EnrolmentView, part: Part) -> str:
    """The signed time at which a page is opened: nobody can claim time from before it."""
    return tokens.sign(_OPENED, [str(enrolment.uuid), part.key, clock.now().isoformat()])


def report_of(form: ReportForm, enrolment: EnrolmentView, part: Part) -> Report:
    """Without the script's numbers the button itself says that the end is reached."""
    by_script = form.seq.data is not None
    return Report(
        opened_at=_opened_at(form.opened.data or "", enrolment, part),
        seq=form.seq.data or 0,
        seconds=(form.seconds.data or 0) if by_script else None,
        position=form.position.data,
        at_end=form.end.data if by_script else True,
        watched=form.watched.data or (),
    )


def _opened_at(token: str, enrolment: EnrolmentView, part: Part) -> datetime:
    value = tokens.unsign(_OPENED, token, OPEN_FOR)
    if value is None or value[:2] != [str(enrolment.uuid), part.key]:
        return clock.now()
    return datetime.fromisoformat(value[2])


def lack_words(part: Part, lacks: "Sequence[tuple[Lack, int]]") -> str:
    """baca sampai akhir; pelajari 2 menit lagi"""
    return "; ".join(_lack_words(part, lack, number) for lack, number in lacks)


def _lack_words(part: Part, lack: Lack, number: int) -> str:
    if lack is Lack.END:
        return gettext("baca sampai akhir")
    if lack is Lack.TIME:
        return gettext("pelajari %(num)s menit lagi", num=number)
    return gettext(
        "putar %(needed)s persen atau baca transkripnya (terputar %(num)s persen)",
        needed=part.watched,
        num=number,
    )


def state_words(part: Part, reading: Reading, is_done: bool) -> str:
    """What a lesson with conditions still lacks; empty for one without."""
    if not part.has_conditions:
        return ""
    if is_done:
        return gettext("Syarat selesai terpenuhi.")
    return gettext("Untuk selesai: %(lacks)s.", lacks=lack_words(part, lacks_of(part, reading)))


# ── Notes ────────────────────────────────────────────────────────────────────────────────────


@bp.post("/courses/<slug:slug>/learn/<slug:key>/note")
@requires(Permission.LEARNING_OWN_ACT)
def save_note(slug: str, key: str) -> ResponseReturnValue:
    """Save a note of one's own, by the button or by itself."""
    form = NoteForm()
    actor = current_actor()
    enrolment = queries.own_enrolment(actor, slug)
    part = enrolment.outline.part(key)
    text = (form.text.data or "").replace("\r\n", "\n")
    form.text.data = text  # as long as it was typed: browsers send two signs for a line end
    if not form.validate():
        return _note_refused(slug, part, form, 422)
    with writing():
        result = actions.save_note(actor, enrolment.uuid, part, text=text, seq=form.seq.data or 0)
    message = saved_words(result.saved_at) if result.stored else _elsewhere()
    if wants_json():
        answer = {"saved": result.stored, "seq": result.seq, "message": message}
        return answer, 200 if result.stored else 409
    if not result.stored:
        form.text.errors = [*form.text.errors, message]
        return _note_refused(slug, part, form, 409)
    return redirect(url_for(".part", slug=slug, key=key, _anchor="catatan"))


def _elsewhere() -> str:
    return gettext(
        "Catatan ini sudah diubah di tab atau perangkat lain. Tulisan Anda tetap di sini; simpan "
        "sekali lagi untuk menggantinya."
    )


def saved_words(at: datetime) -> str:
    """Tersimpan 21 November 2026, 14.05 WIB"""
    return gettext("Tersimpan %(time)s", time=i18n.instant(at, current_actor().time_zone))


def _note_refused(slug: str, part: Part, form: NoteForm, status: int) -> ResponseReturnValue:
    """Not saved. Say why; what was typed stays on the page."""
    actor = current_actor()
    enrolment = queries.own_enrolment(actor, slug)
    stored = own_note(actor, enrolment.version, part)
    if wants_json():
        reasons = [error for errors in form.errors.values() for error in errors]
        return {"saved": False, "seq": stored.seq, "message": reasons[0]}, status
    form.seq.data = stored.seq + 1
    page = render_template(
        "learning/note.html",
        form=form,
        slug=slug,
        version=enrolment.version,
        part=part,
        stored=stored,
        stored_at=saved_words(stored.saved_at) if stored.saved_at else "",
    )
    return page, status


@bp.get("/courses/<slug:slug>/notes")
@requires(Permission.LEARNING_OWN_ACT)
def notes(slug: str) -> ResponseReturnValue:
    """All own notes of a course on one page, to read again or to print."""
    actor = current_actor()
    enrolment = queries.own_enrolment(actor, slug)
    found = own_notes(actor, enrolment.version)
    return render_template(
        "learning/notes.html",
        slug=slug,
        version=enrolment.version,
        notes=[
            (part, note.text, saved_words(note.saved_at)) for part, note in found if note.saved_at
        ],
    )
