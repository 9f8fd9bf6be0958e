"""The languages nginx speaks: those that have a catalogue, as far as its configuration can hold their texts."""

from pathlib import Path

import pytest

from anb.engines.errors import CannotStart
from anb.engines.nginx import NginxSite, render
from support.languages import INVENTED, MARK, invent

SITE = NginxSite(
    listen=("127.0.0.1:8080",),
    upstream="unix:/run/web.sock",
    media_root=Path("/media"),
    runtime=Path("/run/nginx"),
    logs=Path("/logs"),
    upload_max_bytes=104_857_600,
)


class TestLanguages:
    def test_one_more_is_a_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert MARK not in render(SITE)
        invent(tmp_path, monkeypatch)
        text = render(SITE)
        assert f'{INVENTED} "{MARK} We cannot find what you are looking for.";' in text
        assert f'{INVENTED} "{MARK} Your upload weighs $upload_weight; a file may weigh up to' in text
        assert f'{INVENTED} "{MARK} $content_length bytes";' in text

    @pytest.mark.parametrize("sign", ['\\"', "\\\\", "$", "<", "&"])
    def test_a_sentence_that_it_cannot_write_is_an_error_that_names_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign: str
    ) -> None:
        invent(tmp_path, monkeypatch, MARK + sign)
        with pytest.raises(CannotStart, match=r"nginx cannot write . in nginx\.bad-request, language qu"):
            render(SITE)
