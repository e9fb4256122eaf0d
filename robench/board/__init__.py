"""From records to the ranked table, and what is asked of it."""

from robench.board.board import Board, Row
from robench.board.leaderboard import build, leaderboard

__all__ = ["Board", "Row", "build", "leaderboard"]
