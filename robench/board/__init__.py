"""From records to the ranked table, and what is asked of it."""

from robench.board.board import Board, Row
from robench.board.leaderboard import Ranking, build, rank_store

__all__ = ["Board", "Ranking", "Row", "build", "rank_store"]
