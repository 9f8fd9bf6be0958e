"""A season as people vote in it, sealed by the counting process, is right for the verifier that strangers run."""

from pathlib import Path

import pytest

from anb.contest import service as contest
from anb.votelog import verifier
from support.browser_client import published
from support.counting import seal
from support.worlds import World


def test_what_is_voted_and_sealed_is_verified(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ana, luz = world.player("Ana Paz"), world.player("Luz Rey", "Cali")
    clips = [published(world, ana), published(world, luz), published(world, luz)]
    votes = [f"/api/public/videos/{clip}/vote" for clip in clips]
    voters = [world.player(f"Sol {name}") for name in ("Uno", "Dos", "Tres")]
    answers = [world.client.post(path, headers=one.headers) for one in voters for path in votes]
    assert {answer.status_code for answer in answers} == {200}
    seal(world)
    world.client.post(f"/api/videos/{clips[2]}/withdraw", headers=luz.headers)
    seal(world)
    with world.uow() as uow:
        season = contest.current_season(uow)
    assert season is not None
    paths = {"promise": answers[1].json()["promise"], "receipt": ""}
    paths["receipt"] = world.client.get(answers[1].json()["receipt"], headers=voters[0].headers).text
    for name, text in paths.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    root = f"/api/public/log/{season.slug}"
    monkeypatch.setattr(verifier.LogSite, "get", lambda _site, path: world.client.get(f"{root}/{path}").content)
    files = [word for name in paths for word in (f"--{name}", str(tmp_path / name))]
    code = verifier.main(["--log", f"https://anb.example{root}", "--no-ranking", "--folder", str(tmp_path), *files])
    said = capsys.readouterr()
    assert code == 0, said.err
    assert "3 clips, 9 votes of the public" in said.out
    assert "promise: leaf" in said.out
