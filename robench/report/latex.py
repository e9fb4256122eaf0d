"""Boards in LaTeX: tables for a paper, or a document that pdflatex compiles as it is."""

import re
from collections.abc import Sequence

from robench.board.board import Board, Row
from robench.report.columns import Column, columns, fitted, title
from robench.report.legend import notes_of
from robench.report.view import USUAL, View, once
from robench.text import printable

_LONGEST_FOOTER = 4000
_PREAMBLE = r"""\documentclass{article}
\usepackage[a4paper,landscape,margin=12mm]{geometry}
\usepackage{array,booktabs,longtable}
\setlength{\tabcolsep}{3pt}
\setlength{\parindent}{0pt}
\begin{document}
\footnotesize"""
_NEEDS = "% needs \\usepackage{array,booktabs}"
_LETTERS = 78
"""So many letters of \\footnotesize, gaps counted as one, fill a line of the article class."""
_LONGEST_NAME = 14
_LONGEST_WORD = 24
_PIECE = 8
"""Letters of a longer word between two places where a line may end."""
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


def render(boards: Sequence[Board], view: View = USUAL) -> str:
    """Return a table for each board, to be put into a paper with \\input; with `view.document` a whole document.

    A table is as wide as a column of text of the article class, has a caption that says what stands in it, and a label
    of suite and setting. A document has longtables of every column, and all notes. The endpoint of the best row of a
    model is bold only where that row is separable from every other one.
    """
    if not view.document:
        return "\n\n".join([_NEEDS, *(_float(board, view) for board in boards)])
    shown = [columns(board, view.columns) for board in boards]
    notes = [
        notes_of(board, view.notes or "all", [one.name for one in kept])
        for board, kept in zip(boards, shown, strict=True)
    ]
    own, common = once(notes)
    parts = [_section(board, kept, rest) for board, kept, rest in zip(boards, shown, own, strict=True)]
    return "\n\n".join([_PREAMBLE, *parts, *([_said(common)] if common else []), r"\end{document}"])


def escape(text: str) -> str:
    """Make LaTeX set `text` as it is, words too long for a line broken; what it has no letter for is its code point."""
    return " ".join(_word(word) for word in text.split(" "))


def _word(word: str) -> str:
    if len(word) <= _LONGEST_WORD:
        return "".join(map(_letter, word))
    parts = (word[start : start + _PIECE] for start in range(0, len(word), _PIECE))
    return r"\allowbreak{}".join("".join(map(_letter, part)) for part in parts)


def _letter(letter: str) -> str:
    if letter in _SPECIAL:
        return _SPECIAL[letter]
    if " " <= letter <= "~" or ("À" <= letter <= "ÿ" and letter not in _WITHOUT):
        return letter
    return f"U+{ord(letter):04X}"


def _section(board: Board, shown: Sequence[Column], notes: Sequence[str]) -> str:
    heading = rf"\bigskip\textbf{{{escape(title(board))}}}\par"
    sides = "".join(r"p{27mm}" if column.text else "r" for column in shown)
    head, body = _rows(board, shown)
    lines = [rf"\begin{{longtable}}{{@{{}}{sides}@{{}}}}", *head, r"\endhead", *body, r"\end{longtable}"]
    return "\n".join([heading, *(lines if board.rows else []), _said(notes)])


def _said(notes: Sequence[str]) -> str:
    return "\n".join(rf"{escape(printable(note, _LONGEST_FOOTER))}\par" for note in notes)


def _float(board: Board, view: View) -> str:
    """One table as a float: the usual columns that fit into a column of text, or those that were asked for."""
    chosen = columns(board, view.columns)
    shown = fitted(chosen, lambda kept: sum(_width(column, board) + 1 for column in kept) > _LETTERS)
    sides = "".join(_side(column, board) for column in shown)
    names = [column.name for column in shown]
    caption = ". ".join([title(board), *notes_of(board, view.notes or "legend", names)]).replace("..", ".")
    head, body = _rows(board, shown) if board.rows else ([], [])
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering\footnotesize\setlength{\tabcolsep}{2.5pt}",
            rf"\caption{{{escape(printable(caption, _LONGEST_FOOTER))}}}",
            rf"\label{{tab:{_label(board)}}}",
            *([rf"\begin{{tabular}}{{@{{}}{sides}@{{}}}}", *head, *body, r"\end{tabular}"] if board.rows else []),
            r"\end{table}",
        ]
    )


def _width(column: Column, board: Board) -> int:
    widest = max(map(len, [*column.title.split("\n"), *(column.cell(row).strip() for row in board.rows)]), default=0)
    return min(widest, _LONGEST_NAME) if column.text else widest


def _side(column: Column, board: Board) -> str:
    if not column.text:
        return "r"
    widest = max((len(column.cell(row)) for row in board.rows), default=0)
    return "l" if widest <= _LONGEST_NAME else r">{\raggedright\arraybackslash}p{20mm}"


def _label(board: Board) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", f"{board.suite[:40]}-{board.setting}").strip("-")


def _rows(board: Board, shown: Sequence[Column]) -> tuple[list[str], list[str]]:
    """Lines of the head and of the body, each with its rules."""
    head = [r"\toprule", *(" & ".join(map(escape, words)) + r" \\" for words in _heads(shown)), r"\midrule"]
    body = []
    model = board.rows[0].model_label if board.rows else ""
    for row in board.rows:
        body += [r"\midrule"] if row.model_label != model else []
        body.append(" & ".join(_cell(column, row, board) for column in shown) + r" \\")
        model = row.model_label
    return head, [*body, r"\bottomrule"]


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
