"""GIFT to questions: the oracles are Moodle's rules and the author checks of the course format."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lms.formats.gift.questions import Option, Question, QuestionKind
from lms.formats.gift.reader import WEIGHTS, keys, parse

GIFTISH = st.text(alphabet="\\~=#{}:%[]/-> \t\nTFabn0159.\r\ufeff$idtag")


def question_of(source: str) -> Question:
    questions, problems = parse("// [id:k]\n" + source)
    assert problems == []
    assert len(questions) == 1
    return questions[0]


def fractions_of(source: str) -> list[Decimal]:
    return [option.fraction for option in question_of(source).options]


def test_a_single_choice_is_read_whole() -> None:
    questions, problems = parse(
        "// [id:ibu-kota] [tag:M.01] [tag:geografi]\n"
        "::Ibu kota::Apa ibu kota Jawa Barat? {\n"
        "=Bandung#Tepat.\n"
        "~%50%Bogor#Dekat.\n"
        "~Serang\n"
        "####Lihat peta.\n"
        "}\n"
    )
    assert problems == []
    assert questions == [
        Question(
            key="ibu-kota",
            kind=QuestionKind.SINGLE,
            title="Ibu kota",
            text="Apa ibu kota Jawa Barat?",
            options=(
                Option("Bandung", Decimal(100), "Tepat."),
                Option("Bogor", Decimal(50), "Dekat."),
                Option("Serang", Decimal(0)),
            ),
            general_feedback="Lihat peta.",
            tags=("M.01", "geografi"),
        )
    ]
    assert questions[0].line == 2


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("Q {=a ~b}", QuestionKind.SINGLE),
        ("Q {~b =a}", QuestionKind.SINGLE),
        ("Q {~%50%a ~%50%b ~c}", QuestionKind.MULTIPLE),
        # One right answer given by weight alone is still multiple response, as in Moodle.
        ("Q {~%100%a ~b}", QuestionKind.MULTIPLE),
        ("Q {T}", QuestionKind.TRUEFALSE),
        ("Q { false }", QuestionKind.TRUEFALSE),
    ],
)
def test_the_answer_marks_decide_the_kind(source: str, kind: QuestionKind) -> None:
    assert question_of(source).kind is kind


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Q {=a ~%-50%b ~%0%c}", ["100", "-50", "0"]),
        # Thirds add up to 99.99999, which is 100 within a hundredth.
        ("Q {~%33.33333%a ~%33.33333%b ~%33.33333%c}", ["33.33333"] * 3),
        ("Q {~ %50% a ~%50.0%b ~%-100%c}", ["50", "50", "-100"]),
    ],
)
def test_weights_become_fractions(source: str, expected: list[str]) -> None:
    assert fractions_of(source) == [Decimal(each) for each in expected]


@pytest.mark.parametrize("weight", [weight for weight in WEIGHTS if weight < 100])
def test_every_weight_of_the_list_is_accepted(weight: Decimal) -> None:
    assert fractions_of(f"Q {{=a ~%{weight}%b}}") == [Decimal(100), weight]


@pytest.mark.parametrize(
    ("answer", "fractions", "feedbacks"),
    [
        ("T", (100, 0), ("", "")),
        ("FALSE", (0, 100), ("", "")),
        # The first feedback is for a wrong answer, the second for a right one.
        ("T#salah#tepat", (100, 0), ("tepat", "salah")),
        ("F#salah#tepat", (0, 100), ("salah", "tepat")),
        ("TRUE#salah", (100, 0), ("", "salah")),
        ("F##tepat", (0, 100), ("", "tepat")),
    ],
)
def test_true_false_has_two_named_options_in_a_fixed_order(
    answer: str, fractions: tuple[int, int], feedbacks: tuple[str, str]
) -> None:
    question = question_of(f"Q {{{answer}####umum}}")
    assert [option.text for option in question.options] == ["Benar", "Salah"]
    assert tuple(int(option.fraction) for option in question.options) == fractions
    assert tuple(option.feedback for option in question.options) == feedbacks
    assert question.general_feedback == "umum"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"2 \= 2 \~ \# \{x\} a\:b {T}", "2 = 2 ~ # {x} a:b"),
        (r"satu\n\ndua {T}", "satu\n\ndua"),
        # A backslash before anything else is a backslash.
        (r"a\\b \* c\d {T}", r"a\b \* c\d"),
        (r"C\:\\n {T}", r"C:\n"),
        # Lines of the text stay lines: this is Markdown.
        ("satu\n- dua\n- tiga {T}", "satu\n- dua\n- tiga"),
        ("[markdown]**tebal** {T}", "**tebal**"),
        # Any other word in brackets belongs to the text.
        ("[a](media/a.pdf) {T}", "[a](media/a.pdf)"),
        ("pakai https\\://contoh.id // begitu {T}", "pakai https://contoh.id // begitu"),
    ],
)
def test_texts_are_unescaped(source: str, text: str) -> None:
    assert question_of(source).text == text


def test_plain_text_becomes_markdown_that_shows_the_same() -> None:
    question = question_of("[plain]2 * 3 * 4 < 30 & [x]\n\\# baris\n1. satu {=a_b ~[markdown]*c*}")
    assert question.text == (
        "2 &#42; 3 &#42; 4 &#60; 30 &#38; &#91;x&#93;  \n&#35; baris  \n1&#46; satu"
    )
    assert [option.text for option in question.options] == ["a&#95;b", "*c*"]


@pytest.mark.parametrize(
    "source",
    [
        # BOM and Windows line ends
        "\ufeff// [id:k]\r\nQ {\r\n=a\r\n~b\r\n}\r\n",
        # other comments, a category and a header before the question
        "$CATEGORY: a/b\n\n// Kuis pertama\n\n// [id:k]\n// catatan\nQ {=a ~b}",
        # a comment and a blank line among the answers
        "// [id:k]\nQ {\n=a\n// ini pengecoh\n\n~b\n\n}",
        # a question that is commented out, key and all
        "// [id:lama]\n// Q {T}\n\n// [id:k]\nQ {=a ~b}",
        "   // [id: k ]\n  Q {=a~b}",
    ],
)
def test_what_stands_around_a_question_does_not_matter(source: str) -> None:
    questions, problems = parse(source)
    assert problems == []
    assert [(q.key, q.text, [o.text for o in q.options]) for q in questions] == [
        ("k", "Q", ["a", "b"])
    ]


def test_labels_may_stand_on_several_comment_lines() -> None:
    source = "// [tag:M.01]\n// [id:k] [tag:M.02]\n// [tag:last-option-fixed] [tag:M.01]\nQ {=a ~b}"
    (question,), problems = parse(source)
    assert problems == []
    assert (question.key, question.tags) == ("k", ("M.01", "M.02"))
    assert question.last_option_fixed


@pytest.mark.parametrize(
    ("source", "line", "code"),
    [
        ("Q {T}", 1, "key-missing"),
        # a blank line parts the comment from the question
        ("// [id:k]\n\nQ {T}", 3, "key-missing"),
        ("// [id:K 1]\nQ {T}", 1, "key-invalid"),
        (f"// [id:{'k' * 61}]\nQ {{T}}", 1, "key-invalid"),
        ("// [id:k]\n// [id:l]\nQ {T}", 2, "gift-id-twice"),
        ("// [id:k]\n// [tag:a b]\nQ {T}", 2, "gift-tag"),
        ("// [id:k]\n[html]<b>Q</b> {T}", 2, "gift-format"),
        ("// [id:k]\nQ {\n=a\n~[moodle]b}", 4, "gift-format"),
        ("// [id:k]\n::judul:: {T}", 2, "gift-text-empty"),
        ("// [id:k]\n::judul {T}", 2, "gift-text-empty"),
        ("// [id:k]\nQ {=a ~b", 2, "gift-brace"),
        ("// [id:k]\nQ\nQ =a }", 2, "gift-brace"),
        ("// [id:k]\nQ\nQ {=a{b} ~c}", 3, "gift-brace"),
        ("// [id:k]\nQ {T}}", 2, "gift-joined"),
        # the next question follows without a blank line
        ("// [id:k]\nQ {\nT}\nR {F}", 3, "gift-joined"),
        ("// [id:k]\nSelamat datang.", 2, "gift-type"),  # description
        ("// [id:k]\nQ {}", 2, "gift-type"),  # essay
        ("// [id:k]\nQ {####umum}", 2, "gift-type"),  # essay with feedback
        ("// [id:k]\nQ {#1822:5}", 2, "gift-type"),  # numeric
        ("// [id:k]\nQ {#=1822:0 ~#salah}", 2, "gift-type"),  # numeric with feedback
        ("// [id:k]\nQ {=a -> b =c -> d}", 2, "gift-type"),  # matching
        ("// [id:k]\nQ {=a =b}", 2, "gift-type"),  # short answer
        ("// [id:k]\nQ {a}", 2, "gift-type"),  # short answer, as Moodle takes it
        ("// [id:k]\nIbu {=a ~b} kota", 2, "gift-type"),  # missing word
        ("// [id:k]\nQ {a =b ~c}", 2, "gift-option-start"),
        ("// [id:k]\nQ {\n=a\n~#umpan balik\n}", 4, "gift-option-empty"),
        ("// [id:k]\nQ {\n~%100%a\n}", 2, "gift-options-few"),
        ("// [id:k]\nQ {\n=a\n=b\n~c}", 4, "gift-right-many"),
        ("// [id:k]\nQ {\n=a\n~%100%c}", 3, "gift-right-many"),
        # an = in the text that should have been escaped
        ("// [id:k]\nQ {\n=1+1=2\n~b}", 3, "gift-right-many"),
        ("// [id:k]\nQ {\n=%50%a\n~b}", 3, "gift-right-weight"),
        ("// [id:k]\nQ {=a\n~%33,3%b}", 3, "gift-weight-form"),
        ("// [id:k]\nQ {=a\n~%33.3%b}", 3, "gift-weight-list"),
        ("// [id:k]\nQ {~%50%a ~%40%b}", 2, "gift-weights-sum"),
        ("// [id:k]\nQ {~a ~b}", 2, "gift-weights-sum"),
        ("// [id:k]\nQ {~%100%a ~%5%b}", 2, "gift-weights-sum"),
    ],
)
def test_a_fault_is_named_with_its_line(source: str, line: int, code: str) -> None:
    questions, problems = parse(source)
    assert questions == []
    assert [(problem.line, problem.code) for problem in problems] == [(line, code)]
    assert problems[0].message.endswith(".")


def test_a_weight_off_the_list_is_told_the_nearest_one() -> None:
    _, (problem,) = parse("// [id:k]\nQ {=a ~%-33.3%b}")
    assert "-33.33333%" in problem.message


def test_every_fault_is_told_and_the_good_questions_are_still_read() -> None:
    source = "// [id:a]\nQ {T}\n\nR {=a =b}\n\n// [id:B]\nS {~%33%a ~}\n\n// [id:d]\nV {F}\n"
    questions, problems = parse(source)
    assert [question.key for question in questions] == ["a", "d"]
    assert [(problem.line, problem.code) for problem in problems] == [
        (4, "gift-type"),
        (4, "key-missing"),
        (6, "key-invalid"),
        (7, "gift-option-empty"),
        (7, "gift-weight-list"),
    ]


def test_an_unclosed_brace_does_not_swallow_the_next_question() -> None:
    questions, problems = parse("// [id:a]\nQ {=a ~b\n\n// [id:b]\nR {T}\n")
    assert [question.key for question in questions] == ["b"]
    assert [(problem.line, problem.code) for problem in problems] == [(2, "gift-brace")]


def test_keys_are_found_also_in_questions_with_faults() -> None:
    source = "// [id:a]\nQ {T}\n\n// [id:b]\nR {}\n\n// [id:Z]\nS {T}\n\n// [id:c]\n"
    assert keys(source) == [("a", 1), ("b", 4)]


@given(st.text() | GIFTISH)
@example("{")
@example("// [id:k]\n{~%}")
@example("// [id:k]\n::")
@example("$CATEGORY")
def test_no_text_at_all_makes_it_raise(source: str) -> None:
    questions, problems = parse(source)
    lines = source.count("\n") + source.count("\r") + 1
    places = [question.line for question in questions] + [problem.line for problem in problems]
    assert all(1 <= line <= lines for line in places)
    assert {question.key for question in questions} <= {key for key, _ in keys(source)}


@given(GIFTISH)
def test_every_block_is_either_read_or_faulted(answer: str) -> None:
    questions, problems = parse(f"// [id:k]\nQ {{{answer}}}")
    assert bool(questions) or bool(problems)


def test_a_long_file_of_faults_is_read_in_a_moment() -> None:
    questions, problems = parse("// [id:k]\nQ {" + "\n~" * 10_000 + "}")
    assert questions == []
    assert len(problems) == 10_000
