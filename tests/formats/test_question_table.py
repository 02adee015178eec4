"""Questions that come in from outside: what is supported survives export and import unchanged."""

import io
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.formats import aiken, csv_table, essay_cells, incoming, question_table, xlsx_table
from lms.formats.course_folder import quiz_text
from lms.formats.course_folder.content import CriterionContent, EssayContent, FileType, Handing
from lms.formats.course_folder.essays import (
    MOST_MB,
    MOST_POINTS,
    MOST_WORDS,
    USUAL,
    essays_in,
    said_of,
)
from lms.formats.gift.questions import (
    FULL,
    NONE,
    Option,
    Question,
    QuestionKind,
    QuestionState,
    label,
)
from lms.formats.gift.writer import dump
from lms.formats.incoming import Incoming, NoText, decoded, from_gift
from tests.formats.gift.test_writer import questions
from tests.sample_course import KINDS


def printable(text: str) -> str:
    """No workbook holds control characters."""
    kept = "".join(
        "x" if category(sign) in ("Cc", "Cs", "Cn", "Zl", "Zp") and sign != "\n" else sign
        for sign in text
    )
    return kept.strip()


def cleaned(question: Question) -> Question:
    return replace(
        question,
        text=printable(question.text),
        title=printable(question.title),
        general_feedback=printable(question.general_feedback),
        author=label(printable(question.author)),
        source=label(printable(question.source)),
        options=tuple(
            replace(
                option,
                text=printable(option.text),
                feedback=printable(option.feedback),
                match=printable(option.match),
            )
            for option in question.options
        ),
    )


def is_written(question: Question) -> bool:
    """Cleaning can make two texts the same that must differ."""
    return incoming.checked(Incoming(1, "", question)).question is not None


QUESTIONS = st.lists(questions().map(cleaned).filter(is_written), min_size=1, max_size=4)


LINE = st.text(max_size=30).map(printable).map(lambda text: " ".join(text.split()))


@st.composite
def essays(draw: st.DrawFn) -> EssayContent:
    """What settings may say of an essay, without its question."""
    number = st.integers
    least = draw(number(0, MOST_WORDS))
    level = LINE.filter(bool)
    criterion = st.builds(
        CriterionContent,
        LINE.filter(bool),
        st.dictionaries(number(0, MOST_POINTS), level, min_size=2, max_size=4).map(
            lambda levels: tuple(levels.items())
        ),
    )
    essay = EssayContent(
        "",
        least_words=least,
        most_words=draw(st.sampled_from([0, MOST_WORDS, max(least, 1)])),
        file=draw(st.sampled_from(Handing)),
        points=draw(number(1, MOST_POINTS)),
        rubric=tuple(draw(st.lists(criterion, max_size=3))),
    )
    if essay.file is not Handing.NONE:
        types = draw(st.sets(st.sampled_from(FileType), min_size=1))
        files = tuple(each for each in FileType if each in types)
        essay = replace(essay, file_types=files, file_mb=draw(number(1, MOST_MB)))
    return replace(essay, points=USUAL.points) if essay.rubric else essay


def told(found: list[Incoming]) -> dict[str, EssayContent]:
    """What a table said of essays, as the settings of a quiz say it."""
    return {
        each.question.key: replace(each.essay, question=each.question.key)
        for each in found
        if each.question and each.essay
    }


def keyed(found: list[Question], said: EssayContent) -> dict[str, EssayContent]:
    """The same of every essay."""
    return {
        each.key: replace(said, question=each.key)
        for each in found
        if each.kind is QuestionKind.ESSAY and said != USUAL
    }


def as_csv(found: list[Question], said: Mapping[str, EssayContent]) -> str:
    file = io.StringIO(newline="")
    rows = question_table.rows(found, said)
    csv_table.write_table(file, (question_table.inert(row) for row in rows))
    return decoded(file.getvalue().encode())


def as_xlsx(found: list[Question], said: Mapping[str, EssayContent]) -> bytes:
    file = io.BytesIO()
    xlsx_table.write_table(file, question_table.rows(found, said), sheet="Soal")
    return file.getvalue()


@given(QUESTIONS, essays())
def test_a_csv_gives_back_what_was_written(found: list[Question], essay: EssayContent) -> None:
    said = keyed(found, essay)
    back = question_table.from_csv(as_csv(found, said))
    assert [each.question for each in back] == found
    assert told(back) == said


@settings(max_examples=30)
@given(QUESTIONS, essays())
def test_a_workbook_gives_back_what_was_written(found: list[Question], essay: EssayContent) -> None:
    said = keyed(found, essay)
    back = question_table.from_xlsx(as_xlsx(found, said))
    assert [each.question for each in back] == found
    assert told(back) == said


