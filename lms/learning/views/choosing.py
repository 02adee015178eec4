"""Which learners of a course a list is narrowed to, and whom of them an act is for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms.accounts import rules as people
from lms.core import paging
from lms.learning.actions.bulk import AT_ONCE, Outcome
from lms.learning.queries import learners as queries
from lms.learning.queries import runs
from lms.learning.queries.learners import Asked, LearnerState, Whom
from lms.learning.queries.reaching import Reached
from lms.learning.queries.runs import RunView
from lms.quizzes.statistics import BANDS

if TYPE_CHECKING:
    from lms.courses.models import Course

LOWS = {str(low) for low in range(0, 100, 100 // BANDS)}


def asked_for(cohorts: Sequence[RunView]) -> Asked:
    narrowed = kept()
    unit = queries.unit_of(narrowed["unit"]) if "unit" in narrowed else None
    is_part = "part" in narrowed and "reached" in narrowed
    return Asked(
        search=narrowed.get("q", ""),
        state=LearnerState(narrowed["state"]) if "state" in narrowed else None,
        path=unit.path if unit else "",
        next_key=narrowed.get("next", ""),
        run_id=next((run.id for run in cohorts if str(run.uuid) == narrowed.get("run")), None),
        key=narrowed["part"] if is_part else "",
        reached=Reached(narrowed["reached"]) if is_part else None,
        low=int(narrowed["score"]) if "score" in narrowed else None,
        nowhere="unit" in narrowed and unit is None,
    )


def kept() -> dict[str, Any]:
    """What is asked for, as it stands in an address; what it cannot be read as is left out."""
    state, reached = request.args.get("state", ""), request.args.get("reached", "")
    low = request.args.get("score", "")
    values = {
        "q": paging.search_words(),
        "unit": request.args.get("unit", "").strip()[: people.CODE_MAX],
        "state": state if state in set(LearnerState) else "",
        "next": request.args.get("next", "")[:60],
        "run": str(paging.public_id(request.args.get("run", "")) or ""),
        "part": request.args.get("part", "")[:60],
        "reached": reached if reached in set(Reached) else "",
        "score": low if low in LOWS else "",
    }
    return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class Chosen:
    """Whom an act is for, and how many of them it would reach: those who are under way. `uuids` of
    those who were ticked, none where it is everybody in the list."""

    whom: Whom
    uuids: tuple[UUID, ...]
    count: int


def chosen(course: "Course", *, is_sent: bool = False) -> Chosen | None:
    """None, with a word to the reader, where it is nobody, too many, or nobody whom it would reach;
    whoever has sent a form sees that there."""
    uuids = () if "all" in request.form else ticked()
    if uuids:
        found = Chosen(uuids, uuids, queries.count_reachable(course.id, uuids))
    elif "all" in request.form:
        whom = asked_for(runs.runs_of(course.id))
        found = Chosen(whom, (), queries.count_reachable(course.id, whom))
    else:
        return None
    if not found.count and not is_sent:
        flash(
            gettext(
                "Di antara yang dipilih tidak ada yang sedang belajar. Pesan, pengingat, "
                "pengecualian, pindah angkatan dan mengeluarkan hanya berlaku bagi mereka."
            ),
            "warn",
        )
        return None
    return found


def ticked() -> tuple[UUID, ...]:
    """Those who were ticked; none, with a word to the reader, where it is nobody or too many."""
    sent = (paging.public_id(value) for value in request.form.getlist("p"))
    uuids = tuple(dict.fromkeys(uuid for uuid in sent if uuid is not None))
    if len(uuids) > AT_ONCE:
        flash(gettext("Paling banyak %(num)s peserta sekaligus.", num=AT_ONCE), "warn")
        return ()
    if not uuids:
        flash(gettext("Pilih dahulu pesertanya."), "warn")
    return uuids


def back(slug: str) -> Response:
    """To the list as it was narrowed."""
    return redirect(url_for(".learners", slug=slug, **kept()))


def onward(slug: str, outcome: Outcome, told: str, where: str = "") -> Response:
    """After an act: to where it is told how far a job has come, or with the words to the list or
    `where` else."""
    if outcome.job:
        return redirect(url_for(".bulk_act", slug=slug, uuid=outcome.job))
    flash(told, "ok" if outcome.count else "warn")
    return redirect(where) if where else back(slug)
