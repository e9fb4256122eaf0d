import re
import shutil
import subprocess

import pytest

from robench.report.latex import escape, render
from robench.report.view import View
from tests.helpers.boards import hostile, two_models, usual
from tests.helpers.records import build, make_rows

DOCUMENT = View(document=True)


def test_a_document_has_every_column_and_all_notes():
    text = render([usual()], DOCUMENT)
    (line,) = [line for line in text.splitlines() if line.startswith("1 a & ")]
    assert line.startswith(
        r"1 a & set & 50 & 5 & 90.00$\pm$0.00 & \textbf{61.38$\pm$0.28} & +1.28 [+0.91,{} +1.65]*$\geq$ & "
    )
    assert r"$-$1.78 [$-$2.31,{} $-$1.25]*" in text
    assert [text.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 1, 1]
    assert "Holm-{}adjusted over 3 comparisons" in text


def test_bold_is_for_what_is_separable_from_all_others():
    close = {"dense": [0.60, 0.61, 0.62], "set": [0.61, 0.62, 0.625]}
    alone = {"dense": [0.60, 0.61, 0.62]}
    for accuracies in (close, alone):
        (table,) = re.findall(
            r"\\begin\{longtable\}.*\\end\{longtable\}", render(build(make_rows(accuracies)), DOCUMENT), re.S
        )
        assert r"\textbf" not in table
    assert render([usual()]).count(r"\textbf{6") == 1


def test_what_latex_would_read_is_escaped():
    text = escape(r"\input{x} $a_1^2$ 50% #1 ~ & <é> 日本 --")
    assert text == (
        r"\textbackslash{}input\{x\} \$a\_\allowbreak{}1\textasciicircum{}2\$ 50\% \#1 \textasciitilde{} \& "
        r"\textless{}é\textgreater{} U+65E5U+672C -{}-{}"
    )
    assert not re.search(r"(?<!\\)[#%&](?!$)", escape(r"# % & 100%"))


def test_a_table_to_input_is_compact_and_has_caption_and_label():
    text = render([usual(), two_models()])
    assert r"\documentclass" not in text
    assert text.startswith("% needs \\usepackage{array,booktabs}\n")
    assert re.findall(r"\\begin\{(\w+)\}", text) == ["table", "tabular"] * 2
    assert re.findall(r"\\end\{(\w+)\}", text) == ["tabular", "table"] * 2
    assert text.count(r"\caption{digits-{}c $\cdot$") == 2
    assert text.count(f"\\label{{tab:digits-c-{usual().setting}}}") == 2
    assert [text.count(rule) for rule in (r"\toprule", r"\bottomrule")] == [2, 2]
    for sides, table in re.findall(r"\{tabular\}\{@\{\}(.*?)@\{\}\}(.*?)\\end\{tabular\}", text, re.DOTALL):
        cells = {len(re.findall(r"(?<!\\)&", line)) + 1 for line in table.splitlines() if line.endswith(r"\\")}
        assert cells == {len(sides)}
    assert "mCE" in text
    assert "Missing,{} not counted" in text


def test_a_table_to_input_has_the_columns_that_were_asked_for():
    text = render([usual()], View(columns=("method", "relative_mce"), notes="brief"))
    assert r"set & 28.6 \\" in text
    assert r"\begin{tabular}{@{}lr@{}}" in text
    assert "tests of all pairs" not in text


if shutil.which("pdflatex"):  # `.ci/run` says where it is missing

    @pytest.mark.parametrize("view", [DOCUMENT, View()])
    def test_pdflatex_compiles_it(tmp_path, view):
        text = render([usual(), hostile(), two_models()], view)
        if not view.document:
            (tmp_path / "table.tex").write_text(text)
            lines = (r"\documentclass{article}", r"\usepackage{array,booktabs}", r"\begin{document}")
            text = "\n".join([*lines, r"\input{table}", r"\end{document}"])
        (tmp_path / "board.tex").write_text(text)
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "board.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
        assert (tmp_path / "board.pdf").stat().st_size > 10_000
        assert "Overfull" not in done.stdout


def test_every_environment_is_closed_and_every_line_has_as_many_cells():
    text = render([usual(), hostile(), two_models()], DOCUMENT)
    assert re.findall(r"\\begin\{(\w+)\}", text) == ["document", *["longtable"] * 3]
    assert sorted(re.findall(r"\\end\{(\w+)\}", text)) == sorted(re.findall(r"\\begin\{(\w+)\}", text))
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")
    for sides, table in re.findall(r"\{longtable\}\{@\{\}(.*?)@\{\}\}(.*?)\\end\{longtable\}", text, re.DOTALL):
        cells = {len(re.findall(r"(?<!\\)&", line)) + 1 for line in table.splitlines() if line.endswith(r"\\")}
        assert cells == {len(sides.replace("{27mm}", ""))}
    assert all(letter.isascii() or "À" <= letter <= "ÿ" for letter in text)
