import re

from robench.report.markdown import escape, render
from robench.report.view import View
from tests.helpers.boards import hostile, two_models, usual


def test_a_github_table_with_every_column():
    lines = render([usual()]).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 2 + 4
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1
    assert table[2].startswith(
        "| 1 a | set | 50 | 5 | 90.00±0.00 | 61.38±0.28 | +1.28 \\[+0.91, +1.65\\]\\*≥ | &lt;.001 |"
    )
    assert any(line.startswith("- ") and "Holm-adjusted over 3 comparisons" in line for line in lines)


def test_models_have_a_column_where_there_are_several():
    assert "| model |" in render([two_models()])
    assert "| model |" not in render([usual()])


def test_hostile_names_stay_text():
    text = render([hostile()])
    assert "<script" not in text
    assert not re.search(r"(?<!\\)\]\(", text)
    assert not re.search(r"(?<!\\)`", text)
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 18 for line in text.splitlines() if line.startswith("|"))


def test_escaping():
    assert escape("a|b <i> & *c* frost_procedural _d_ @user") == (
        "a\\|b &lt;i&gt; &amp; \\*c\\* frost_procedural \\_d\\_ &#64;user"
    )


def test_notes_can_be_left_out_and_several_boards_say_what_they_share_once():
    brief = render([usual()], View(columns=("method", "mce"), notes="brief"))
    assert "| method | mCE % |" in brief
    assert "Versions" not in brief
    assert "- Missing, not counted" in brief
    assert render([usual(), two_models()]).count("- Versions: ") == 1