@given(essays())
def test_settings_give_back_what_a_table_says(essay: EssayContent) -> None:
    """Through the table, into the settings of a quiz, and out of them."""
    question = Question("soal-1", QuestionKind.ESSAY, "", "Tulis.", ())
    said = keyed([question], essay)
    [taken] = question_table.from_csv(as_csv([question], said))
    text = quiz_text.with_essay("", "soal-1", *said_of(taken.essay or USUAL))
    assert essays_in(text) == said


@given(QUESTIONS)
def test_gift_gives_back_what_was_written(found: list[Question]) -> None:
    assert [each.question for each in from_gift(dump(found))] == found


def test_every_kind_of_the_template_can_be_taken() -> None:
    file = io.StringIO(newline="")
    csv_table.write_table(file, question_table.template())
    taken = question_table.from_csv(decoded(file.getvalue().encode()))
    assert [each.problems for each in taken] == [()] * 8
    assert {each.question.kind for each in taken if each.question} == set(QuestionKind)
    [essay] = [each.essay for each in taken if each.essay]
    assert (essay.least_words, essay.most_words, essay.file) == (150, 400, Handing.ALLOWED)
    assert [len(criterion.levels) for criterion in essay.rubric] == [3, 2]


def test_gift_of_others_needs_no_key() -> None:
    text = "// soal 1\n::Judul::Satu? {T}\n\nDua? {\n=a\n~%7%b\n}\n\n// [id:X Y]\nTiga? {=a =b}\n"
    found = from_gift(text)
    assert [(each.line, bool(each.question)) for each in found] == [
        (1, True),
        (4, False),
        (9, True),
    ]
    assert found[0].question is not None
    assert found[0].question.key == ""
    assert found[1].problems == ("Baris 6: Bobot %7% tidak ada dalam daftar; yang terdekat %5%.",)


def test_aiken_is_read_with_the_line_of_what_is_wrong() -> None:
    text = (
        "Apa ibu kota Jawa Barat?\nA. Bandung\nB) Serang\nANSWER: A\n\n"
        "Tanpa kunci?\nA. Satu\nB. Dua\nANSWER: D\n\nLupa?\nA. Satu\nB. Dua\n"
    )
    assert aiken.looks_like(text)
    good, wrong, forgotten = aiken.parse(text)
    assert good.question is not None
    assert [(o.text, int(o.fraction)) for o in good.question.options] == [
        ("Bandung", 100),
        ("Serang", 0),
    ]
    assert (wrong.line, wrong.question) == (6, None)
    assert "Jawaban D" in wrong.problems[0]
    assert (forgotten.line, forgotten.question) == (11, None)


PLAIN = Question(
    key="k-1", kind=QuestionKind.SINGLE, title="", text="Apa ibu kota\nJawa Barat?",
    options=(
        Option("Serang", NONE, "Bukan."), Option("**Bandung**", FULL), Option("B. Aceh", NONE)
    ),
    tags=("modul-1",),
)  # fmt: skip


def bare(question: Question) -> Question:
    """What Aiken has a place for."""
    options = tuple(Option(each.text, each.fraction) for each in question.options)
    return Question(
        key="", kind=question.kind, title="", text=question.text, options=options
    )  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.one_of(questions(), st.just(PLAIN)), max_size=4))
def test_aiken_goes_out_and_comes_in_unchanged(some: list[Question]) -> None:
    kept = [each for each in some if aiken.dump([each])]
    assert [each for each in kept if each == PLAIN] == [each for each in some if each == PLAIN]
    found = aiken.parse(decoded(aiken.dump(some).encode()))
    assert [each.question for each in found] == [bare(each) for each in kept]


def test_what_aiken_would_change_is_left_out() -> None:
    answers = PLAIN.options
    for other in (
        replace(PLAIN, kind=QuestionKind.MULTIPLE),
        replace(PLAIN, text="Dua paragraf.\n\nApa?"),
        replace(PLAIN, text="A. Sebuah daftar"),
        replace(PLAIN, text="ANSWER: B"),
        replace(PLAIN, text="Himpunan {1, 2}?"),
        replace(PLAIN, options=(replace(answers[0], text="dua\nbaris"), *answers[1:])),
        replace(PLAIN, options=(replace(answers[0], fraction=Decimal(50)), *answers[1:])),
        replace(PLAIN, options=(answers[1], *[answers[0]] * 26)),
    ):
        assert aiken.dump([other]) == "", other


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_told_by_the_bytes(encoding: str) -> None:
    assert decoded("Café?\r\nYa".encode(encoding)) == "Café?\nYa"


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(NoText):
        decoded(b"\x00\x01\x02")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("rumpang,Tulis,", 'Jenis "rumpang" tidak dikenal'),
        ("single,,a,100,b,0", "Kolom soal kosong"),
        ("single,Soal?,a,0,b,0", "tepat satu jawaban bernilai 100"),
        ("single,Soal?,a,100,b,7", 'Nilai 2 "7" tidak dikenal'),
        ("numeric,Soal?,banyak,100", "bukan jawaban angka"),
        ("ordering,Soal?,a", "dua butir"),
    ],
)
def test_a_row_that_is_no_question_says_why(row: str, said: str) -> None:
    text = f"jenis,soal,jawaban 1,nilai 1,jawaban 2,nilai 2\n{row}\n"
    [found] = question_table.from_csv(text)
    assert found.line == 2
    assert found.question is None
    assert said in found.problems[0]


