"""Boards as a LaTeX document that pdflatex compiles as it is; a table is what stands between its \\begin and \\end."""

from collections.abc import Sequence

from robench.board.board import Board, Row
from robench.report.columns import Column, columns, title
from robench.text import printable

_LONGEST_FOOTER = 4000
_PREAMBLE = r"""\documentclass{article}
\usepackage[a4paper,landscape,margin=12mm]{geometry}
\usepackage{booktabs,longtable}
\setlength{\tabcolsep}{3pt}
\setlength{\parindent}{0pt}
\begin{document}
\footnotesize"""
_WITHOUT = "×÷ÐÞðþ"
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"{\ttfamily\char34}",
    "`": r"{\ttfamily\char18}",
    "'": r"{\ttfamily\char13}",
    "_": r"\_\allowbreak{}",
    "/": r"/\allowbreak{}",
    "(": r"(\allowbreak{}",
    ",": r",{}",
    "-": r"-{}",
    "±": r"$\pm$",
    "≥": r"$\geq$",
    "–": "--",
    "…": r"\ldots{}",
    "†": r"$\dagger$",
    "·": r"$\cdot$",
}


def render(boards: Sequence[Board]) -> str:
    """Return a document with a longtable of every column and the footers for each board.

    The endpoint of the best row of a model is bold only where that row is separable from every other one.
    """
    return "\n\n".join([_PREAMBLE, *map(_section, boards), r"\end{document}"])


def escape(text: str) -> str:
    """Make LaTeX set `text` as it is; what pdflatex has no letter for is shown by its code point."""
    return "".join(_letter(letter) for letter in text)


def _letter(letter: str) -> str:
    if letter in _SPECIAL:
        return _SPECIAL[letter]
    if " " <= letter <= "~" or ("À" <= letter <= "ÿ" and letter not in _WITHOUT):
        return letter
    return f"U+{ord(letter):04X}"


def _section(board: Board) -> str:
    heading = rf"\bigskip\textbf{{{escape(title(board))}}}\par"
    notes = [rf"{escape(printable(footer, _LONGEST_FOOTER))}\par" for footer in board.footers]
    return "\n".join([heading, *(_table(board) if board.rows else []), *notes])


def _table(board: Board) -> list[str]:
    shown = columns(board)
    sides = "".join(r"p{27mm}" if column.text else "r" for column in shown)
    lines = [rf"\begin{{longtable}}{{@{{}}{sides}@{{}}}}", r"\toprule"]
    lines += [" & ".join(map(escape, words)) + r" \\" for words in _heads(shown)]
    lines += [r"\midrule", r"\endhead"]
    model = board.rows[0].model_label
    for row in board.rows:
        lines += [r"\midrule"] if row.model_label != model else []
        lines.append(" & ".join(_cell(column, row, board) for column in shown) + r" \\")
        model = row.model_label
    return [*lines, r"\bottomrule", r"\end{longtable}"]


def _heads(shown: Sequence[Column]) -> list[list[str]]:
    """Words of the titles, line by line, the last line full."""
    titles = [column.title.split("\n") for column in shown]
    most = max(map(len, titles))
    padded = [[""] * (most - len(words)) + words for words in titles]
    return [[words[line] for words in padded] for line in range(most)]


def _cell(column: Column, row: Row, board: Board) -> str:
    text = escape(column.cell(row).strip())
    if not column.text:
        text = text.replace("-{}", "$-$")
    rivals = sum(other.model_label == row.model_label for other in board.rows)
    best = column.endpoint and rivals > 1 and row.rank_range == (1, 1)
    return rf"\textbf{{{text}}}" if best else text
