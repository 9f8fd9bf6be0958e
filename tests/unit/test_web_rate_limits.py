"""Which requests a limit counts together, when it refuses, and what a client is told."""

import ipaddress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from anb.web import rate_limits, security_headers
from anb.web.rate_limits import AccountLimited, BlockLimited, Limiter, Subject, TooManyRequests
from support.limited import FakeState

SOMEBODY, OTHER = UUID(int=1), UUID(int=2)


def told(limiter: Limiter) -> dict[str, str]:
    added: dict[str, str] = limiter.request.scope.get(security_headers._ADDED, {})
    return added


class TestCount:
    def test_so_many_pass_and_one_more_is_refused_until_the_time_is_over(self) -> None:
        site = FakeState(read="2/minute")
        for left in (1, 0):
            limiter = site.limiter()
            limiter.count(limiter.block("read"))
            assert told(limiter) == {"RateLimit-Policy": '"read-60";q=2;w=60', "RateLimit": f'"read-60";r={left};t=60'}
        limiter = site.limiter()
        with pytest.raises(TooManyRequests) as refused:
            limiter.count(limiter.block("read"))
        assert refused.value.text("es").endswith("en 60 s.")
        assert told(limiter)["Retry-After"] == "60"
        assert told(limiter)["RateLimit"] == '"read-60";r=0;t=60'
        site.clock.ahead += timedelta(seconds=61)
        site.limiter().count(limiter.block("read"))

    def test_a_look_counts_nothing_and_refuses_what_would_be_too_many(self) -> None:
        site = FakeState(read="1/minute")
        limiter = site.limiter()
        for _ in range(5):
            limiter.check(limiter.block("read"))
            assert not limiter.is_used_up(limiter.block("read"))
        limiter.count(limiter.block("read"))
        assert limiter.is_used_up(limiter.block("read"))
        with pytest.raises(TooManyRequests):
            limiter.check(limiter.block("read"))

    def test_what_a_cache_keeps_is_told_to_nobody_until_it_is_refused(self) -> None:
        site = FakeState(read="1/minute")
        quiet = site.limiter()
        quiet.count(quiet.block("read"), told=False)
        assert told(quiet) == {}
        with pytest.raises(TooManyRequests):
            quiet.count(quiet.block("read"), told=False)
        assert set(told(quiet)) == {"RateLimit", "RateLimit-Policy", "Retry-After"}

    def test_of_several_quotas_the_one_that_is_nearest_to_its_end_is_told(self) -> None:
        site = FakeState(read="10/minute;3/hour", vote="100/minute")
        limiter = site.limiter(caller=SOMEBODY)
        limiter.count(limiter.account("vote"), limiter.block("read"))
        assert told(limiter) == {
            "RateLimit-Policy": '"vote-60";q=100;w=60, "read-60";q=10;w=60, "read-3600";q=3;w=3600',
            "RateLimit": '"read-3600";r=2;t=3600',
        }

    def test_an_operator_hears_which_limit_was_reached_and_by_whom(self, monkeypatch: pytest.MonkeyPatch) -> None:
        said: list[Any] = []
        monkeypatch.setattr(rate_limits, "record", lambda event, **ids: said.append((event, ids)))
        limiter = FakeState(vote="1/minute").limiter(caller=SOMEBODY)
        limiter.count(limiter.account("vote"))
        assert said == []
        with pytest.raises(TooManyRequests):
            limiter.count(limiter.account("vote"))
        assert said == [("web.limit.reached", {"policy": "vote-60", "account_id": SOMEBODY})]

    def test_without_a_rate_nothing_is_counted(self) -> None:
        site = FakeState(read="")
        limiter = site.limiter()
        limiter.count(limiter.block("read"))
        assert (site.counters.counted, told(limiter)) == ({}, {})

    @pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
    def test_an_exempt_network_is_never_counted(self, address: str) -> None:
        site = FakeState(read="1/minute")
        limiter = site.limiter(address)
        for _ in range(3):
            limiter.count(limiter.block("read"))
            limiter.check(limiter.block("read"))
        assert (site.counters.counted, limiter.exempt) == ({}, True)
        assert not limiter.is_used_up(limiter.block("read"))


def key(found: Any) -> str:
    (subject,) = found
    assert isinstance(subject, Subject)
    return subject.key


