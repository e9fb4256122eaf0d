"""One run at rest: what was asked, what came out, and the folder both lie in."""