def test_a_table_without_headings_says_so() -> None:
    [found] = question_table.from_csv("a,b\nc,d\n")
    assert "Judul kolom" in found.problems[0]


def test_all_kinds_of_the_sample_survive_all_three_formats() -> None:
    found = [each.question for each in from_gift(KINDS)]
    known = [replace(each) for each in found if each]
    assert len(known) == 7
    assert [each.question for each in question_table.from_csv(as_csv(known, {}))] == known
    assert [each.question for each in question_table.from_xlsx(as_xlsx(known, {}))] == known
    assert all(incoming.checked(each).question for each in from_gift(dump(known)))


@pytest.mark.parametrize(
    ("written", "state"),
    [("", "ready"), ("Siap", "ready"), ("draf", "draft"), ("Pensiun", "retired"),
     ("retired", "retired")],
)  # fmt: skip
def test_a_table_may_say_state_author_and_source(written: str, state: str) -> None:
    table = f"jenis,soal,status,penulis,sumber,jawaban 1,nilai 1\nisian singkat,Apa?,{written},"
    [found] = question_table.from_csv(f"{table} Ratna  [Dewi] ,Buku,Ya,100\n")
    assert found.question is not None, found.problems
    assert found.question.state is QuestionState(state)
    assert (found.question.author, found.question.source) == ("Ratna (Dewi)", "Buku")


def test_a_state_that_nobody_knows_is_told() -> None:
    [found] = question_table.from_csv("jenis,soal,status,jawaban 1\nisian singkat,Apa?,lama,Ya\n")
    assert found.question is None
    assert found.problems == ('Status "lama" tidak dikenal; tulis draf, siap, atau pensiun.',)


HEAD = "jenis,soal,jawaban 1,nilai 1,umpan balik 1,jawaban 2,nilai 2,umpan balik 2\n"


@pytest.mark.parametrize(
    ("cells", "right"),
    [
        ("Benar,100,ya,Salah,0,bukan", "Benar"),
        ("Salah,100,ya,Benar,0,bukan", "Salah"),
        ("Salah,0,,Benar,100,", "Benar"),
        ("FALSE,x,,,,", "Salah"),
        ("Salah,100,,,,", "Salah"),
        ("t,0,,,,", "Salah"),
        ("b,100,,f,,", "Benar"),
    ],
)
def test_true_and_false_may_stand_in_any_order(cells: str, right: str) -> None:
    (found,) = question_table.from_csv(f"{HEAD}benar/salah,Bumi bulat.,{cells}\n")
    assert found.question is not None, found.problems
    assert [option.text for option in found.question.options] == ["Benar", "Salah"]
    assert [o.text for o in found.question.options if o.fraction == 100] == [right]
    feedback = {"Benar": "ya", "Salah": "bukan"} if right == "Benar" else {}
    if cells.startswith("Salah,100,ya"):
        feedback = {"Salah": "ya", "Benar": "bukan"}
    if "ya" in cells:
        assert {o.text: o.feedback for o in found.question.options} == feedback


@pytest.mark.parametrize(
    "cells",
    [",,,,,", "Benar,100,,Benar,0,", "Mungkin,100,,Salah,0,", "Benar,50,,Salah,50,",
     "Benar,100,,Salah,100,", "Benar,0,,Salah,0,", "Benar,1e9999999,,Salah,0,"],
)  # fmt: skip
def test_what_is_neither_true_nor_false_is_told(cells: str) -> None:
    (found,) = question_table.from_csv(f"{HEAD}benar/salah,Bumi bulat.,{cells}\n")
    assert found.question is None
    assert found.problems


@pytest.mark.parametrize(
    "weight", ["1e9999999", "-1e9999999", "NaN", "sNaN", "Infinity", "9" * 400]
)
def test_no_weight_whatever_is_a_fault(weight: str) -> None:
    (found,) = question_table.from_csv(f"{HEAD}single,a,x,{weight},,y,0,\n")
    assert found.question is None
    assert found.problems


def test_a_cell_without_an_end_is_told_with_its_row() -> None:
    good = "single,a,x,100,,y,0,\n"
    found = question_table.from_csv(f'{HEAD}{good}single,"{"b" * 140_000}')
    assert [each.line for each in found] == [2, 3]
    assert found[0].question is not None
    assert found[1].problems


