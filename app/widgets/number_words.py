"""Small numbers as a sentence has them."""

_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def in_words(number: int) -> str:
    """A whole number as a word up to twelve, else in figures."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else f"{number:,}"


def listed(names: list[str], word: str = "and") -> str:
    """Names as a sentence lists them: 'a', 'a and b', 'a, b and c'."""
    *rest, last = names
    return f"{', '.join(rest)} {word} {last}" if rest else last
