"""Reads a prompt into a Scene, or into edits of the last one.

One step a file: `quotes` lifts quoted text out, `language` says which tables to use, `tokens` cuts,
`mentions` finds phrases, `capture` finds unquoted words, `ambiguity` chooses meanings, `attach`
gives descriptions to nouns, `compose` makes the Scene, `report` says what was and was not
understood. A later turn goes through `commands` and `edits`; supplied pictures through `pictures`
and `pixels`; `turn` decides which. There is no model, and no guess that the answer does not tell.
"""

from pisang.engines.sketch.read.turn import read, takes_away

__all__ = ["read", "takes_away"]
