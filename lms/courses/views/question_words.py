"""Questions told in words: kinds, what is wrong with one, and how it is mended in the studio."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask_babel import gettext, ngettext

from lms.courses.actions import problem_words
from lms.courses.actions.publishing import check_folder
from lms.courses.forms.question import DIFFICULTIES
from lms.courses.queries.bank import doubled_keys
from lms.courses.queries.drafts import folder_of, source_with
from lms.courses.queries.quizzes import QuizDraft, goals_in
from lms.courses.queries.usage import Asked
from lms.formats.course_folder import craft
from lms.formats.course_folder.content import EssayContent, Handing, Problem
from lms.formats.course_folder.goals import goals_of
from lms.formats.gift.questions import QuestionKind, QuestionState
from lms.formats.gift.sheet import Entry

if TYPE_CHECKING:
    from lms.courses.models import Draft


@dataclass(frozen=True)
class Fault:
    """`is_bad` keeps the course from being published; else it could be better."""

    message: str
    is_bad: bool


@dataclass(frozen=True)
class Faults:
    """What was found about a quiz: beside each question, and about the quiz as a whole."""

    settings: Sequence[Fault] = ()
    by_line: Mapping[int, Sequence[Fault]] = field(default_factory=dict)

    def at(self, entry: Entry) -> list[Fault]:
        return [
            fault
            for line in range(entry.first, entry.last + 1)
            for fault in self.by_line.get(line, ())
        ]


def kind_words(kind: QuestionKind) -> str:
    return {
        QuestionKind.SINGLE: gettext("Pilihan tunggal"),
        QuestionKind.MULTIPLE: gettext("Pilihan jamak"),
        QuestionKind.TRUEFALSE: gettext("Benar atau salah"),
        QuestionKind.SHORT: gettext("Isian singkat"),
        QuestionKind.NUMERIC: gettext("Isian angka"),
        QuestionKind.MATCHING: gettext("Menjodohkan"),
        QuestionKind.ORDERING: gettext("Mengurutkan"),
        QuestionKind.ESSAY: gettext("Esai"),
    }[kind]


def essay_words(essay: EssayContent) -> tuple[str, ...]:
    """150 sampai 400 kata; boleh dengan berkas; rubrik 2 kriteria"""
    told = []
    if essay.least_words or essay.most_words:
        most = essay.most_words or "∞"
        told.append(gettext("%(least)s sampai %(most)s kata", least=essay.least_words, most=most))
    if essay.file is Handing.REQUIRED:
        told.append(gettext("berkas wajib"))
    elif essay.file is Handing.ALLOWED:
        told.append(gettext("boleh dengan berkas"))
    criteria = len(essay.rubric)
    if criteria:
        told.append(ngettext("rubrik %(num)s kriteria", "rubrik %(num)s kriteria", criteria))
    return tuple(told)


def difficulty_words() -> list[tuple[str, str]]:
    words = (gettext("Mudah"), gettext("Sedang"), gettext("Sukar"))
    return list(zip(DIFFICULTIES, words, strict=True))


def state_words(state: QuestionState) -> str:
    return {
        QuestionState.DRAFT: gettext("Draf"),
        QuestionState.READY: gettext("Siap"),
        QuestionState.RETIRED: gettext("Dipensiunkan"),
    }[state]


def asked_words(asked: Asked) -> str:
    """Which quiz asks a question, and how; empty for its own quiz that asks all."""
    values = {"quiz": asked.quiz, "section": asked.section, "num": asked.draw}
    if asked.is_own and not asked.section:
        return ""
    if not asked.section:
        return gettext("juga di %(quiz)s", **values)
    if asked.draw is None:
        return gettext("bagian “%(section)s” di %(quiz)s", **values)
    return gettext("diundi %(num)s soal bagian “%(section)s” di %(quiz)s", **values)


def version_words(numbers: Sequence[int]) -> str:
    """The published versions that ask a question: "terbit, versi 1–3"; empty for none."""
    if not numbers:
        return ""
    if len(numbers) == 1:
        return gettext("terbit, versi %(number)s", number=numbers[0])
    if len(numbers) == numbers[-1] - numbers[0] + 1:
        return gettext("terbit, versi %(first)s–%(last)s", first=numbers[0], last=numbers[-1])
    return gettext("terbit, versi %(numbers)s", numbers=", ".join(map(str, numbers)))


def shown_state(state: QuestionState | None) -> str:
    """For a list: empty where the question is ready, as most are."""
    return state_words(state) if state and state is not QuestionState.READY else ""


def state_choices() -> list[tuple[str, str]]:
    """With what each state means, for whoever chooses one."""
    return [
        ("ready", gettext("Siap: ditanyakan")),
        ("draft", gettext("Draf: belum ditanyakan")),
        ("retired", gettext("Dipensiunkan: tidak ditanyakan lagi")),
    ]


def problems_of(slug: str, draft: "Draft", questions: str) -> list[Problem]:
    """What the check of a folder finds, read with the questions of this file only: other quizzes
    may have thousands, and what is wrong with them is told on their own pages."""
    return check_folder(folder_of(slug, source_with(draft, questions)))[1]


def faults_of(slug: str, draft: "Draft", quiz: QuizDraft, entries: Sequence[Entry]) -> Faults:
    """What the check finds about a quiz and its questions, and what could be better."""
    asked = quiz.lender or quiz
    doubled = doubled_keys(draft, asked)
    settings: list[Fault] = []
    by_line: dict[int, list[Fault]] = {}
    for problem in problems_of(slug, draft, asked.gift_path):
        fault = Fault(problem_words.told(problem), is_bad=True)
        if problem.file == asked.gift_path and problem.line:
            by_line.setdefault(problem.line, []).append(fault)
        elif problem.file in (quiz.settings.path, quiz.gift_path, asked.gift_path):
            settings.append(fault)
    for entry in entries:
        if entry.key in doubled:
            told = gettext(
                "Kunci %(key)s juga dipakai soal di %(quiz)s; ganti salah satunya.",
                key=entry.key, quiz=doubled[entry.key],
            )  # fmt: skip
            by_line.setdefault(entry.first, []).append(Fault(told, is_bad=True))
    for line, told in _hints_of(draft, entries):
        by_line.setdefault(line, []).append(Fault(told, is_bad=False))
    return Faults(settings, by_line)


def hints_on(draft: "Draft", entry: Entry) -> list[str]:
    """What could be better about one question, and how."""
    return [told for _, told in _hints_of(draft, [entry])]


def _hints_of(draft: "Draft", entries: Sequence[Entry]) -> list[tuple[int, str]]:
    """Each with its line."""
    known = [entry for entry in entries if entry.question]
    found = [each.question for each in known if each.question]
    places = craft.Places(keys={e.question.key: f":{e.first}" for e in known if e.question})
    better = [(each.line, _mending(each)) for each in craft.of_questions(found, places)]
    if goals_in(draft):
        better += [
            (each.first, _words()["question-without-goal"])
            for each in known
            if each.question and not goals_of(each.question.tags)
        ]
    return better


def _mending(problem: Problem) -> str:
    """In the terms of the studio, where the check's own are those of the file."""
    return _words().get(problem.code) or problem_words.told(problem)


def _words() -> dict[str, str]:
    return {
        "option-without-feedback": gettext(
            "Ada jawaban tanpa umpan balik. Tulis mengapa jawaban itu benar atau keliru."
        ),
        "option-all-right": gettext(
            "Pilihan seperti “semua benar” dapat ditebak. Ganti dengan kekeliruan yang nyata."
        ),
        "stem-negative": gettext(
            "Pertanyaannya negatif. Tanyakan yang benar, atau tebalkan kata ingkarnya."
        ),
        "right-option-place": gettext(
            "Jawaban benar soal-soal ini terlalu sering di urutan yang sama. Sebarkan letaknya."
        ),
        "right-option-longest": gettext(
            "Jawaban benar soal-soal ini terlalu sering yang terpanjang. Samakan panjang pilihan."
        ),
        "question-without-goal": gettext(
            "Soal ini tanpa tujuan belajar. Pilih tujuan yang diuji soal ini."
        ),
    }
