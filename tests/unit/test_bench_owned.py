import pytest
from verify.bench.load_target import SAYING, refuse_others


@pytest.mark.parametrize(
    "host", ["http://127.0.0.1:8080", "http://localhost", "https://[::1]:8443", "http://127.9.9.9"]
)
def test_this_machine_may_be_loaded(host: str) -> None:
    refuse_others(host, {})


@pytest.mark.parametrize(
    "host",
    [
        "http://192.0.2.1",
        "https://anb.example",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@anb.example",
        "",
        None,
    ],
)
def test_no_other_is_unless_somebody_says_that_it_is_theirs(host: str | None) -> None:
    for environment in ({}, {SAYING: "0"}, {SAYING: ""}):
        with pytest.raises(SystemExit, match=SAYING):
            refuse_others(host, environment)
    refuse_others(host, {SAYING: "1"})
