import re
import shutil
import subprocess

from robench.report.latex import escape, render
from tests.helpers.boards import hostile, two_models, usual
from tests.helpers.records import build, make_rows


def test_a_booktabs_table_with_every_column():
    text = render([usual()])
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
        (table,) = re.findall(r"\\begin\{longtable\}.*\\end\{longtable\}", render(build(make_rows(accuracies))), re.S)
        assert r"\textbf" not in table
    assert render([usual()]).count(r"\textbf{6") == 1


def test_what_latex_would_read_is_escaped():
    text = escape(r"\input{x} $a_1^2$ 50% #1 ~ & <é> 日本 --")
    assert text == (
        r"\textbackslash{}input\{x\} \$a\_\allowbreak{}1\textasciicircum{}2\$ 50\% \#1 \textasciitilde{} \& "
        r"\textless{}é\textgreater{} U+65E5U+672C -{}-{}"
    )
    assert not re.search(r"(?<!\\)[#%&](?!$)", escape(r"# % & 100%"))


if shutil.which("pdflatex"):  # `.ci/run` says where it is missing

    def test_pdflatex_compiles_it_as_it_is(tmp_path):
        (tmp_path / "board.tex").write_text(render([usual(), hostile(), two_models()]))
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "board.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
        assert (tmp_path / "board.pdf").stat().st_size > 10_000
        assert "Overfull" not in done.stdout


def test_every_environment_is_closed_and_every_line_has_as_many_cells():
    text = render([usual(), hostile(), two_models()])
    assert re.findall(r"\\begin\{(\w+)\}", text) == ["document", *["longtable"] * 3]
    assert sorted(re.findall(r"\\end\{(\w+)\}", text)) == sorted(re.findall(r"\\begin\{(\w+)\}", text))
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")
    for sides, table in re.findall(r"\{longtable\}\{@\{\}(.*?)@\{\}\}(.*?)\\end\{longtable\}", text, re.DOTALL):
        cells = {len(re.findall(r"(?<!\\)&", line)) + 1 for line in table.splitlines() if line.endswith(r"\\")}
        assert cells == {len(sides.replace("{27mm}", ""))}
    assert all(letter.isascii() or "À" <= letter <= "ÿ" for letter in text)
