"""Finds unwanted words in a first message.

The three methods of WitWorld are the whole contract (wit/filter.wit); names are snake_case here. A filter only
detects: the operator's policy decides what a signal leads to.
"""

import json
import re
from pathlib import Path

import wit_world
from componentize_py_types import Err
from wit_world.imports.types import (
    ConfigProblem,
    Context,
    Description,
    Message,
    Signal,
    SignalDescription,
)

from utf8 import byte_spans

MAX_SPANS = 64
MAX_EVIDENCE = 16
WORD = re.compile(r"[^\W_]+")

# Read while the component is built: a running filter has no files.
SCHEMA = Path(__file__).with_name("config.schema.json").read_text(encoding="utf-8")
DEFAULTS = {name: of["default"] for name, of in json.loads(SCHEMA)["properties"].items()}


class WitWorld(wit_world.WitWorld):
    def __init__(self) -> None:
        self.config = DEFAULTS
        self.unwanted = set(DEFAULTS["words"])

    def describe(self) -> Description:
        signal = SignalDescription("words.unwanted", "An unwanted word in a first message", 0.5)
        return Description("first-words", "0.1.0", SCHEMA, [signal])

    def configure(self, config: str) -> None:
        """The host has checked the JSON against the schema already; here is what a schema can't say."""
        merged = DEFAULTS | json.loads(config or "{}")
        problems = [
            ConfigProblem(f"/words/{index}", "must be one word of letters and digits")
            for index, word in enumerate(merged["words"])
            if not WORD.fullmatch(word)
        ]
        if problems:
            raise Err(problems)
        self.config = merged
        self.unwanted = {word.lower() for word in merged["words"]}

    def inspect(self, message: Message, context: Context) -> list[Signal]:
        """Raise `Err(Fault("why"))` if a message can't be judged; the filter's fail mode then decides."""
        if self.config["firstContactOnly"] and not context.conversation.is_first_contact:
            return []
        found = [match for match in WORD.finditer(message.text) if match[0].lower() in self.unwanted]
        if not found:
            return []
        words = dict.fromkeys(match[0].lower() for match in found)
        return [
            Signal(
                id="words.unwanted",
                confidence=self.config["confidence"],
                spans=byte_spans(message.text, [match.span() for match in found[:MAX_SPANS]]),
                evidence=[("word", word) for word in list(words)[:MAX_EVIDENCE]],
            )
        ]
