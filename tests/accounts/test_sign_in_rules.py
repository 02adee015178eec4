"""Passwords, tries, sessions and addresses: decided without a database."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.accounts import rules
from lms.accounts.rules import ACCOUNT_TRIES, ADDRESS_TRIES, TRY_WINDOW, PasswordFault

NOW = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
NIP, NAME, EMAIL = "199004042015042004", "Dr. Sari Wulandari, S.Kom.", "sari.wulan@contoh.test"


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("sawah-hijau-pagi", None),
        ("a" * 7 + "bcd", None),  # ten, and four kinds of sign
        ("Padi 🌾 menguning", None),  # any signs, blanks among them
        ("x y z " * 12, None),
        ("abcd" * 32, None),  # 128
        ("", PasswordFault.TOO_SHORT),
        ("padi-jati", PasswordFault.TOO_SHORT),  # nine
        ("abcd" * 32 + "a", PasswordFault.TOO_LONG),  # 129
        ("aaaaaaaaaaaaaa", PasswordFault.COMMON),
        ("ababababab", PasswordFault.COMMON),
        ("abcabcabcabc", PasswordFault.COMMON),  # three kinds of sign
        ("Indonesia-123", PasswordFault.COMMON),  # signs between do not make it harder
        ("Merdeka 1945", PasswordFault.COMMON),
        ("merdeka1945!", PasswordFault.COMMON),
        ("2026Indonesia2026", PasswordFault.COMMON),
        ("kata-sandi", PasswordFault.COMMON),
        ("Pegawai_Negeri!", PasswordFault.COMMON),
        ("indonesia17845", None),  # five digits
        ("cinta-indonesia-raya", None),  # more than the word
        (NIP, PasswordFault.PERSONAL),
        ("19900404 201504 2 004", PasswordFault.PERSONAL),
        ("saya19900404", PasswordFault.PERSONAL),  # the birth date as in the NIP
        ("saya04041990", PasswordFault.PERSONAL),  # and as people write it
        ("saya-04-04-1990", PasswordFault.PERSONAL),
        ("sariwulandari", PasswordFault.PERSONAL),
        ("Sari Wulandari 7", PasswordFault.PERSONAL),
        ("wulandari-2026", PasswordFault.PERSONAL),  # one long word of the name
        ("sari.wulan!26", PasswordFault.PERSONAL),  # the address
        ("sari-hijau-pagi", None),  # a short word of the name may occur
        ("contoh-test-pagi", None),  # the domain is everybody's
    ],
)
def test_a_new_password_is_long_and_not_guessable(
    password: str, fault: PasswordFault | None
) -> None:
    assert judged(password) is fault


def judged(
    password: str, *, is_common: bool = False, name: str = NAME, email: str | None = EMAIL
) -> PasswordFault | None:
    return rules.password_fault(password, is_common=is_common, nip=NIP, name=name, email=email)


def test_a_person_without_an_address_is_judged_too() -> None:
    for password, fault in (("sawah-hijau-pagi", None), (NIP, PasswordFault.PERSONAL)):
        assert judged(password, name="X", email=None) is fault


def test_a_common_password_is_refused_but_for_its_length_first() -> None:
    assert judged("sawah-hijau-pagi", is_common=True) is PasswordFault.COMMON
    assert judged("pendek", is_common=True) is PasswordFault.TOO_SHORT


def test_every_local_word_is_refused_with_what_people_add() -> None:
    for word in rules._LOCAL_WORDS:
        for password in (f"{word}1945 !!", f"{word.title()}-2026!!", f"1234{word}1234"):
            if len(password) >= rules.PASSWORD_MIN:
                assert judged(password) is PasswordFault.COMMON, password


def test_capitals_and_signs_do_not_hide_a_spelling() -> None:
    assert rules.spellings("Qwerty-Uiop_1") == {"Qwerty-Uiop_1", "qwerty-uiop_1", "qwertyuiop1"}
    assert rules.spellings("sawahhijau") == {"sawahhijau"}


@given(st.text(max_size=140))
def test_only_length_and_guessability_are_judged(password: str) -> None:
    """No rule on kinds of characters: what passes, passes with another sign at its end."""
    if judged(password) is None and len(password) < rules.PASSWORD_MAX:
        assert judged(password + "~") is None


def test_an_initial_password_is_over_after_seven_days_to_the_instant() -> None:
    last = NOW + timedelta(days=7)
    assert not rules.initial_password_is_over(None, last)
    assert not rules.initial_password_is_over(NOW, NOW)
    assert not rules.initial_password_is_over(NOW, last - timedelta(microseconds=1))
    assert rules.initial_password_is_over(NOW, last)


def ago(*minutes: float) -> list[datetime]:
    return sorted(NOW - timedelta(minutes=m) for m in minutes)


def test_tries_are_counted_down() -> None:
    for used in range(ACCOUNT_TRIES):
        verdict = rules.judge_try(ago(*range(used)), [], ACCOUNT_TRIES)
        assert (verdict.allowed, verdict.left) == (True, ACCOUNT_TRIES - used - 1)


def test_the_next_slot_frees_when_the_oldest_try_leaves_the_window() -> None:
    tries = ago(14, 10, 5, 2, 1)
    verdict = rules.judge_try(tries, tries, ACCOUNT_TRIES)
    assert (verdict.allowed, verdict.retry_at) == (False, tries[0] + TRY_WINDOW)


def test_with_too_many_tries_the_wait_is_until_one_slot_frees() -> None:
    """Nine tries in the window of a limit of five: the fifth from the end must leave."""
    tries = ago(9, 8, 7, 6, 5, 4, 3, 2, 1)
    assert rules.judge_try(tries, [], 5).retry_at == tries[4] + TRY_WINDOW


def test_an_address_with_too_many_tries_waits_though_the_account_is_untouched() -> None:
    tries = ago(*(n / 10 for n in range(ADDRESS_TRIES)))
    verdict = rules.judge_try([], tries, ACCOUNT_TRIES)
    assert (verdict.allowed, verdict.retry_at) == (False, tries[0] + TRY_WINDOW)
    assert rules.judge_try([], tries[1:], ACCOUNT_TRIES).allowed


@given(
    account=st.lists(st.floats(0, 14), max_size=12),
    others=st.lists(st.floats(0, 14), max_size=120),
    limit=st.integers(1, 6),
)
def test_a_verdict_allows_or_names_a_time_to_come(
    account: list[float], others: list[float], limit: int
) -> None:
    tries, every = ago(*account), ago(*account, *others)
    verdict = rules.judge_try(tries, every, limit)
    assert verdict.allowed is (len(tries) < limit and len(every) < ADDRESS_TRIES)
    if verdict.allowed:
        assert 0 <= verdict.left < limit
    else:
        assert verdict.retry_at is not None
        assert NOW < verdict.retry_at <= NOW + TRY_WINDOW
        gone = verdict.retry_at - TRY_WINDOW  # when that time has come, a slot is free
        assert len([t for t in tries if t > gone]) < limit


@pytest.mark.parametrize(
    ("idle_for", "lasts", "live"),
    [
        (timedelta(0), timedelta(days=1), True),
        (timedelta(hours=12), timedelta(days=1), True),  # the limit itself
        (timedelta(hours=12, microseconds=1), timedelta(days=1), False),
        (timedelta(0), timedelta(microseconds=1), True),
        (timedelta(0), timedelta(0), False),  # the absolute limit belongs to the end
        (timedelta(0), timedelta(seconds=-1), False),
        (timedelta(minutes=-1), timedelta(days=1), True),  # a clock set back ends nothing
    ],
)
def test_a_session_is_live_until_idle_too_long_or_over(
    idle_for: timedelta, lasts: timedelta, live: bool
) -> None:
    assert live is rules.session_is_live(
        now=NOW,
        last_seen_at=NOW - idle_for,
        expires_at=NOW + lasts,
        idle=timedelta(hours=12),
    )


OUTSIDE = [
    "//evil.test",
    "///evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "/\t/evil.test",  # browsers leave tabs and line breaks out
    "/\n/evil.test",
    "\t//evil.test",
    "/\x00/evil.test",
    "/\x7f/evil.test",
    "https://evil.test",
    "https:evil.test",
    "HTTPS:/evil.test",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.test",
    "http://[evil",  # no address at all
    "//[evil",
    "?next=/x",
    "",
    None,
    "/" + "a" * 3000,
]


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_outside_this_site_is_none(address: str | None) -> None:
    assert rules.inner_path(address) == ""


@pytest.mark.parametrize(
    "address", ["/", "/courses?q=a%5Cb", "/courses/dua kata", "/my/settings#sessions", "/a//b"]
)
def test_a_path_of_this_site_is_kept_as_it_is(address: str) -> None:
    assert rules.inner_path(address) == address


@given(st.text(alphabet="/\\:@.?#%\t\n\r ahtps[]", max_size=12))
def test_no_spelling_leads_to_another_host(address: str) -> None:
    found = rules.inner_path(address)
    if found:
        # What a browser does first: leave out tabs and line breaks, read \ as /.
        read = found.replace("\t", "").replace("\n", "").replace("\r", "").replace("\\", "/")
        assert urlsplit(urljoin("https://kompeten.test/sign-in", read)).netloc == "kompeten.test"
