"""GIFT to questions: the oracles are Moodle's rules and the author checks of the course format."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lms.formats.gift.answers import WEIGHTS
from lms.formats.gift.questions import (
    FULL,
    NONE,
    Option,
    Question,
    QuestionKind,
    QuestionState,
    bounds,
)
from lms.formats.gift.reader import keys, parse

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
        ("Q {a}", QuestionKind.SHORT),
        ("Q {=a =b}", QuestionKind.SHORT),
        ("Q {=T}", QuestionKind.SHORT),
        ("Q {#1822:5}", QuestionKind.NUMERIC),
        ("Q {#=1822:0 ~#salah}", QuestionKind.NUMERIC),
        ("Q {=a -> b =c -> d}", QuestionKind.MATCHING),
        ("Q {T#a -> b}", QuestionKind.TRUEFALSE),
        ("Q {=a -> b ~c}", QuestionKind.SINGLE),
        ("Q {>\na\nb\n}", QuestionKind.ORDERING),
        ("Q {}", QuestionKind.ESSAY),
        ("Q { \n }", QuestionKind.ESSAY),
        ("Q {####umum}", QuestionKind.ESSAY),
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


def test_a_short_answer_is_read_in_its_order_with_weights_and_feedback() -> None:
    question = question_of("Q {=Jawa Barat#Tepat. =%50%\\*jabar* #Singkatan. =[plain]a_b #}")
    assert question.options == (
        Option("Jawa Barat", FULL, "Tepat."),
        Option(r"\*jabar*", Decimal(50), "Singkatan."),
        Option("a_b", FULL),
    )
    assert question_of("Q {  Bandung#Ya####Lihat peta. }").options == (
        Option("Bandung", FULL, "Ya"),
    )


def test_numbers_are_read_as_they_are_written() -> None:
    question = question_of("Q {#=1822 : 0#Tepat. =%50%1820..1824#Dekat. =-1.5e3 ~#Lihat lagi.}")
    assert question.options == (
        Option("1822:0", FULL, "Tepat."),
        Option("1820..1824", Decimal(50), "Dekat."),
        Option("-1.5e3", FULL),
        Option("*", NONE, "Lihat lagi."),
    )
    assert question_of("Q {#1822:5#Ya ~#Bukan}").options == (
        Option("1822:5", FULL, "Ya"),
        Option("*", NONE, "Bukan"),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1822", (1822, 1822)),
        ("1822:5", (1817, 1827)),
        ("-1.5:.5", None),
        ("-1.5:0.5", (-2, -1)),
        ("1..5", (1, 5)),
        ("-5..-1", (-5, -1)),
        ("2e2", (200, 200)),
        ("0.1:0.01", (Decimal("0.09"), Decimal("0.11"))),
        ("5..1", None),
        ("1:-1", None),
        ("1.", None),
        ("", None),
        ("9" * 16, None),
    ],
)
def test_the_bounds_of_a_number(text: str, expected: tuple[Decimal, Decimal] | None) -> None:
    assert bounds(text) == expected


def test_pairs_are_read_with_wrong_choices_beside() -> None:
    question = question_of("Q {=Jawa *Barat* -> Bandung =Bali -> a -> b\n= -> Serang ####Peta.}")
    assert question.options == (
        Option("Jawa *Barat*", FULL, match="Bandung"),
        Option("Bali", FULL, match="a -> b"),
        Option("", NONE, match="Serang"),
    )
    assert question.general_feedback == "Peta."


def test_items_are_read_line_by_line_in_their_order() -> None:
    question = question_of("Q {\n>\n  Sapa\n\n// catatan\nDengar\\: sungguh\nPamit ####Peta.}")
    assert [option.text for option in question.options] == ["Sapa", "Dengar: sungguh", "Pamit"]
    assert question.general_feedback == "Peta."


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


def test_state_author_and_source_stand_in_comments_too() -> None:
    source = "// [id:k] [state:draft]\n// [author:Ratna Dewi] dari [source:PP 94/2021]\nQ {T}"
    (question,), problems = parse(source)
    assert problems == []
    assert question.state is QuestionState.DRAFT
    assert (question.author, question.source) == ("Ratna Dewi", "PP 94/2021")


@pytest.mark.parametrize(
    ("source", "line", "code"),
    [
        ("// [id:k]\n// [state:lama]\nQ {T}", 2, "gift-state"),
        ("// [id:k]\n// [author:A]\n// [author:B]\nQ {T}", 3, "gift-label-twice"),
        ("// [id:k]\n// [source:a  b]\nQ {T}", 2, "gift-label"),
        (f"// [id:k]\n// [author:{'a' * 161}]\nQ {{T}}", 2, "gift-label"),
        ("// [id:k]\n// [author:[A]\nQ {T}", 2, "gift-label"),
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
        # short answer
        ("// [id:k]\nQ {\na =b}", 2, "gift-option-start"),
        ("// [id:k]\nQ {\n=a\n=#umpan balik\n}", 4, "gift-option-empty"),
        ("// [id:k]\nQ {\n=%50%a\n=%25%b}", 2, "gift-typed-full"),
        ("// [id:k]\nQ {\n=a\n=%-50%b}", 4, "gift-weight-negative"),
        ("// [id:k]\nQ {\n=a\n=[html]b}", 4, "gift-format"),
        ("// [id:k]\nQ {\n=a\n=%33.3%b}", 4, "gift-weight-list"),
        # numeric
        ("// [id:k]\nQ {#}", 2, "gift-number"),
        ("// [id:k]\nQ {#banyak}", 2, "gift-number"),
        ("// [id:k]\nQ {#1,5}", 2, "gift-number"),  # GIFT has points, in every language
        ("// [id:k]\nQ {#\n=1822:0\n=5..1}", 4, "gift-number"),
        ("// [id:k]\nQ {#1822:-1}", 2, "gift-number"),
        ("// [id:k]\nQ {#1..2..3}", 2, "gift-number"),
        ("// [id:k]\nQ {#=%50%1822}", 2, "gift-typed-full"),
        ("// [id:k]\nQ {#=1\n~2#bukan}", 3, "gift-number-rest"),
        ("// [id:k]\nQ {#=1\n~#a\n=2}", 3, "gift-number-rest"),
        # matching
        ("// [id:k]\nQ {=a -> b\n=c}", 3, "gift-pair-arrow"),
        ("// [id:k]\nQ {=a -> b\n=c -> }", 3, "gift-option-empty"),
        ("// [id:k]\nQ {=a -> b\n=c -> d#e}", 3, "gift-pair-feedback"),
        ("// [id:k]\nQ {=a -> b = -> d}", 2, "gift-pairs-few"),
        ("// [id:k]\nQ {=a -> b =c -> b}", 2, "gift-pairs-few"),
        ("// [id:k]\nQ {=a -> b =a -> c}", 2, "gift-text-doubled"),
        ("// [id:k]\nQ {a -> b =c -> d =e -> f}", 2, "gift-option-start"),
        # ordering
        ("// [id:k]\nQ {>\na\n}", 2, "gift-items-few"),
        ("// [id:k]\nQ {>3 ALL\na\nb\n}", 2, "gift-order-settings"),
        ("// [id:k]\nQ {>\na\nb\na\n}", 2, "gift-text-doubled"),
        ("// [id:k]\nQ {>\na\n[html]b\n}", 4, "gift-format"),
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
    source = "// [id:a]\nQ {T}\n\nR\n\n// [id:B]\nS {~%33%a ~}\n\n// [id:d]\nV {F}\n"
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
