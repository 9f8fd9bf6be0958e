"""ID tokens that are not for this sign-in, or not from this issuer, are refused."""

from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey
from joserfc.util import urlsafe_b64encode

from anb.adapters.openid.id_token import SKEW_SECONDS
from anb.ports.issuers import IssuerAnswer, IssuerMistaken
from support.issuers import FIRST_KEY, SECOND_KEY, ScriptedIssuer, redeem, said

NOW = int(ScriptedIssuer().clock.now().timestamp())
LIES: list[tuple[str, dict[str, Any]]] = [
    ("wrong-nonce", {"nonce": "of another sign-in"}),
    ("wrong-nonce", {"nonce": None}),
    ("wrong-aud", {"aud": "another client"}),
    ("wrong-aud", {"aud": None}),
    # Signed for another client, which names us: Authlib alone would take it.
    ("wrong-aud", {"aud": "another client", "azp": "anb"}),
    ("wrong-azp", {"aud": ["anb", "another client"]}),
    ("wrong-azp", {"azp": "another client"}),
    ("wrong-iss", {"iss": "https://id.other.example"}),
    ("wrong-iss", {"iss": "https://id.club.example/"}),
    ("wrong-iss", {"iss": None}),
    ("wrong-iss", {"iss": ["https://id.club.example"]}),
    ("wrong-sub", {"sub": None}),
    ("wrong-sub", {"sub": ""}),
    ("wrong-sub", {"sub": "x" * 256}),
    ("wrong-sub", {"sub": 7}),
    ("expired", {"exp": NOW - SKEW_SECONDS - 60}),
    ("wrong-exp", {"exp": None}),
    ("wrong-exp", {"exp": "tomorrow"}),
    ("wrong-iat", {"iat": None}),
    ("wrong-iat", {"iat": NOW + SKEW_SECONDS + 600}),
    ("wrong-nbf", {"nbf": NOW + SKEW_SECONDS + 600}),
    ("wrong-at_hash", {"at_hash": "of another token"}),
]


class TestDisbelievingAnIssuer:
    @pytest.mark.parametrize(("rule", "claims"), LIES, ids=[f"{rule} {[*claims]}" for rule, claims in LIES])
    def test_a_token_that_is_not_for_this_sign_in_is_refused(self, rule: str, claims: dict[str, Any]) -> None:
        with pytest.raises(IssuerMistaken, match=f"^{rule}$"):
            redeem(ScriptedIssuer(claims=claims))

    def test_a_signature_by_another_key_is_refused(self) -> None:
        forger = RSAKey.generate_key(2048, {"kid": "first"})
        with pytest.raises(IssuerMistaken, match="wrong-signature"):
            redeem(ScriptedIssuer(key=forger))

    def test_a_token_without_a_signature_is_refused_even_if_announced(self) -> None:
        issuer = ScriptedIssuer(described={"id_token_signing_alg_values_supported": ["none", "RS256"]})
        head = urlsafe_b64encode(b'{"alg":"none","kid":"first"}').decode()
        issuer.begin()
        issuer.tokens = {"id_token": f"{head}.{issuer.token().split('.')[1]}."}
        with pytest.raises(IssuerMistaken, match="wrong-algorithm"):
            redeem(issuer)

    def test_our_secret_is_no_key_for_signatures(self) -> None:
        key = OctKey.import_key("s3cret of the club" * 3, {"kid": "first"})
        issuer = ScriptedIssuer(key=key, published=[key], header={"alg": "HS256"})
        issuer.described = {"id_token_signing_alg_values_supported": ["HS256", "RS256"]}
        with pytest.raises(IssuerMistaken, match="wrong-algorithm"):
            redeem(issuer)

    def test_an_algorithm_that_is_not_announced_is_refused(self) -> None:
        with pytest.raises(IssuerMistaken, match="wrong-algorithm"):
            redeem(ScriptedIssuer(header={"alg": "RS512"}))

    @pytest.mark.parametrize("said", [["none"], ["HS256"], [], "RS256", [7]])
    def test_an_issuer_without_a_strong_signature_is_refused(self, said: object) -> None:
        with pytest.raises(IssuerMistaken, match="weak-signatures"):
            redeem(ScriptedIssuer(described={"id_token_signing_alg_values_supported": said}))

    @pytest.mark.parametrize("bits", [1024, 16384])
    def test_keys_that_are_weak_or_slow_are_no_keys(self, bits: int) -> None:
        key = {**FIRST_KEY.as_dict(private=False), "n": "A" * (bits // 6)}
        issuer = ScriptedIssuer(instead={"/keys": said({"keys": [key]})})
        with pytest.raises(IssuerMistaken, match="unknown-key"):
            redeem(issuer)

    @pytest.mark.parametrize("odd", [{"n": "A" * 342}, {"e": "A"}, {"e": None}, {"n": "é" * 342}])
    def test_a_key_that_is_no_number_is_refused(self, odd: dict[str, Any]) -> None:
        key = {**FIRST_KEY.as_dict(private=False), **odd}
        with pytest.raises(IssuerMistaken):
            redeem(ScriptedIssuer(instead={"/keys": said({"keys": [key]})}))

    def test_a_key_inside_the_token_is_not_used(self) -> None:
        forger = RSAKey.generate_key(2048, {"kid": "first"})
        issuer = ScriptedIssuer(
            key=forger, header={"jwk": {"kty": "RSA", "n": "x", "e": "AQAB"}, "jku": "https://evil.example"}
        )
        with pytest.raises(IssuerMistaken, match="wrong-signature"):
            redeem(issuer)
        assert {request.url.host for request in issuer.asked} == {"id.club.example"}

    @pytest.mark.parametrize("token", [None, 7, "", "a.b", "a.b.c", "x" * 20_000, "é.é.é"])
    def test_something_else_than_a_token_is_refused(self, token: object) -> None:
        with pytest.raises(IssuerMistaken):
            redeem(ScriptedIssuer(tokens={"id_token": token}))

    def test_a_code_that_the_issuer_refuses_signs_nobody_in(self) -> None:
        issuer = ScriptedIssuer(instead={"/token": said({"error": "invalid_grant"}, 400)})
        with pytest.raises(IssuerMistaken, match="code-refused"):
            redeem(issuer)

    def test_an_answer_from_another_issuer_reaches_no_token_endpoint(self) -> None:
        issuer = ScriptedIssuer()
        with pytest.raises(IssuerMistaken, match="mixed-up"):
            redeem(issuer, answer=IssuerAnswer("a code", "https://id.other.example"))
        assert "/token" not in issuer.paths

    def test_an_issuer_that_names_itself_always_does(self) -> None:
        issuer = ScriptedIssuer(described={"authorization_response_iss_parameter_supported": True})
        assert redeem(issuer, answer=IssuerAnswer("a code", issuer.url)).subject
        with pytest.raises(IssuerMistaken, match="mixed-up"):
            redeem(issuer)

    def test_a_token_of_another_issuer_is_refused_though_both_are_configured(self) -> None:
        first, second = ScriptedIssuer(), ScriptedIssuer(url="https://id.other.example", key=SECOND_KEY)
        second.begin()
        first.tokens = {"id_token": second.token()}
        with pytest.raises(IssuerMistaken, match="unknown-key"):
            redeem(first, first.client(second))
