"""The answer's text: one short, honest account of what was drawn and what was not understood."""

from collections.abc import Sequence

from pisang.engines.sketch.reading import Reading

_PHOTO = "This is a drawn illustration, not a photo: the sketch engine is an illustrator."
_MOST_WORDS = 12


def account(reading: Reading) -> str:
    """Says what the picture holds, what was left out, and why; a few sentences at the most."""
    sentences = [f"Drew {_listed(reading.drawn)}." if reading.drawn else "Drew the picture."]
    if reading.ignored:
        named = ", ".join(f"“{word}”" for word in reading.ignored[:_MOST_WORDS])
        more = len(reading.ignored) - _MOST_WORDS
        rest = f" and {more} more words" if more > 0 else ""
        sentences.append(f"Not understood: {named}{rest}.")
    if reading.photo:
        sentences.append(_PHOTO)
    sentences.extend(reading.notes)
    return " ".join(sentences)


def _listed(things: Sequence[str]) -> str:
    if len(things) == 1:
        return things[0]
    return f"{', '.join(things[:-1])} and {things[-1]}"
