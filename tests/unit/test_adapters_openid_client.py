"""The client of OpenID Connect: what it asks an issuer for, and what it believes."""

from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from anb.adapters.openid.client import FRESH_SECONDS, REST_SECONDS, STALE_SECONDS
from anb.adapters.openid.id_token import SKEW_SECONDS
from anb.ports.issuers import IssuerAnswer, IssuerMistaken, IssuerSilent, SignInSecrets, Vouched
from support.issuers import FIRST_KEY, HERE, SECOND_KEY, WELL_KNOWN, ScriptedIssuer, address, redeem, said


class TestAskingAnIssuer:
    def test_the_address_asks_for_a_code_with_pkce_state_and_nonce(self) -> None:
        parts = urlsplit(address(ScriptedIssuer()))
        asked = {name: value for name, (value,) in parse_qs(parts.query).items()}
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://id.club.example/authorize"
        # The S256 of 43 times "v", computed by hand with sha256 and base64url.
        assert asked == {
            "response_type": "code", "client_id": "anb", "redirect_uri": HERE, "scope": "openid email profile",
            "state": "s" * 43, "nonce": "n" * 43, "code_challenge_method": "S256",
            "code_challenge": "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM",
        }  # fmt: skip

    def test_a_query_of_the_endpoint_is_kept(self) -> None:
        issuer = ScriptedIssuer(described={"authorization_endpoint": "https://id.club.example/authorize?p=one"})
        assert address(issuer).startswith("https://id.club.example/authorize?p=one&response_type=code&")

    @pytest.mark.parametrize("methods", [None, ["client_secret_basic"], ["client_secret_post", "client_secret_basic"]])
    def test_the_secret_travels_in_a_header(self, methods: list[str] | None) -> None:
        issuer = ScriptedIssuer(described={"token_endpoint_auth_methods_supported": methods})
        redeem(issuer)
        assert issuer.form() == {
            "grant_type": "authorization_code", "code": "a code", "redirect_uri": HERE, "code_verifier": "v" * 43
        }  # fmt: skip
        (sent,) = [request for request in issuer.asked if request.method == "POST"]
        assert sent.headers["authorization"].startswith("Basic ")

    def test_or_in_the_form_where_an_issuer_takes_it_only_there(self) -> None:
        issuer = ScriptedIssuer(described={"token_endpoint_auth_methods_supported": ["client_secret_post"]})
        redeem(issuer)
        assert (issuer.form()["client_id"], issuer.form()["client_secret"]) == ("anb", "s3cret of the club")
        assert "authorization" not in issuer.asked[-2].headers

    def test_metadata_and_keys_are_read_once_an_hour(self) -> None:
        issuer = ScriptedIssuer()
        client = issuer.client()
        for _ in range(3):
            redeem(issuer, client)
        assert (issuer.paths.count(WELL_KNOWN), issuer.paths.count("/keys")) == (1, 1)
        issuer.age += FRESH_SECONDS
        redeem(issuer, client)
        assert (issuer.paths.count(WELL_KNOWN), issuer.paths.count("/keys")) == (2, 2)

    def test_an_issuer_that_is_down_for_a_while_is_known_from_before(self) -> None:
        issuer = ScriptedIssuer()
        client = issuer.client()
        redeem(issuer, client)
        issuer.instead = {path: said({}, 503) for path in (WELL_KNOWN, "/keys")}
        issuer.age += STALE_SECONDS - 1
        assert redeem(issuer, client).subject == "248289761001"
        issuer.age += 2
        with pytest.raises(IssuerSilent, match="failed"):
            redeem(issuer, client)


