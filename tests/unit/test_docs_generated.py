"""The generated parts of docs/ agree with the code."""

import pytest
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, Table, Text, text

from generated_docs import BLOCKS, ROOT, fill
from support import erd


@pytest.mark.parametrize("page", BLOCKS)
def test_a_page_says_what_the_code_says(page: str) -> None:
    said = (ROOT / page).read_text(encoding="utf-8")
    assert said == fill(said, BLOCKS[page]), f"{page} is out of step with the code; run tests/generated_docs.py"


def test_a_block_is_written_between_its_marks_and_nothing_else_is() -> None:
    page = "above\n<!-- a: written by tests/generated_docs.py -->\n\nold\n\n<!-- end of a -->\nbelow\n"
    assert fill(page, {"a": lambda: "new"}) == page.replace("old", "new")


def test_a_page_that_lost_its_marks_is_an_error() -> None:
    with pytest.raises(KeyError, match="tables"):
        fill("a page without marks", {"tables": lambda: ""})


def small() -> MetaData:
    metadata = MetaData()
    name = Column("name", Text, nullable=False, unique=True)
    Table("parents", metadata, Column("id", Integer, primary_key=True), name)
    Table(
        "children",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("parent_id", Integer, ForeignKey("parents.id")),
        CheckConstraint("id > 0", name="positive"),
        Index("one_open", "parent_id", unique=True, postgresql_where=text("id < 9")),
    )
    return metadata


def test_a_drawing_shows_keys_relations_and_what_may_be_null() -> None:
    drawn = erd.draw(small())
    assert "parents |o--o{ children : parent_id" in drawn
    assert "text name UK" in drawn
    assert 'integer parent_id FK "may be null"' in drawn
    assert "integer id PK" in drawn


def test_what_the_database_holds_is_listed() -> None:
    listed = erd.promises(small())
    assert "| children | `id > 0` |" in listed
    assert "| children | `unique (children.parent_id) where id < 9` |" in listed
    assert "| parents | `unique (name)` |" in listed
