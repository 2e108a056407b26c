"""Python counts characters, a signal's spans are UTF-8 bytes: "🙂" is one of the former and four of the latter."""

from wit_world.imports.types import Span


def byte_spans(text: str, ranges: list[tuple[int, int]]) -> list[Span]:
    """Turns ranges of string indices, sorted and not overlapping, into spans. Encodes the text once."""
    index = byte = 0

    def byte_at(target: int) -> int:
        nonlocal index, byte
        byte += len(text[index:target].encode())
        index = target
        return byte

    return [Span(byte_at(start), byte_at(end)) for start, end in ranges]
