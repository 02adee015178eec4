"""Whether what people have earned still stands as it was written: what `flask records verify`
tells, and what a restore and a move prove before they count."""

from collections.abc import Iterator

from sqlalchemy import Select

from lms.competencies.models import Evidence, HourEntry
from lms.competencies.queries import ledgers as record
from lms.core import audit, ledger
from lms.credentials import queries as certificates
from lms.credentials.models import Certificate, CertificateEvent
from lms.learning.models import Completion
from lms.learning.queries import ledgers as learned
from lms.quizzes import queries as marks
from lms.quizzes.models import Correction, GradeChange
from lms.quizzes.queries import corrections


def faults() -> Iterator[str]:
    """A line for every missing trigger, broken chain, level that the ledger does not give, and file
    of a certificate that is not the one issued."""
    for trigger in ledger.missing_triggers():
        yield f"the trigger {trigger} is missing"
    yield from chain_faults()
    for person_id, competency_id in record.stale_states():
        yield f"level of person {person_id} in competency {competency_id} is not the ledger's"
    yield from certificates.file_faults()


def chain_faults() -> Iterator[str]:
    """A line for every entry of a ledger that does not fit its chain. Reads in batches."""
    tables: tuple[tuple[type, Select, object], ...] = (  # type: ignore[type-arg]  # several entities
        (audit.AuditEntry, audit.entries(), audit.entry_facts),
        (Evidence, record.evidence_entries(), record.evidence_facts),
        (HourEntry, record.hour_entries(), record.hour_facts),
        (Completion, learned.completions(), learned.completion_facts),
        (GradeChange, marks.grade_changes(), marks.change_facts),
        (Correction, corrections.all_corrections(), corrections.correction_facts),
        (Certificate, certificates.certificate_entries(), certificates.certificate_facts),
        (CertificateEvent, certificates.event_entries(), certificates.event_facts),
    )
    for model, rows, facts in tables:
        for fault in ledger.verify(model, rows, facts):  # type: ignore[arg-type]  # pairs belong together
            yield f"{fault.table}: chain {fault.chain}, entry {fault.seq} {fault.reason}"
