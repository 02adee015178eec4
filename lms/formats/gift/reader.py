"""GIFT to questions.

A question is a run of lines without a blank line between them; inside `{ }` blank lines are
forgiven. Stable key and tags stand in comment lines of the question: `// [id:…] [tag:…]`; so do
`[state:…]`, `[author:…]` and `[source:…]`, which only we know.
"""

import re

from lms.formats.gift.answers import answer_of
from lms.formats.gift.questions import (
    LABEL_LENGTH,
    LAST_OPTION_FIXED,
    Question,
    QuestionState,
    is_key,
    key_rule,
    label,
)
from lms.formats.gift.source import (
    STYLE,
    Block,
    GiftProblem,
    blocks,
    cut,
    markdown,
    masked,
    not_supported,
    unescaped,
)
from lms.formats.words import Words

_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


def parse(text: str) -> tuple[list[Question], list[GiftProblem]]:
    """The good questions and everything wrong with the others; takes any text without raising.

    Whether keys are unique is left to the caller, because they must be so over a whole course.
    """
    found = blocks(text)
    questions = [question for block in found if (question := question_of(block))]
    return questions, sorted(problem for block in found for problem in block.problems)


def keys(text: str) -> list[tuple[str, int]]:
    """Every question's key and its line, also those of questions that `parse` finds fault with."""
    found = (block.labels("id")[:1] for block in blocks(text))
    return [(key, line) for labels in found for line, key in labels if is_key(key)]


def question_of(block: Block) -> Question | None:
    """None where it cannot be read; what is wrong is noted in the block."""
    key = _key(block)
    tags = _tags(block)
    state, author, source = _state(block), _told(block, "author"), _told(block, "source")
    parts = _split(block)
    if parts is None:
        return None
    head, answer, start = parts
    title, style, text = _head(block, head)
    at = masked(answer).rfind("####")
    body, general = (answer, "") if at < 0 else (answer[:at], answer[at + 4 :])
    general_feedback = markdown(block, general, style, start + len(body))
    kind, options = answer_of(block, body, style, start)
    if block.problems:
        return None
    return Question(
        key=key,
        kind=kind,
        title=title,
        text=text,
        options=options,
        general_feedback=general_feedback,
        tags=tuple(tag for tag in tags if tag != LAST_OPTION_FIXED),
        last_option_fixed=LAST_OPTION_FIXED in tags,
        state=state,
        author=author,
        source=source,
        line=block.line(),
    )


def _key(block: Block) -> str:
    ids = block.labels("id")
    if not ids:
        block.note(
            "key-missing",
            Words(
                "Soal ini belum punya kunci; tulis // [id:kunci] tepat di atasnya tanpa "
                "baris kosong."
            ),
        )
        return ""
    (line, key), *others = ids
    if others:
        block.note(
            "gift-id-twice",
            Words("Soal ini punya lebih dari satu [id:…]; sisakan satu."),
            line=others[0][0],
        )
    if not is_key(key):
        block.note("key-invalid", key_rule(key), line=line)
    return key


def _tags(block: Block) -> tuple[str, ...]:
    tags = block.labels("tag")
    for line, tag in tags:
        if not _TAG.fullmatch(tag):
            block.note(
                "gift-tag",
                Words(
                    'Tag "%(tag)s" tidak sah; pakai huruf, angka, titik, dan tanda hubung.', tag=tag
                ),
                line=line,
            )
    return tuple(dict.fromkeys(tag for _, tag in tags))


def _state(block: Block) -> QuestionState:
    """Ready where the question does not say."""
    said = _told(block, "state")
    known = [state for state in QuestionState if state.value == said]
    if said and not known:
        names = ", ".join(state.value for state in QuestionState)
        block.note(
            "gift-state",
            Words(
                'Status "%(said)s" tidak dikenal; tulis salah satu dari %(names)s.',
                said=said,
                names=names,
            ),
            line=block.labels("state")[0][0],
        )
    return known[0] if known else QuestionState.READY


def _told(block: Block, name: str) -> str:
    """What the only label of this name says."""
    found = block.labels(name)
    if not found:
        return ""
    (line, text), *others = found
    if others:
        block.note(
            "gift-label-twice",
            Words("Soal ini punya lebih dari satu [%(name)s:…]; sisakan satu.", name=name),
            line=others[0][0],
        )
    if text != label(text):
        block.note(
            "gift-label",
            Words(
                "Isi [%(name)s:…] paling panjang %(label_length)s karakter, tanpa kurung "
                "siku dan spasi ganda; perbaiki.",
                name=name,
                label_length=LABEL_LENGTH,
            ),
            line=line,
        )
    return text


def _split(block: Block) -> tuple[str, str, int] | None:
    """The text before the braces, the text between them, and where the latter starts."""
    text, mask = block.text, masked(block.text)
    start, end = mask.find("{"), mask.find("}")
    rest = mask[end + 1 :]
    if start == end == -1:
        not_supported(block, Words("teks tanpa jawaban (baris kosong memisahkan soal)"))
    elif end < start or start == -1 or "{" in mask[start + 1 : end]:
        block.note(
            "gift-brace",
            Words(
                "Kurung { dan } tidak berpasangan; lengkapi, atau tulis \\{ \\} bila bagian teks."
            ),
            offset=max(start, 0),
        )
    elif "{" in rest or "}" in rest or "::" in rest:
        block.note(
            "gift-joined",
            Words(
                "Ada soal lain setelah } tanpa pemisah; beri satu baris kosong di antara dua soal."
            ),
            offset=end,
        )
    elif rest.strip():
        not_supported(block, Words("kata rumpang (teks setelah })"), offset=end)
    else:
        return text[:start], text[start + 1 : end], start + 1
    return None


def _head(block: Block, head: str) -> tuple[str, str, str]:
    """Title, style of all texts, and the question's own text."""
    title, text = "", head.strip()
    if text.startswith("::"):
        title, text = cut(text[2:], "::")
    named = STYLE.match(text)
    style = named[1] if named else "markdown"
    text = markdown(block, text, style, 0)
    if not text:
        block.note(
            "gift-text-empty",
            Words(
                "Teks soal kosong; tulis pertanyaannya sebelum {, setelah ::judul:: bila ada judul."
            ),
        )
    return " ".join(unescaped(title).split()), style, text
