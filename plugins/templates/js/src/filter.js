// Finds unwanted words in a first message.
//
// Three functions are the whole contract (wit/filter.wit): describe, configure, inspect. Names are camelCase here.
// A filter only detects: the operator's policy decides what a signal leads to.

import { configSchema, defaults } from "./config.js";
import { byteSpans } from "./utf8.js";

const MAX_SPANS = 64;
const MAX_EVIDENCE = 16;
// Letters and digits of most scripts; the component's JavaScript engine is built without \p{L}.
const WORD = /[0-9A-Za-zÀ-ÖØ-öø-\u02ff\u0370-\u1fff\u2c00-\u2dff\u3040-\ud7ff]+/g;

let unwanted = new Set(defaults.words);
let confidence = defaults.confidence;
let firstContactOnly = defaults.firstContactOnly;

export function describe() {
  return {
    name: "first-words",
    version: "0.1.0",
    configSchema: JSON.stringify(configSchema),
    signals: [
      { id: "words.unwanted", description: "An unwanted word in a first message", defaultWeight: 0.5 },
    ],
  };
}

// The host has checked the JSON against the schema already; here is what a schema can't say. A thrown list of
// problems is the refusal.
export function configure(json) {
  const config = { ...defaults, ...JSON.parse(json || "{}") };
  const problems = config.words.flatMap((word, index) =>
    isOneWord(word) ? [] : [{ path: `/words/${index}`, problem: "must be one word of letters and digits" }],
  );
  if (problems.length > 0) throw problems;
  unwanted = new Set(config.words.map((word) => word.toLowerCase()));
  confidence = config.confidence;
  firstContactOnly = config.firstContactOnly;
}

// Throw `{ message: "why" }` if a message can't be judged; the filter's fail mode then decides.
export function inspect(message, context) {
  if (firstContactOnly && !context.conversation.isFirstContact) return [];
  const found = [...message.text.matchAll(WORD)].filter(([word]) => unwanted.has(word.toLowerCase()));
  if (found.length === 0) return [];
  const ranges = found.slice(0, MAX_SPANS).map((match) => [match.index, match.index + match[0].length]);
  const words = [...new Set(found.map(([word]) => word.toLowerCase()))].slice(0, MAX_EVIDENCE);
  return [
    {
      id: "words.unwanted",
      confidence,
      spans: byteSpans(message.text, ranges),
      evidence: words.map((word) => ["word", word]),
    },
  ];
}

function isOneWord(word) {
  const matches = word.match(WORD);
  return matches?.length === 1 && matches[0] === word;
}
