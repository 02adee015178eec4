"""The settings of a quiz, beside its questions."""

from collections.abc import Collection
from dataclasses import fields
from decimal import Decimal
from enum import StrEnum

from lms.formats.course_folder.content import (
    FeedbackContent,
    Grade,
    HintsContent,
    QuizContent,
    Review,
    Scoring,
    SectionContent,
    Shown,
)
from lms.formats.course_folder.essays import essays_of, note_borrowed, note_practice
from lms.formats.course_folder.settings import MOST_DAYS, Table
from lms.formats.gift.questions import Question
from lms.formats.words import Words

MOST_WAIT = 43200  # minutes, 30 days
ZERO, HUNDRED = Decimal(0), Decimal(100)


class ShowAnswers(StrEnum):
    """Presets of what is shown when."""

    ALWAYS = "always"
    AFTER_PASS = "after-pass"
    AFTER_CLOSE = "after-close"
    SCORE = "score"
    NEVER = "never"


_ALL = tuple(Shown)
_SCORE = (Shown.MARKS, Shown.OVERALL_FEEDBACK)
_OWN = (Shown.ATTEMPT, Shown.CORRECTNESS, *_SCORE)
PRESETS = {
    ShowAnswers.ALWAYS: Review(_ALL, _ALL, _ALL),
    ShowAnswers.AFTER_PASS: Review(_OWN, _OWN, _OWN, passed=_ALL),
    ShowAnswers.AFTER_CLOSE: Review(_SCORE, _SCORE, _ALL),
    ShowAnswers.SCORE: Review(_SCORE, _SCORE, _SCORE),
    ShowAnswers.NEVER: Review(_OWN, _OWN, _OWN),
}
# What hangs on a question, and so is not shown without it.
_OF_QUESTIONS = {Shown.OPTION_FEEDBACK, Shown.GENERAL_FEEDBACK, Shown.RIGHT_ANSWER}


def quiz_of(
    table: Table,
    key: str,
    questions: tuple[Question, ...],
    hints: tuple[HintsContent, ...],
    media: tuple[tuple[str, str], ...],
    requires: tuple[str, ...],
    *,
    are_all: bool,
    unasked: Collection[str] = (),
) -> QuizContent:
    """The quiz that the table sets around these questions; what is wrong is noted. `are_all` says
    whether every question of the file could be read, `unasked` which are not ready. One that asks
    those of another quiz is given none; `pool.fill` does that when all quizzes are known."""
    wait = table.integer("wait", 0, MOST_WAIT, default=0)
    content = QuizContent(
        key=key,
        title=table.text("title", 120),
        minutes=table.integer("minutes", 1, 6000),
        pass_percent=table.decimal("pass", ZERO, HUNDRED),
        weight=table.integer("weight", 0, 1000, default=0),
        attempts=table.integer("attempts", 0, 1000, default=0),
        time_limit=table.integer("time_limit", 0, 1440, default=0),
        opens=table.moment("opens"),
        closes=table.moment("closes"),
        wait=wait,
        wait_later=table.integer("wait_later", 0, MOST_WAIT, default=wait),
        grade=table.choice("grade", Grade.HIGHEST),
        shuffle_options=table.flag("shuffle_options", True),
        review=_review(table),
        feedback=_feedback(table),
        scoring=table.choice("scoring", Scoring.WEIGHTS),
        match_case=table.flag("match_case", False),
        match_accents=table.flag("match_accents", True),
        pretest=table.text("pretest", 60, optional=True),
        sections=sections_of(table, questions, are_all=are_all),
        practice=_practice(table, hints),
        hints=hints,
        questions=questions,
        media=media,
        requires=requires,
        pool=table.text("questions", 60, optional=True),
        opens_after=table.integer("opens_after", 0, MOST_DAYS, default=0),
        essays=essays_of(table, questions, are_all=are_all, unasked=unasked),
        optional=table.flag("optional", False),
    )
    _check_limits(table, content)
    note_practice(table, questions, practice=content.practice)
    if content.pool:
        note_borrowed(table)
    table.close()
    return content


def _practice(table: Table, hints: tuple[HintsContent, ...]) -> bool:
    practice = table.flag("practice", False)
    if hints and not practice:
        unseen = Words(
            "Petunjuk hanya tampil dalam latihan; tulis practice = true, atau hapus [[hints]]."
        )
        table.note("hints", "hints-unseen", unseen)
    return practice


