"""An invented language, added as translators add one: by a file, without a change of Python."""

from pathlib import Path
from shutil import copytree

import pytest

from anb import sentences
from anb.sentences import FILE, FOLDER

INVENTED = "qu"
MARK = "¡Añay!"  # each sentence begins with it


def invent(folder: Path, monkeypatch: pytest.MonkeyPatch, mark: str = MARK) -> None:
    """Let this process read its catalogues from a folder that has one more."""
    copytree(FOLDER, folder, dirs_exist_ok=True)
    file = folder / INVENTED / FILE
    file.parent.mkdir(parents=True)
    head, blank, said = (FOLDER / "en" / FILE).read_text(encoding="utf-8").partition("\n\n")
    for before in ("msgstr ", "msgstr[0] ", "msgstr[1] "):
        said = said.replace(f'{before}"', f'{before}"{mark} ')
    file.write_text(head.replace("Language: en", "Language: qu_PE") + blank + said, encoding="utf-8")
    monkeypatch.setattr(sentences, "FOLDER", folder)
