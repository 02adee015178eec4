"""What changes quizzes and attempts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from random import Random
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import select

from lms.core import clock
from lms.core.db import db, lock_row, new_uuid
from lms.core.errors import DomainError
from lms.quizzes import essays, marking, queries, rules
from lms.quizzes.actions.essay_marks import essay_marks, marked_fraction
from lms.quizzes.marking import Marking, Value
from lms.quizzes.models import (
    Answer,
    AnswerFile,
    AnswerTry,
    Attempt,
    Question,
    Quiz,
    QuizQuestion,
)
from lms.quizzes.queries import QuestionView, corrections
from lms.quizzes.rules import (
    Allowance,
    GradeMethod,
    Limits,
    QuestionKind,
    Refusal,
    Review,
    SaveVerdict,
    Section,
)


@dataclass(frozen=True)
class QuestionSource:
    """A question ready to be stored: rendered, with a digest of everything that matters."""

    key: str
    digest: str
    kind: QuestionKind
    html: str
    options: tuple[dict[str, str], ...]
    feedback: str
    last_option_fixed: bool
    tags: tuple[str, ...]
    pipeline: int
    essay: dict[str, object] | None = None  # see `essays.essay_of`


def publish_quiz(
    *,
    bank: UUID,
    key: str,
    pass_percent: Decimal,
    limits: Limits,
    grade_method: GradeMethod,
    shuffle_options: bool,
    review: Review,
    feedback: Sequence[tuple[Decimal, str]],
    settings: Marking,
    pretest_key: str | None,
    sections: Sequence[Section],
    practice: bool,
    hints: Mapping[str, Sequence[str]],
    questions: Sequence[QuestionSource],
) -> Quiz:
    """Store a quiz with its questions. An unchanged question of the bank is used again; a changed
    one becomes its next version."""
    quiz = Quiz(
        uuid=new_uuid(),
        key=key,
        pass_percent=pass_percent,
        grade_method=grade_method,
        **asdict(limits),
        shuffle_options=shuffle_options,
        review={moment: sorted(shown) for moment, shown in asdict(review).items()},
        feedback=[[str(least), text] for least, text in feedback],
        scoring=settings.scoring,
        match_case=settings.match_case,
        match_accents=settings.match_accents,
        decimal_comma=settings.decimal_comma,
        pretest_key=pretest_key,
        sections=[asdict(section) for section in sections],
        practice=practice,
        hints={key: list(texts) for key, texts in hints.items()},
    )
    db.session.add(quiz)
    db.session.flush()
    latest = _latest_versions(bank, [q.key for q in questions])
    for position, source in enumerate(questions):
        question = _store_question(bank, source, latest.get(source.key))
        db.session.add(QuizQuestion(quiz_id=quiz.id, position=position, question_id=question.id))
    db.session.flush()
    return quiz


def _latest_versions(bank: UUID, keys: Sequence[str]) -> dict[str, Question]:
    rows = db.session.scalars(
        select(Question)
        .where(Question.bank == bank, Question.key.in_(keys))
        .order_by(Question.number)
    )
    return {row.key: row for row in rows}


def _store_question(bank: UUID, source: QuestionSource, latest: Question | None) -> Question:
    if latest is not None and latest.digest == source.digest:
        return latest
    question = Question(
        uuid=new_uuid(),
        bank=bank,
        key=source.key,
        number=latest.number + 1 if latest else 1,
        digest=source.digest,
        kind=source.kind,
        html=source.html,
        options=[dict(option) for option in source.options],
        feedback=source.feedback,
        last_option_fixed=source.last_option_fixed,
        tags=list(source.tags),
        essay=source.essay,
        pipeline=source.pipeline,
    )
    db.session.add(question)
    db.session.flush()
    return question


def start_attempt(
    quiz: Quiz,
    *,
    holder: UUID,
    person_id: int,
    random: Random,
    allowance: Allowance = rules.NO_ALLOWANCE,
) -> Attempt:
    """The holder's open attempt, or a new one with everything frozen, the time it has included.

    Starting twice gives the same attempt. Raises DomainError when none may begin now. The caller
    has locked the holder, so that two starts cannot both be the first.
    """
    earlier = queries.attempts_of(holder, quiz.key)
    if earlier and earlier[-1].submitted_at is None:
        return earlier[-1]
    now, limits = clock.now(), rules.allowed(queries.limits_of(quiz), allowance)
    verdict = queries.may_start(limits, earlier, now)
    if verdict.refusal is not None:
        raise DomainError(_refusal_words(verdict.refusal))
    layout, headings = _layout(quiz, holder, random)
    attempt = Attempt(
        uuid=new_uuid(),
        quiz_id=quiz.id,
        quiz_key=quiz.key,
        holder=holder,
        person_id=person_id,
        number=len(earlier) + 1,
        layout=layout,
        headings=headings,
        started_at=now,
        deadline_at=rules.deadline(now, limits),
    )
    db.session.add(attempt)
    db.session.flush()
    return attempt


def _refusal_words(refusal: Refusal) -> str:
    return {
        Refusal.NOT_OPEN: gettext("Kuis ini belum dibuka."),
        Refusal.CLOSED: gettext("Kuis ini sudah ditutup."),
        Refusal.NONE_LEFT: gettext("Semua kesempatan untuk kuis ini sudah dipakai."),
        Refusal.WAIT: gettext("Percobaan berikutnya belum dapat dimulai."),
        Refusal.CANNOT_WAIT: gettext("Kuis ditutup sebelum percobaan berikutnya boleh dimulai."),
    }[refusal]


def _layout(
    quiz: Quiz, holder: UUID, random: Random
) -> tuple[list[list[object]], list[list[object]]]:
    """What `Attempt.layout` and `Attempt.headings` say."""
    ids, sections = queries.question_ids_of(quiz.id), queries.sections_of(quiz)
    views = queries.questions(ids)
    draws = any(section.draw < len(section.questions) for section in sections)
    met = queries.times_met(holder, ids) if draws else {}
    layout: list[list[object]] = []
    headings: list[list[object]] = []
    for section in sections:
        if any(each.title for each in sections):
            headings.append([len(layout) + 1, section.title])
        for position in rules.drawn(section, met, random):
            view = views[ids[position]]
            order = marking.shown_order(
                view.kind,
                view.options,
                shuffle=quiz.shuffle_options,
                last_fixed=view.last_option_fixed,
                random=random,
            )
            layout.append([view.id, order])
    return layout, headings


def lengthen(attempt: Attempt, allowance: Allowance) -> bool:
    """Let an attempt that goes on last as long as it would if it began with this allowance; never
    shorter. False where it lasts no longer, or has ended already."""
    lock_row(attempt)
    if attempt.submitted_at is not None or rules.is_over(attempt.deadline_at, clock.now()):
        return False
    limits = rules.allowed(queries.limits_of(queries.quiz_by_id(attempt.quiz_id)), allowance)
    end = rules.deadline(attempt.started_at, limits)
    if attempt.deadline_at is None or end is None or end <= attempt.deadline_at:
        return False
    attempt.deadline_at = end
    db.session.flush()
    return True


@dataclass(frozen=True)
class SaveResult:
    """What stands after a save: the verdict, the number, the answer as the page would send it,
    whether that leaves nothing open, and what an essay lacks."""

    verdict: SaveVerdict
    seq: int
    sent: list[str]
    complete: bool
    lacks: tuple[essays.Lack, ...] = ()


def save_answer(attempt: Attempt, number: int, *, sent: Sequence[str], seq: int) -> SaveResult:
    """Save the answer to one question by itself. `sent` is what the page sent (see `marking`);
    `seq` is the client's number of this save, per question, from 1.

    The same save twice is one save; an older one never wins. Raises DomainError when the attempt
    was submitted or its time and grace are over, the question is settled in practice, or this is no
    answer to it.
    """
    lock_row(attempt)
    _check_open(attempt)
    slot = queries.slots(attempt)[number - 1]
    view = queries.questions([slot.question_id])[slot.question_id]
    value = read_answer(
        view, sent, slot.order, comma=queries.quiz_by_id(attempt.quiz_id).decimal_comma
    )
    answer = answer_row(attempt, slot.question_id)
    if _is_settled(attempt, view):
        # A settled question has no field any more, so that its page sends nothing.
        if value not in ([], answer.value):
            raise DomainError(gettext("Soal ini sudah selesai diperiksa; jawabannya tetap."))
        value = answer.value
        seq = answer.seq
    verdict = rules.judge_save(stored_seq=answer.seq, stored=answer.value, seq=seq, value=value)
    if verdict is SaveVerdict.STORE:
        answer.value, answer.seq, answer.saved_at = value, seq, clock.now()
        db.session.flush()
    has_file = view.essay is not None and view.id in queries.files_of(attempt.id)
    text = queries.text_of(answer.value)
    return SaveResult(
        verdict,
        answer.seq,
        marking.as_sent(view.kind, answer.value, slot.order),
        queries.is_complete(view, answer.value, has_file=has_file),
        essays.lacks(view.essay, text, has_file=has_file) if view.essay else (),
    )


def _check_open(attempt: Attempt) -> None:
    if attempt.voided_at is not None:
        raise DomainError(
            gettext(
                "Percobaan ini dibatalkan dan tidak dihitung. Alasan: %(reason)s",
                reason=attempt.void_reason,
            )
        )
    if attempt.submitted_at is not None:
        raise DomainError(gettext("Kuis ini sudah dikirim; jawaban tidak dapat diubah lagi."))
    if rules.is_closed_to_saves(attempt.deadline_at, clock.now()):
        raise DomainError(gettext("Waktu habis. Jawaban yang tersimpan sebelumnya tetap dinilai."))


def check_answer(attempt: Attempt, number: int, *, sent: Sequence[str], seq: int) -> SaveResult:
    """Save an answer of a practice quiz and check it: one more try, unless it is the one that was
    checked last. Raises DomainError as `save_answer`, and when something is still left open."""
    if not queries.quiz_by_id(attempt.quiz_id).practice:
        raise DomainError(gettext("Jawaban kuis ini diperiksa setelah dikirim."))
    result = save_answer(attempt, number, sent=sent, seq=seq)
    view = queries.questions([queries.slots(attempt)[number - 1].question_id])
    ((question_id, question),) = view.items()
    if result.verdict is SaveVerdict.STALE or _is_settled(attempt, question):
        return result
    if not result.complete:
        raise DomainError(gettext("Jawab dulu, lalu periksa."), "answer")
    value = answer_row(attempt, question_id).value
    tries = queries.tries_of(attempt.id).get(question_id, [])
    if not tries or tries[-1].value != value:
        holding = corrections.in_force(attempt.quiz_key, [question_id]).get(question_id)
        fraction = marking.held(
            corrections.key_for(queries.quiz_by_id(attempt.quiz_id), question, holding), value
        )
        db.session.add(
            AnswerTry(
                attempt_id=attempt.id, question_id=question_id, number=len(tries) + 1,
                value=value, fraction=f"{fraction:.7f}", checked_at=clock.now(),
            )
        )  # fmt: skip
        db.session.flush()
    return result


def _is_settled(attempt: Attempt, view: QuestionView) -> bool:
    """Is the question of a practice quiz answered rightly, or are its tries used up?"""
    quiz = queries.quiz_by_id(attempt.quiz_id)
    if not quiz.practice:
        return False
    tries = queries.tries_of(attempt.id).get(view.id, [])
    return marking.is_settled(tries, len(quiz.hints.get(view.key, ())))


def read_answer(
    view: QuestionView, sent: Sequence[str], order: Sequence[int], *, comma: bool
) -> Value:
    """What a page sent, as a value. Raises DomainError where it is no answer to this question."""
    try:
        value = marking.read_sent(view.kind, sent, order, view.options)
    except ValueError:
        raise DomainError(gettext("Pilihan ini tidak ada pada soal."), "answer") from None
    if not isinstance(value, str):
        return value
    most = essays.LONGEST if view.essay is not None else marking.LONGEST_TEXT
    if len(value) > most:
        raise DomainError(gettext("Jawaban paling panjang %(most)d karakter.", most=most), "answer")
    if view.kind is QuestionKind.NUMERIC and marking.number_of(value, comma=comma) is None:
        example = "1.234,5" if comma else "1,234.5"
        raise DomainError(
            gettext("Ini bukan angka. Tulis misalnya %(example)s.", example=example), "answer"
        )
    return value


@dataclass(frozen=True)
class HandedIn:
    """A file that is kept already; `kind` by its content, `size` in bytes."""

    digest: str
    name: str
    kind: str
    size: int


def attach_file(attempt: Attempt, number: int, file: HandedIn | None) -> None:
    """Put a file beside an essay, in place of the one before; None takes that away. Raises
    DomainError on `file` as `save_answer`, and for what the question does not take."""
    lock_row(attempt)
    _check_open(attempt)
    question_id = queries.slots(attempt)[number - 1].question_id
    essay = queries.questions([question_id])[question_id].essay
    if essay is None or essay.file is essays.Handing.NONE:
        raise DomainError(gettext("Soal ini tidak menerima berkas."), "file")
    before = db.session.get(AnswerFile, (attempt.id, question_id))
    if before is not None:
        db.session.delete(before)
        db.session.flush()
    if file is not None:
        if file.kind not in essay.file_types or file.size > essay.file_limit:
            raise DomainError(gettext("Berkas ini tidak diterima untuk soal ini."), "file")
        answer_row(attempt, question_id)
        db.session.add(
            AnswerFile(
                attempt_id=attempt.id, question_id=question_id, **vars(file), sent_at=clock.now()
            )
        )
    db.session.flush()


def flag_question(attempt: Attempt, number: int, *, flagged: bool) -> None:
    """Mark a question to come back to, or take the mark away."""
    lock_row(attempt)
    if attempt.submitted_at is None:
        answer = answer_row(attempt, queries.slots(attempt)[number - 1].question_id)
        answer.flagged = flagged
        db.session.flush()


def submit_attempt(attempt: Attempt) -> bool:
    """Close the attempt to further answers; False when it was closed already. Grading comes after,
    in a transaction of its own, so that a fault there never loses the submission."""
    lock_row(attempt)
    if attempt.submitted_at is not None:
        return False
    now = max(clock.now(), attempt.started_at)  # the clock may have been set back meanwhile
    # What the sweep finds later ended when its time was up.
    attempt.submitted_at = min(now, attempt.deadline_at) if attempt.deadline_at else now
    db.session.flush()
    return True


def grade_attempt(attempt: Attempt) -> bool:
    """Grade a submitted attempt from its frozen questions, with the corrections that hold now;
    False when it was graded already, or waits for an essay that counts to be marked: its other
    questions have their points by then."""
    lock_row(attempt)
    if attempt.submitted_at is None or attempt.graded_at is not None:
        return False
    answers = queries.answer_rows(attempt.id)
    views = queries.questions(slot.question_id for slot in queries.slots(attempt))
    holding = corrections.in_force(attempt.quiz_key, views)
    attempt.corrected = {
        str(id_): {"id": each.id, "kind": each.kind.value} for id_, each in holding.items()
    }
    quiz = queries.quiz_by_id(attempt.quiz_id)
    tries = queries.tries_of(attempt.id) if quiz.practice else {}
    marks = essay_marks(attempt, views, answers)
    earned = {}
    for id_, view in views.items():
        answer = answers.get(id_)
        stored: Value = answer.value if answer else []
        if view.essay is not None:
            earned[id_] = marked_fraction(view, marks[id_]) if id_ in marks else Decimal(0)
        else:
            key = corrections.key_for(quiz, view, holding.get(id_))
            earned[id_] = marking.points(key, stored, tries.get(id_, ()))
        if answer is not None:
            is_open = id_ in marks and marks[id_].marked_at is None
            answer.fraction = None if is_open else f"{earned[id_]:.7f}"
    counted = queries.counted_slots(attempt)
    if any(s.question_id in marks and marks[s.question_id].marked_at is None for s in counted):
        attempt.waits_since = attempt.waits_since or clock.now()
        db.session.flush()
        return False
    attempt.percent = rules.percent([earned[slot.question_id] for slot in counted])
    attempt.graded_at = clock.now()
    db.session.flush()
    return True


def void_attempt(attempt: Attempt, *, reason: str) -> bool:
    """Let an attempt count for nothing, as if it had not been begun; False when it was voided
    already. One that goes on ends now. All that was answered stays, with its marks."""
    submit_attempt(attempt)
    grade_attempt(attempt)
    if attempt.voided_at is not None:
        return False
    attempt.voided_at, attempt.void_reason = clock.now(), reason
    db.session.flush()
    return True


def answer_row(attempt: Attempt, question_id: int) -> Answer:
    """The stored answer to a question, or an empty one that is stored with the next flush."""
    answer = db.session.get(Answer, (attempt.id, question_id))
    if answer is None:
        answer = Answer(
            attempt_id=attempt.id, question_id=question_id, value=[], seq=0, flagged=False,
            saved_at=clock.now(),
        )  # fmt: skip
        db.session.add(answer)
    return answer