class TestSubjects:
    @pytest.mark.parametrize(
        ("one", "other", "same_block", "same_line"),
        [
            ("203.0.113.7", "203.0.113.7", True, True),
            ("203.0.113.7", "203.0.113.255", True, False),
            ("203.0.113.7", "203.0.112.7", False, False),
            ("203.0.113.7", "::ffff:203.0.113.7", True, True),
            ("2001:db8:1:ff::1", "2001:db8:1:ff:9::9", True, True),
            ("2001:db8:1:100::1", "2001:db8:1:1ff::1", True, False),
            ("2001:db8:1:100::1", "2001:db8:1:200::1", False, False),
            ("2001:db8:1:100::1", "2001:db8:1:180::1", True, False),
            ("fe80::1%eth0", "fe80::1%eth1", True, True),
            (None, "no address", True, True),
        ],
    )
    def test_a_block_is_24_or_56_bits_and_a_line_32_or_64(
        self, one: str | None, other: str | None, same_block: bool, same_line: bool
    ) -> None:
        site = FakeState()
        first, second = site.limiter(one), site.limiter(other)
        assert (key(first.block("read")) == key(second.block("read"))) is same_block
        assert (key(first.line("read")) == key(second.line("read"))) is same_line

    def test_accounts_addresses_settings_and_browsers_are_counted_apart(self) -> None:
        limiter = FakeState().limiter(caller=SOMEBODY)
        found = [
            *limiter.account("vote"), *limiter.account("upload"), *limiter.block("vote"),
            *limiter.line("sign_in", "a@x"), *limiter.line("sign_in", "b@x"),
            *limiter.browser("sign_in", "a@x"), *limiter.browser("sign_in", "b@x"),
            *FakeState().limiter(caller=OTHER).account("vote"),
        ]  # fmt: skip
        assert len({one.key for one in found}) == len(found)
        assert [one.name for one in found[:4]] == ["vote", "upload", "vote", "sign-in"]

    def test_a_key_tells_nobody_who_it_is(self) -> None:
        site = FakeState(vote="1/minute")
        limiter = site.limiter(caller=SOMEBODY)
        limiter.count(limiter.account("vote"), limiter.block("vote"), limiter.line("vote", "me@example.com"))
        said = " ".join(site.counters.counted)
        assert len(site.counters.counted) == 3
        assert not [word for word in (str(SOMEBODY), "203.0", "example") if word in said]
        assert all(len(one.rpartition(":")[2]) == 32 for one in site.counters.counted)

    def test_nobody_has_no_account(self) -> None:
        assert list(FakeState().limiter().account("vote")) == []


class TestDependencies:
    def test_a_block_is_counted_whoever_asks(self) -> None:
        site, limited = FakeState(read="1/minute"), BlockLimited("read", told=True)
        limited(site.request())
        with pytest.raises(TooManyRequests):
            limited(site.request("203.0.113.9"))
        limited(site.request("203.0.112.9"))

    def test_an_account_is_counted_wherever_it_is_and_its_block_too(self) -> None:
        site, limited = FakeState(vote="1/minute", vote_block="2/minute"), AccountLimited("vote", "vote_block")
        limited(site.request(), SOMEBODY)
        with pytest.raises(TooManyRequests):
            limited(site.request("192.0.2.1"), SOMEBODY)
        limited(site.request(), OTHER)
        with pytest.raises(TooManyRequests):
            limited(site.request(), UUID(int=3))

    def test_nobody_is_counted_where_an_account_is_needed(self) -> None:
        site = FakeState(vote="1/minute", vote_block="1/minute")
        AccountLimited("vote", "vote_block")(site.request(), None)
        AccountLimited("vote", None)(site.request(), SOMEBODY)
        assert len(site.counters.counted) == 1

    @pytest.mark.parametrize("told", [True, False])
    def test_an_endpoint_names_its_settings(self, told: bool) -> None:
        assert vars(rate_limits.limited("vote", block="vote_block").dependency) == {
            "_account": "vote", "_block": "vote_block"
        }  # fmt: skip
        assert vars(rate_limits.limited(block="read", told=told).dependency) == {"_block": "read", "_told": told}
        assert vars(rate_limits.limited(block="read").dependency)["_told"] is True


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "1 s"), (90, "90 s"), (91, "2 min"), (120, "2 min"), (121, "3 min"), (5400, "90 min"), (5401, "2 h"),
     (7200, "2 h"), (7201, "3 h"), (86_400, "24 h")],
)  # fmt: skip
def test_a_wait_is_said_as_people_do_and_never_too_short(seconds: int, said: str) -> None:
    assert [rate_limits.spoken(seconds).text(language) for language in ("es", "en")] == [said, said]


@pytest.mark.parametrize(
    ("networks", "address", "exempt"),
    [
        ("203.0.113.0/24", "203.0.113.9", True),
        ("192.0.2.0/24, 203.0.113.0/24", "203.0.113.9", True),
        ("203.0.113.0/24", "203.0.112.9", False),
        ("2001:db8::/32", "203.0.113.9", False),
        ("0.0.0.0/0", "2001:db8::1", False),
        ("", "203.0.113.9", False),
    ],
)
def test_whom_an_operator_exempts(networks: str, address: str, exempt: bool) -> None:
    assert rate_limits.is_exempt(networks, ipaddress.ip_address(address)) is exempt
    assert not rate_limits.is_exempt(networks, None)
