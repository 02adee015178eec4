"""Questions to GIFT: whatever is written is read back the same."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lms.formats.gift.answers import WEIGHTS
from lms.formats.gift.questions import (
    ANY_NUMBER,
    FALSE,
    FULL,
    LAST_OPTION_FIXED,
    NONE,
    TRUE,
    Option,
    Question,
    QuestionKind,
    QuestionState,
    label,
)
from lms.formats.gift.reader import parse
from lms.formats.gift.writer import dump

# Line ends are plain and no text begins or ends with space, as the reader has it.
_ANY = st.text(max_size=12) | st.text(alphabet="\\~=#{}:%[]/-> \nTF5*$", max_size=12)
TEXTS = _ANY.map(lambda text: text.replace("\r", "").strip())
WORDS = TEXTS.filter(bool)
TITLES = TEXTS.map(lambda text: " ".join(text.split()))
KEYS = st.from_regex(r"[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,4}", fullmatch=True)
TAGS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True).filter(
    lambda tag: tag != LAST_OPTION_FIXED
)
# An arrow makes GIFT take the answers for pairs, so that no other typed answer can hold one.
UNTIED = TEXTS.filter(lambda text: "->" not in text)
LINES = TITLES.filter(bool)
NUMBERS = st.sampled_from(["1822", "1822:5", "-1.5:0.25", "1..5", "-5..-1", "2e3", "0"])
LABELS = (st.just("") | _ANY).map(label)
SPLITS = [["100"], ["50", "50"], ["33.33333"] * 3, ["66.66667", "33.33333"], ["14.28571"] * 7]


@st.composite
def options_of(draw: st.DrawFn, kind: QuestionKind) -> tuple[Option, ...]:
    if kind is QuestionKind.TRUEFALSE:
        right = draw(st.booleans())
        first, second = (FULL, NONE) if right else (NONE, FULL)
        return Option(TRUE, first, draw(TEXTS)), Option(FALSE, second, draw(TEXTS))
    if kind is QuestionKind.MATCHING:
        return draw(pairs())
    if kind is QuestionKind.ORDERING:
        items = draw(st.lists(WORDS, min_size=2, max_size=5, unique=True))
        return tuple(Option(item, FULL) for item in items)
    if kind is QuestionKind.ESSAY:
        return ()
    if kind in (QuestionKind.SHORT, QuestionKind.NUMERIC):
        return draw(typed(kind))
    if kind is QuestionKind.SINGLE:
        others = st.sampled_from([weight for weight in WEIGHTS if weight != FULL])
        fractions = [FULL, *draw(st.lists(others, min_size=1, max_size=5))]
    else:
        wrong = st.sampled_from([weight for weight in WEIGHTS if weight <= 0])
        right_ones = [Decimal(weight) for weight in draw(st.sampled_from(SPLITS))]
        fractions = [*right_ones, *draw(st.lists(wrong, min_size=1, max_size=5))]
    order = draw(st.permutations(fractions))
    return tuple(Option(draw(WORDS), fraction, draw(TEXTS)) for fraction in order)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Option, ...]:
    stems = draw(st.lists(UNTIED.filter(bool), min_size=2, max_size=4, unique=True))
    right = draw(st.lists(LINES, min_size=len(stems), max_size=len(stems), unique=True))
    wrong = draw(st.lists(LINES, max_size=2))
    pairs = [Option(stem, FULL, match=match) for stem, match in zip(stems, right, strict=True)]
    return *pairs, *(Option("", NONE, match=match) for match in wrong)


@st.composite
def typed(draw: st.DrawFn, kind: QuestionKind) -> tuple[Option, ...]:
    words = UNTIED.map(lambda text: " ".join(text.split())).filter(bool)
    texts = words if kind is QuestionKind.SHORT else NUMBERS
    weights = st.sampled_from([weight for weight in WEIGHTS if weight >= 0])
    fractions = draw(st.permutations([FULL, *draw(st.lists(weights, max_size=3))]))
    options = [Option(draw(texts), fraction, draw(UNTIED)) for fraction in fractions]
    if kind is QuestionKind.NUMERIC and draw(st.booleans()):
        options.append(Option(ANY_NUMBER, NONE, draw(TEXTS)))
    return tuple(options)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    kind = draw(st.sampled_from(QuestionKind))
    return Question(
        key=draw(KEYS),
        kind=kind,
        title=draw(TITLES),
        text=draw(WORDS),
        options=draw(options_of(kind)),
        general_feedback=draw(TEXTS),
        tags=tuple(draw(st.lists(TAGS, max_size=3, unique=True))),
        last_option_fixed=draw(st.booleans()),
        state=draw(st.sampled_from(QuestionState)),
        author=draw(LABELS),
        source=draw(LABELS),
    )


@given(st.lists(questions(), max_size=3))
def test_what_is_written_is_read_back_the_same(written: list[Question]) -> None:
    assert parse(dump(written)) == (written, [])


@given(st.text() | st.text(alphabet="\\~=#{}:%[]/-> \nTFabn05.id*$"))
def test_what_was_read_once_stays_the_same(answer: str) -> None:
    read, _ = parse(f"// [id:k]\nQ {{{answer}}}")
    assert parse(dump(read)) == (read, [])


def test_texts_that_look_like_marks_stay_texts() -> None:
    options = (Option("%50% dari 10 = 5", FULL, "[html] itu format"), Option("[plain]", NONE))
    question = Question("k", QuestionKind.SINGLE, "a::b", "[html]{x}", options, "#### ini")
    assert parse(dump([question])) == ([question], [])


def test_what_only_we_know_stands_in_a_comment_line_of_its_own() -> None:
    options = (Option(TRUE, FULL), Option(FALSE, NONE))
    question = Question(
        "k", QuestionKind.TRUEFALSE, "", "Ya?", options, tags=("M.01",),
        state=QuestionState.RETIRED, author="Ratna Dewi, S.Sos.", source="PP 94/2021: 4 (a)",
    )  # fmt: skip
    assert dump([question]) == (
        "// [id:k] [tag:M.01]\n"
        "// [state:retired] [author:Ratna Dewi, S.Sos.] [source:PP 94/2021: 4 (a)]\n"
        "[markdown]Ya? {T}\n"
    )


def test_the_written_form_is_the_one_that_trainers_write() -> None:
    question = Question(
        key="cuti",
        kind=QuestionKind.MULTIPLE,
        title="Cuti",
        text="Mana yang **cuti**?",
        options=(
            Option("Tahunan", Decimal(50), "Ya"),
            Option("Besar", Decimal(50)),
            Option("Tugas: dinas", Decimal("-33.33333")),
        ),
        general_feedback="Lihat\naturan.",
        tags=("M.01",),
        last_option_fixed=True,
    )
    truth = Question(
        key="benar",
        kind=QuestionKind.TRUEFALSE,
        title="",
        text="Ya?",
        options=(Option(TRUE, NONE, "Keliru"), Option(FALSE, FULL)),
    )
    assert dump([question, truth]) == (
        "// [id:cuti] [tag:M.01] [tag:last-option-fixed]\n"
        "::Cuti::[markdown]Mana yang **cuti**? {\n"
        "~%50%Tahunan#Ya\n"
        "~%50%Besar\n"
        "~%-33.33333%Tugas\\: dinas\n"
        "####Lihat\\naturan.\n"
        "}\n"
        "\n"
        "// [id:benar]\n"
        "[markdown]Ya? {F#Keliru}\n"
    )
