"""Who does what on a course: for its owners."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.accounts import rules as people
from lms.core import paging
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError, Forbidden, NotFound
from lms.core.forms import EmptyForm, writing
from lms.courses.actions import members as acts
from lms.courses.queries import members as found
from lms.courses.queries.drafts import role_in, written_course
from lms.courses.queries.studio import workshop
from lms.courses.rules import CourseRole
from lms.courses.views.blueprint import bp

if TYPE_CHECKING:
    from lms.accounts.models import Person
    from lms.courses.models import Course

USE = Permission.COURSES_STUDIO_USE


@bp.get("/studio/<slug:slug>/members")
@requires(USE)
def members(slug: str) -> ResponseReturnValue:
    actor, search = current_actor(), paging.search_words()
    course = written_course(actor, slug, *CourseRole)
    may_change = role_in(actor, course) is CourseRole.OWNER
    candidates = found.candidates(course, search) if search and may_change else []
    return render_template(
        "courses/members.html",
        course=workshop(course),
        members=[(each, people.spaced_nip(each.nip)) for each in found.members_of(course)],
        candidates=[(each, people.spaced_nip(each.nip)) for each in candidates],
        may_change=may_change,
        most=found.MOST_FOUND,
        search=search,
        roles=role_words(),
        own=actor.person_uuid,
        removed=_removed(course) if may_change else None,
        form=EmptyForm(formdata=None),
    )


def _removed(course: "Course") -> "tuple[Person, CourseRole] | None":
    """Who was removed just now and can be brought back, and as what."""
    uuid, role = paging.public_id(request.args.get("removed", "")), request.args.get("role", "")
    if uuid is None or role not in set(CourseRole):
        return None
    try:
        return found.writer_for(course, uuid), CourseRole(role)
    except NotFound:
        return None


def role_words() -> list[tuple[CourseRole, str, str]]:
    """Every role with its name and what it may do."""
    return [
        (CourseRole.OWNER, gettext("Pemilik"), gettext("semuanya, termasuk menerbitkan")),
        (CourseRole.AUTHOR, gettext("Penulis"), gettext("menulis dan menguji")),
        (CourseRole.REVIEWER, gettext("Peninjau"), gettext("membaca dan memeriksa")),
        (
            CourseRole.MARKER,
            gettext("Penilai"),
            gettext("menilai jawaban, melihat dan mengingatkan peserta, memberi pengecualian"),
        ),
    ]


@bp.post("/studio/<slug:slug>/members/<uuid:uuid>/set")
@requires(USE)
def set_member(slug: str, uuid: UUID) -> ResponseReturnValue:
    """Add somebody, or give a member another role."""
    actor, typed = current_actor(), request.form.get("role", "")
    written_course(actor, slug)
    if typed not in set(CourseRole):
        raise NotFound
    try:
        with writing():
            course = written_course(actor, slug)
            person = found.writer_for(course, uuid)
            acts.set_member(actor, course, person, CourseRole(typed))
            flash(gettext("Peran %(name)s disimpan.", name=person.name), "ok")
    except DomainError as error:
        flash(error.message, "bad")
    return _back(slug)


@bp.get("/studio/<slug:slug>/members/<uuid:uuid>/removal")
@requires(USE)
def member_removal(slug: str, uuid: UUID) -> ResponseReturnValue:
    """Asks before somebody is taken out."""
    actor = current_actor()
    course = written_course(actor, slug)
    return render_template(
        "courses/remove_member.html",
        course=workshop(course),
        person=found.member_for(course, uuid),
        is_self=uuid == actor.person_uuid,
        form=EmptyForm(formdata=None),
    )


@bp.post("/studio/<slug:slug>/members/<uuid:uuid>/remove")
@requires(USE)
def remove_member(slug: str, uuid: UUID) -> ResponseReturnValue:
    """Take somebody's part in the course away; whoever takes out themselves is asked first,
    because they cannot undo it."""
    actor = current_actor()
    written_course(actor, slug)
    if uuid == actor.person_uuid and "sure" not in request.form:
        return redirect(url_for(".member_removal", slug=slug, uuid=uuid))
    try:
        with writing():
            course = written_course(actor, slug)
            person = found.member_for(course, uuid)
            role = acts.remove_member(actor, course, person)
            flash(gettext("%(name)s tidak lagi bekerja pada kursus ini.", name=person.name), "ok")
    except DomainError as error:
        flash(error.message, "bad")
        return _back(slug)
    return _back(slug, removed=uuid, role=role)


def _back(slug: str, **undo: Any) -> ResponseReturnValue:
    """To the members; who has just left the course goes to the list."""
    try:
        written_course(current_actor(), slug)
    except (NotFound, Forbidden):
        return redirect(url_for(".studio"))
    return redirect(url_for(".members", slug=slug, **undo))