def _check_limits(table: Table, quiz: QuizContent) -> None:
    if quiz.optional and quiz.weight:
        counted = Words(
            "Kuis yang tidak wajib tidak dihitung dalam nilai akhir; hapus weight, atau optional."
        )
        table.note("weight", "optional-weight", counted)
    if quiz.opens and quiz.closes and quiz.opens >= quiz.closes:
        table.note(
            "closes",
            "quiz-dates",
            Words("Kuis ditutup (closes) harus sesudah dibuka (opens); perbaiki."),
        )
    if quiz.attempts == 1:
        for name in ("wait", "wait_later"):
            if name in table.values:
                table.note(
                    name,
                    "quiz-wait",
                    Words(
                        "Jeda (%(name)s) tidak pernah berlaku karena hanya ada satu "
                        "kesempatan; hapus.",
                        name=name,
                    ),
                )


def _review(table: Table) -> Review:
    preset = table.choice("show_answers", ShowAnswers.AFTER_PASS)
    closes = "closes" in table.values
    if "review" not in table.values:
        if preset is ShowAnswers.AFTER_CLOSE and not closes:
            never = Words(
                'Kuis ini tidak pernah ditutup; tulis closes, atau show_answers = "score".'
            )
            table.note("show_answers", "review-closed", never)
        return PRESETS[preset]
    if "show_answers" in table.values:
        twice = Words("Pakai show_answers atau [review], jangan keduanya; hapus salah satunya.")
        table.note("show_answers", "review-twice", twice)
    inner = table.table("review")
    if inner is None:
        return Review()
    review = Review(*(inner.choices(each.name, Shown) for each in fields(Review)))
    for each in fields(Review):
        shown = set(getattr(review, each.name))
        if shown & _OF_QUESTIONS and Shown.ATTEMPT not in shown:
            needs = Words('Umpan balik dan jawaban memerlukan soalnya; tambahkan "attempt".')
            inner.note(each.name, "review-attempt", needs)
    if review.closed and not closes:
        never = Words("Kuis ini tidak pernah ditutup; tulis closes, atau hapus pengaturan ini.")
        inner.note("closed", "review-closed", never)
    inner.close()
    return review


def _feedback(table: Table) -> tuple[FeedbackContent, ...]:
    bands: list[FeedbackContent] = []
    for inner in table.tables("feedback"):
        band = FeedbackContent(inner.decimal("from", ZERO, HUNDRED), inner.text("text", 500))
        if any(each.least == band.least for each in bands):
            doubled = Words("Nilai from ini sudah dipakai di atas; ubah salah satunya.")
            inner.note("from", "feedback-doubled", doubled)
        inner.close()
        bands.append(band)
    return tuple(sorted(bands, key=lambda band: band.least))


def sections_of(
    table: Table, questions: tuple[Question, ...], *, are_all: bool
) -> tuple[SectionContent, ...]:
    """A section takes the questions with its tag that no section above has taken; without a tag
    all that are left. So no question can come twice, whatever is drawn."""
    shuffle = table.flag("shuffle_questions", False)
    left = dict(enumerate(questions))
    tables = table.tables("sections")
    if not tables:
        return (SectionContent("", shuffle, len(left), tuple(left)),)
    sections = []
    for inner in tables:
        title = inner.text("title", 120, optional=True)
        tag = inner.text("tag", 60, optional=True)
        pool = tuple(i for i, question in left.items() if not tag or tag in question.tags)
        left = {i: question for i, question in left.items() if i not in pool}
        draw = inner.integer("draw", 1, 5000, default=len(pool))
        if are_all:
            _check_pool(inner, tag, draw, len(pool))
        sections.append(SectionContent(title, inner.flag("shuffle", shuffle), draw, pool))
        inner.close()
    # Questions of another quiz are asked there, if not here.
    if left and are_all and "questions" not in table.values:
        _note_left_out(table, [question.key for question in left.values()])
    return tuple(sections)


def _check_pool(section: Table, tag: str, draw: int, size: int) -> None:
    which = Words('soal bertag "%(tag)s"', tag=tag) if tag else Words("soal")
    if size == 0:
        section.note(
            "tag",
            "section-empty",
            Words(
                "Tidak ada %(which)s yang belum diambil bagian di atasnya; periksa tagnya.",
                which=which,
            ),
        )
    elif draw > size:
        section.note(
            "draw",
            "section-pool",
            Words(
                "Bagian ini mengundi %(draw)s soal, tetapi hanya ada %(size)s %(which)s yang "
                "belum diambil bagian di atasnya; tambah soal atau kecilkan draw.",
                draw=draw,
                size=size,
                which=which,
            ),
        )


def _note_left_out(table: Table, keys: list[str]) -> None:
    some = ", ".join(keys[:5]) + (", …" if len(keys) > 5 else "")
    table.note(
        "sections",
        "section-left-out",
        Words(
            "Ada %(count)s soal yang tidak masuk bagian mana pun (%(some)s); beri tag, atau "
            "tambahkan bagian tanpa tag.",
            count=len(keys),
            some=some,
        ),
    )
