"""What an issuer says about itself: an address that could be ours is not asked; the people of tenants."""

from typing import Any

import pytest

from anb.adapters.openid.fetch import is_reachable
from anb.ports.issuers import IssuerAnswer, IssuerMistaken
from support.issuers import FIRST_KEY, WELL_KNOWN, ScriptedIssuer, address, redeem, said


class TestMetadata:
    @pytest.mark.parametrize(
        "named", [None, 7, "https://id.other.example", "https://id.club.example/", "https://id.club.example/{tenantid}"]
    )
    def test_an_issuer_must_be_the_one_that_is_configured(self, named: object) -> None:
        with pytest.raises(IssuerMistaken, match="wrong-issuer"):
            address(ScriptedIssuer(described={"issuer": named}))

    @pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
    @pytest.mark.parametrize(
        "place",
        [None, 7, "/token", "http://id.club.example/token", "https://169.254.169.254/latest", "https://[::1]/token",
         "https://localhost/token", "http://localhost:8000/token", "https://0x7f.1/token", "https://u:p@id.club.example/",
         "https://id.club.example/token#x", "file:///etc/passwd", "https://id.club.example:99999/",
         "https://id.club.example/" + "x" * 2000, "https://id.club.example/a b"],
    )  # fmt: skip
    def test_an_address_that_could_be_ours_is_not_asked(self, name: str, place: object) -> None:
        issuer = ScriptedIssuer(described={name: place})
        with pytest.raises(IssuerMistaken, match="wrong-address"):
            redeem(issuer)
        assert issuer.paths == [WELL_KNOWN]

    def test_another_host_with_a_name_and_tls_is_asked_as_google_needs(self) -> None:
        issuer = ScriptedIssuer(described={"authorization_endpoint": "https://accounts.club.example/authorize"})
        assert address(issuer).startswith("https://accounts.club.example/authorize?")

    def test_an_issuer_on_this_machine_may_name_this_machine(self) -> None:
        assert is_reachable("http://localhost:9400/token", "http://localhost:9400")
        assert not is_reachable("http://127.0.0.1:9400/token", "http://localhost:9400")


TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"


def microsoft(**more: Any) -> ScriptedIssuer:
    """Return an issuer for several tenants, as Microsoft describes its own."""
    root = "https://login.microsoft.example"
    template = f"{root}/{{tenantid}}/v2.0"
    described = {"issuer": template, "token_endpoint": f"{root}/token", "jwks_uri": f"{root}/keys"}
    claims = {"iss": f"{root}/{TENANT}/v2.0", "tid": TENANT, **more}
    return ScriptedIssuer(url=f"{root}/common/v2.0", described=described, claims=claims)


class TestAnIssuerOfManyTenants:
    def test_a_person_belongs_to_the_issuer_of_their_tenant(self) -> None:
        assert redeem(microsoft()).issuer == f"https://login.microsoft.example/{TENANT}/v2.0"

    @pytest.mark.parametrize("tid", [None, "", "common", 7, f"{TENANT}/../x", TENANT.upper()])
    def test_a_token_without_a_tenant_is_refused(self, tid: object) -> None:
        with pytest.raises(IssuerMistaken, match="wrong-tenant"):
            redeem(microsoft(tid=tid))

    def test_a_token_of_another_tenant_than_it_says_is_refused(self) -> None:
        with pytest.raises(IssuerMistaken, match="wrong-iss"):
            redeem(microsoft(tid=TENANT.replace("7", "8")))

    @pytest.mark.parametrize(
        ("said_by", "fine"),
        [("https://login.microsoft.example/{tenantid}/v2.0", True),
         (f"https://login.microsoft.example/{TENANT}/v2.0", True),
         ("https://login.microsoft.example/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", False), (7, False)],
    )  # fmt: skip
    def test_a_key_signs_only_for_the_issuer_that_it_names(self, said_by: object, fine: bool) -> None:
        issuer = microsoft()
        keys = {"keys": [{**FIRST_KEY.as_dict(private=False), "issuer": said_by}]}
        issuer.instead = {"/keys": said(keys)}
        if fine:
            assert redeem(issuer).subject
        else:
            with pytest.raises(IssuerMistaken, match="wrong-key"):
                redeem(issuer)

    @pytest.mark.parametrize(
        ("named", "fine"),
        [(f"https://login.microsoft.example/{TENANT}/v2.0", True), (None, True),
         ("https://login.microsoft.example/common/v2.0", False), ("https://evil.example", False)],
    )  # fmt: skip
    def test_the_answer_names_some_tenant_of_it(self, named: str | None, fine: bool) -> None:
        issuer = microsoft()
        if fine:
            assert redeem(issuer, answer=IssuerAnswer("a code", named)).subject
        else:
            with pytest.raises(IssuerMistaken, match="mixed-up"):
                redeem(issuer, answer=IssuerAnswer("a code", named))
