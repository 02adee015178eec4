"""Numbers, names, positions, dates and paths of people: decided without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.accounts import rules
from lms.accounts.rules import NipFault, PositionKind, PositionTier

TODAY = date(2026, 11, 21)
GOOD = "199004042015042004"


@pytest.mark.parametrize(
    ("nip", "fault"),
    [
        (GOOD, None),
        ("199105052019211005", None),  # month 21: a PPPK batch
        ("199105052026991005", None),  # any month above 12 is a batch, also in the running year
        ("200811212026112001", None),  # 18 in the year of appointment, appointed this month
        ("199602292015042004", None),  # 29 February of a leap year
        ("", NipFault.LENGTH),
        ("19900404201504200", NipFault.LENGTH),  # 17 digits
        ("1990040420150420041", NipFault.LENGTH),  # 19 digits
        ("19900404201504200x", NipFault.LENGTH),
        ("１９９００４０４２０１５０４２００４", NipFault.LENGTH),  # digits of another script
        (f"{GOOD}\n", NipFault.LENGTH),
        ("199013042015042004", NipFault.BIRTH_DATE),  # month 13
        ("199002302015042004", NipFault.BIRTH_DATE),  # 30 February
        ("199502292015042004", NipFault.BIRTH_DATE),  # 29 February of a common year
        ("000004042015042004", NipFault.BIRTH_DATE),  # year 0
        ("202611222045042004", NipFault.BIRTH_DATE),  # born tomorrow
        ("199004042015002004", NipFault.APPOINTMENT),  # month 0
        ("199004042027012004", NipFault.APPOINTMENT),  # next year
        ("199004042027212004", NipFault.APPOINTMENT),  # a PPPK batch of next year
        ("199004042026122004", NipFault.APPOINTMENT),  # next month
        ("199704042014042004", NipFault.AGE),  # 17 when appointed
        ("199004041989042004", NipFault.AGE),  # appointed before birth
        ("199004042015043004", NipFault.SEX),
        ("199004042015040004", NipFault.SEX),
        ("199004042015042000", NipFault.SERIAL),
    ],
)
def test_the_first_fault_of_a_nip_is_named(nip: str, fault: NipFault | None) -> None:
    assert rules.nip_fault(nip, TODAY) is fault


@given(st.text(max_size=30))
def test_whatever_is_typed_a_nip_is_judged_and_not_crashed_on(typed: str) -> None:
    nip = rules.tidy_nip(typed)
    if rules.nip_fault(nip, TODAY) is None:
        assert rules.spaced_nip(nip).replace(" ", "") == nip


@given(
    born=st.dates(date(1950, 1, 1), date(2005, 12, 31)),
    age=st.integers(18, 21),
    month=st.integers(1, 99),
    sex=st.sampled_from("12"),
    serial=st.integers(1, 999),
)
def test_a_well_made_number_has_no_fault_and_survives_being_printed_and_pasted(
    born: date, age: int, month: int, sex: str, serial: int
) -> None:
    nip = f"{born:%Y%m%d}{born.year + age}{month:02d}{sex}{serial:03d}"
    if born.year + age < TODAY.year:
        assert rules.nip_fault(nip, TODAY) is None
    assert rules.tidy_nip(rules.spaced_nip(nip)) == nip
    assert rules.looks_like_nip(rules.spaced_nip(nip))
    assert rules.is_pppk_number(nip) is (month > 12)


@pytest.mark.parametrize(
    "pasted",
    [
        "19900404 201504 2 004",  # as offices print it
        " 199004042015042004\r\n",
        "19900404.201504.2.004",
        "19900404-201504-2-004",
        "19900404\u2013201504\u20132\u2013004",  # dashes of a word processor
        "19900404\u00a0201504\u00a02\u00a0004",  # spaces that do not break
        "\u202a199004042015042004\u202c",  # marks of direction, as address books copy them
        "1990\u200b04042015042004",  # a blank of no width
        "\ufeff199004042015042004",
        "199004042015042004\x00",
    ],
)
def test_a_pasted_nip_is_tidied(pasted: str) -> None:
    assert rules.tidy_nip(pasted) == GOOD
    assert rules.account_name(pasted) == GOOD


@given(st.text())
def test_tidying_twice_is_tidying_once(typed: str) -> None:
    once = rules.tidy_line(typed)
    assert rules.tidy_line(once) == once
    assert once == once.strip()
    assert "\x00" not in once


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Sari@Contoh.Test ", "sari@contoh.test"),
        ("\u200fsari@contoh.test", "sari@contoh.test"),  # a mark from right to left
        ("12345678", "12345678"),  # too short for a number: an address, if anything
        ("123456789", "123456789"),
        ("", ""),
        (" \t ", ""),
    ],
)
def test_what_names_an_account_has_one_spelling(typed: str, name: str) -> None:
    assert rules.account_name(typed) == name


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("sari@contoh.test", True),
        ("sari.wulandari+lms@dinas-a.contoh.go.id", True),
        ("sari", False),
        ("sari@localhost", False),
        ("@contoh.test", False),
        ("sari@", False),
        ("sari@@contoh.test", False),
        ("sari@contoh..test", False),
        ("sari@contoh.test, lain@contoh.test", False),  # a second recipient
        ("sari@contoh.test\nBcc: lain@contoh.test", False),  # a second header
        ("sari <sari@contoh.test>", False),
        ("sári@contoh.test", False),  # needs a server that few have
        (f"{'a' * 65}@contoh.test", False),
        (f"a@{'b.' * 130}test", False),
    ],
)
def test_an_address_takes_mail_to_one_person_only(address: str, good: bool) -> None:
    assert rules.is_email(address) is good


@pytest.mark.parametrize(
    ("name", "letters", "given_name"),
    [
        ("Sari Wulandari", "SW", "Sari"),
        ("Dr. Sari Wulandari, S.Kom., M.T.", "SW", "Sari"),
        ("Drs. H. Agus Salim", "AS", "Agus"),
        ("Prof. Dr. Ir. Hj. Siti Nur Haliza, M.Sc.", "SH", "Siti"),
        ("Sukarno", "S", "Sukarno"),
        ("Dr. Sukarno", "S", "Sukarno"),
        ("sari wulandari", "SW", "sari"),
        ("Sari,S.Kom", "S", "Sari"),
        ("  Sari   Wulandari ", "SW", "Sari"),
        ("'Aisyah Nur'aini", "AN", "'Aisyah"),
        ("Drs.", "D", "Drs."),  # nothing but a title: better than nothing
        ("A. B.", "A", "A. B."),
        ("Sari – Wulandari", "SW", "Sari"),
        ("李 明", "李明", "李"),
        ("ßander Straße", "SS", "ßander"),  # two letters also where one grows in upper case
        ("", "?", ""),
        ("  ", "?", ""),
        (", S.Kom.", "S", ", S.Kom."),
        ("–", "?", "–"),
        (f"{'A' * 100} {'B' * 59}", "AB", "A" * 100),
    ],
)
def test_initials_and_the_name_to_greet_with(name: str, letters: str, given_name: str) -> None:
    assert (rules.initials(name), rules.given_name(name)) == (letters, given_name)


@given(st.text())
def test_every_name_has_one_or_two_initials(name: str) -> None:
    assert 1 <= len(rules.initials(name)) <= 2
    assert rules.given_name(name) in " ".join(name.split())


@pytest.mark.parametrize(
    ("tier", "kind"),
    [
        (PositionTier.JPT_UTAMA, PositionKind.JPT),
        (PositionTier.JPT_MADYA, PositionKind.JPT),
        (PositionTier.JPT_PRATAMA, PositionKind.JPT),
        (PositionTier.ADMINISTRATOR, PositionKind.ADMINISTRATOR),
        (PositionTier.PENGAWAS, PositionKind.PENGAWAS),
        (PositionTier.PELAKSANA, PositionKind.PELAKSANA),
        (PositionTier.PEMULA, PositionKind.FUNGSIONAL),
        (PositionTier.TERAMPIL, PositionKind.FUNGSIONAL),
        (PositionTier.MAHIR, PositionKind.FUNGSIONAL),
        (PositionTier.PENYELIA, PositionKind.FUNGSIONAL),
        (PositionTier.AHLI_PERTAMA, PositionKind.FUNGSIONAL),
        (PositionTier.AHLI_MUDA, PositionKind.FUNGSIONAL),
        (PositionTier.AHLI_MADYA, PositionKind.FUNGSIONAL),
        (PositionTier.AHLI_UTAMA, PositionKind.FUNGSIONAL),
    ],
)
def test_every_tier_belongs_to_one_kind(tier: PositionTier, kind: PositionKind) -> None:
    assert rules.kind_of_tier(tier) is kind


def test_no_tier_is_left_out_above() -> None:
    listed = test_every_tier_belongs_to_one_kind.pytestmark[0].args[1]  # type: ignore[attr-defined]  # pytest adds it
    assert {tier for tier, _ in listed} == set(PositionTier)


DAYS = st.dates(date(2000, 1, 1), date(2050, 12, 31))


@given(start=DAYS, length=st.integers(0, 400), away=st.integers(1, 400))
def test_a_span_covers_both_its_ends_and_nothing_outside(
    start: date, length: int, away: int
) -> None:
    end = start + timedelta(days=length)
    assert rules.covers(start, start, end)
    assert rules.covers(end, start, end)
    assert not rules.covers(start - timedelta(days=away), start, end)
    assert not rules.covers(end + timedelta(days=away), start, end)
    assert rules.covers(end + timedelta(days=away), start, None)
    assert not rules.covers(start - timedelta(days=away), start, None)


PATHS = st.lists(st.integers(1, 120), max_size=5).map(
    lambda ids: "/" + "".join(f"{i}/" for i in ids)
)


@given(root=PATHS, path=PATHS)
def test_a_path_is_in_the_range_exactly_when_it_starts_with_the_root(root: str, path: str) -> None:
    low, high = rules.path_range(root)
    assert (low <= path < high) is path.startswith(root)


@given(root=PATHS, path=st.text())
def test_the_range_holds_for_any_text_at_all(root: str, path: str) -> None:
    low, high = rules.path_range(root)
    assert (low <= path < high) is path.startswith(root)


@given(root=PATHS, rest=PATHS)
def test_everything_below_a_unit_is_within_it(root: str, rest: str) -> None:
    low, high = rules.path_range(root)
    assert low <= root + rest[1:] < high


def test_a_neighbour_whose_number_begins_alike_is_outside() -> None:
    low, high = rules.path_range("/1/4/")
    assert not low <= "/1/40/" < high
    assert not low <= "/1/4" < high