_CELL = st.sampled_from(
    ["", "x", "100", "-50", "Benar", "Salah", "1e99999999", "nan", '"', "=1+1", "45:1", "{}", "~%"]
) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)  # no text has NUL


@given(
    st.sampled_from(["single", "multiple", "truefalse", "short", "numeric", "matching", "ordering",
                     "essay", "?"]),
    st.lists(_CELL, max_size=28),
)  # fmt: skip
def test_no_table_whatever_is_a_fault(kind: str, cells: list[str]) -> None:
    file = io.StringIO(newline="")
    file.write(",".join(question_table.FIRST))
    file.write("".join(f",jawaban {n},nilai {n},umpan balik {n},pasangan {n}" for n in (1, 2, 3)))
    file.write("".join(f",{name}" for name in essay_cells.COLUMNS) + "\n")
    csv_table.write_table(file, [["", kind, *cells]])
    for each in question_table.from_csv(decoded(file.getvalue().encode(errors="replace"))):
        assert each.question or each.problems


HEADS = "jenis,soal,kata minimum,kata maksimum,berkas,jenis berkas,ukuran berkas,poin,rubrik\n"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("esai,Tulis,banyak,,,,,,", 'Kolom kata minimum "banyak": tulis bilangan bulat dari 0'),
        ("esai,Tulis,,3001,,,,,", 'Kolom kata maksimum "3001": tulis bilangan bulat dari 0 sampai'),
        ("esai,Tulis,200,100,,,,,", "Kata paling sedikit melebihi kata paling banyak"),
        ("esai,Tulis,,,mungkin,,,,", 'Berkas "mungkin" tidak dikenal; tulis tidak, boleh, atau'),
        ("esai,Tulis,,,boleh,pdf exe,,,", 'Jenis berkas "exe" tidak dikenal; pakai pdf, docx,'),
        ("esai,Tulis,,,boleh,,11,,", 'Kolom ukuran berkas "11": tulis bilangan bulat dari 1'),
        ("esai,Tulis,,,tidak,pdf,,,", "Esai ini tanpa berkas"),
        ("esai,Tulis,,,,,,0,", 'Kolom poin "0": tulis bilangan bulat dari 1 sampai 100.'),
        ('esai,Tulis,,,,,,7,"Isi\n5: Ya\n0: Tidak"', "Poin esai ini berasal dari rubriknya"),
        ('esai,Tulis,,,,,,,"Isi\n5: Ya"', 'Rubrik, kriteria "Isi": Kriteria perlu paling sedikit'),
        ('esai,Tulis,,,,,,,"Isi\nYa\nTidak"', 'kriteria "Isi": Tulis setiap tingkat sebagai'),
        ('esai,Tulis,,,,,,,"Isi\n5: a\n5: b"', 'kriteria "Isi": Poin setiap tingkat harus berbeda'),
        (f'esai,Tulis,,,,,,,"{"x" * 121}\n5: a\n0: b"', "Namanya paling panjang 120 karakter"),
        ("isian singkat,Apa?,5,,,,,,", "Kolom kata minimum hanya untuk esai"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_of_an_essay_is_told(row: str, said: str) -> None:
    [found] = question_table.from_csv(HEADS + row + "\n")
    assert (found.line, found.question) == (2, None)
    assert said in found.problems[0]


@pytest.mark.parametrize("heads", [HEADS, (
    "type,question,Minimum words,maximum_words,FILE,file types,file size,points,rubric\n"
)])  # fmt: skip
def test_an_essay_may_say_it_in_either_language(heads: str) -> None:
    [found] = question_table.from_csv(heads + "esai,Tulis,10,20,Required,JPG; pdf,3,,\n")
    assert found.essay == EssayContent(
        "", 10, 20, Handing.REQUIRED, (FileType.PDF, FileType.JPG), 3
    )


@pytest.mark.parametrize("above", ["", "\n\n", "sep=;\n", '"sep=;"\n\n', "sep=,\n"])
def test_what_a_spreadsheet_writes_above_the_headings_is_passed_over(above: str) -> None:
    table = "jenis,soal,jawaban 1,nilai 1,jawaban 2,nilai 2\nsingle,Apa?,x,100,y,0\n"
    text = above + (table if "," in above else table.replace(",", ";"))
    assert question_table.looks_like(text)
    (found,) = question_table.from_csv(text)
    assert found.question is not None, found.problems
    assert found.line == text.count("\n")


def test_a_table_that_is_too_much_is_soon_refused() -> None:
    text = HEAD + f'short,"{"b" * 100_000}",x,100,\n' * 30
    with pytest.raises(question_table.TooMuch) as caught:
        question_table.from_csv(text)
    assert caught.value.rows == 30
