"""Imports are worked on; what nobody needs any more is removed, a bounded number each time."""

from lms.accounts.actions import activation, import_work, imports, sessions, tries
from lms.core import jobs


def sweep_tries() -> None:
    jobs.in_batches(tries.remove_old_tries)


def sweep_sessions() -> None:
    jobs.in_batches(sessions.remove_old_sessions)


def sweep_codes() -> None:
    jobs.in_batches(activation.remove_old_codes)


def sweep_imports() -> None:
    import_work.work_on_imports()


def sweep_old_imports() -> None:
    imports.remove_old_imports()