class TestBelievingAnIssuer:
    def test_a_person_is_who_the_token_says(self) -> None:
        assert redeem(ScriptedIssuer()) == Vouched(
            "https://id.club.example", "248289761001", "lucia@club.example", True, "Lucía", "Ríos", False
        )

    @pytest.mark.parametrize("said", [None, False, "true", 1])
    def test_an_email_is_verified_only_where_the_issuer_says_so_exactly(self, said: object) -> None:
        assert redeem(ScriptedIssuer(claims={"email_verified": said})).email_verified is False

    def test_or_where_an_operator_trusts_its_addresses(self) -> None:
        issuer = ScriptedIssuer(claims={"email_verified": None})
        assert redeem(issuer, issuer.client(trust_email=True)).email_verified is True

    @pytest.mark.parametrize("said", [None, 7, ["a"], {}])
    def test_odd_names_and_addresses_count_as_none(self, said: object) -> None:
        vouched = redeem(ScriptedIssuer(claims={"email": said, "given_name": said, "family_name": said}))
        assert (vouched.email, vouched.first_name, vouched.last_name) == (None, "", "")

    @pytest.mark.parametrize(
        ("trusted", "methods", "strong"),
        [(True, ["pwd", "mfa"], True), (False, ["pwd", "mfa"], False), (True, ["pwd"], False), (True, None, False)],
    )
    def test_a_second_factor_counts_only_where_an_operator_trusts_the_issuer(
        self, trusted: bool, methods: list[str] | None, strong: bool
    ) -> None:
        issuer = ScriptedIssuer(claims={"amr": methods})
        assert redeem(issuer, issuer.client(trust_mfa=trusted)).strong is strong

    @pytest.mark.parametrize("algorithm", ["RS512", "PS256", "ES256"])
    def test_each_signature_that_the_issuer_announces_is_accepted(self, algorithm: str) -> None:
        key = ECKey.generate_key("P-256", {"kid": "ec"}) if algorithm.startswith("E") else FIRST_KEY
        known = {"id_token_signing_alg_values_supported": ["none", "HS256", algorithm]}
        assert redeem(ScriptedIssuer(key=key, published=[key], header={"alg": algorithm}, described=known)).subject

    def test_a_clock_may_be_wrong_by_a_minute(self) -> None:
        issuer = ScriptedIssuer()
        now = int(issuer.clock.now().timestamp())
        for claims in ({"exp": now - SKEW_SECONDS + 10}, {"iat": now + SKEW_SECONDS - 10}):
            issuer.claims = claims
            assert redeem(issuer).subject

    def test_a_rotated_key_is_fetched_without_a_failure(self) -> None:
        issuer = ScriptedIssuer()
        client = issuer.client()
        redeem(issuer, client)
        issuer.key, issuer.published = SECOND_KEY, [SECOND_KEY]
        issuer.age += REST_SECONDS
        assert redeem(issuer, client).subject
        assert issuer.paths.count("/keys") == 2

    def test_unknown_keys_do_not_make_us_ask_again_and_again(self) -> None:
        issuer = ScriptedIssuer(key=SECOND_KEY)
        client = issuer.client()
        for _ in range(5):
            with pytest.raises(IssuerMistaken, match="unknown-key"):
                redeem(issuer, client)
        assert issuer.paths.count("/keys") == 1

    def test_a_token_without_a_key_id_needs_a_single_key(self) -> None:
        assert redeem(ScriptedIssuer(header={"kid": None})).subject
        with pytest.raises(IssuerMistaken, match="unknown-key"):
            redeem(ScriptedIssuer(header={"kid": None}, published=[FIRST_KEY, SECOND_KEY]))

    def test_keys_of_other_kinds_beside_ours_do_no_harm(self) -> None:
        strange = RSAKey.generate_key(2048, {"kid": "first", "use": "enc"})
        assert redeem(ScriptedIssuer(published=[OctKey.generate_key(256, {"kid": "x"}), strange, FIRST_KEY])).subject


def test_the_secrets_of_a_sign_in_are_not_shown() -> None:
    assert "secret" not in repr(SignInSecrets("secret", "secret", "secret"))
    assert "secret" not in repr(IssuerAnswer("secret"))
