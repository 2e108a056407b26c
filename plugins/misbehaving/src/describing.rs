//! What goes wrong while describing. `describe` is told nothing, so a test writes a word into the component.
//!
//! Find `misbehaving.describe=` in the component's bytes and overwrite the 24 bytes behind it (they say `nothing`)
//! with a word and spaces:
//!
//! | word | what `describe` does |
//! |---|---|
//! | any word of [`crate::misdeeds`] | that, such as `loop`, `allocate`, `trap`, `log-empty`, `counters`, `lists`, `history` |
//! | `no-signals` `many-signals` `twice` | declares none, 10,000, one two times |
//! | `bad-id` `engine-id` `huge-id` | declares `No Id!`, `filter.failed`, an id of 1 MiB |
//! | `nan-weight` `big-weight` `long-description` | a weight of NaN, of 1e30, a description of 1 MiB |
//! | `bad-name` `huge-name` `bad-version` | is called `../etc`, by 1 MiB, is version `latest` |
//! | `bad-schema` `huge-schema` `deep-schema` | a schema that is no JSON, that has 1 MiB, that nests 30,000 deep |

use std::hint::black_box;

use rialto_filter_sdk::{Description, SignalDescription};

use crate::misdeeds;

const PREFIX: &str = "misbehaving.describe=";

/// What tests look for; read through `black_box`, so that the compiler doesn't take it for constant.
static ORDER: [u8; 45] = *b"misbehaving.describe=nothing                 ";

const DECLARED: SignalDescription = SignalDescription {
    id: "misbehaving.declared",
    description: "The one signal this filter declares",
    default_weight: 1.0,
};

const HONEST: Description = Description {
    name: "misbehaving",
    version: env!("CARGO_PKG_VERSION"),
    config_schema: include_str!("../config.schema.json"),
    signals: &[DECLARED],
};

/// The description the order asks for; the honest one unless there is an order.
pub fn description() -> Description {
    let order = black_box(&ORDER);
    let word = str::from_utf8(&order[PREFIX.len()..]).unwrap_or_default().trim_end();
    match word {
        "no-signals" => Description { signals: &[], ..HONEST },
        "many-signals" => {
            declaring((0..10_000).map(|at| SignalDescription {
                id: forever(format!("misbehaving.s{at}")),
                ..DECLARED
            }))
        }
        "twice" => declaring([DECLARED, DECLARED]),
        "bad-id" => declaring([SignalDescription { id: "No Id!", ..DECLARED }]),
        "engine-id" => declaring([SignalDescription { id: "filter.failed", ..DECLARED }]),
        "huge-id" => declaring([SignalDescription { id: mebibyte("a."), ..DECLARED }]),
        "nan-weight" => declaring([SignalDescription { default_weight: f32::NAN, ..DECLARED }]),
        "big-weight" => declaring([SignalDescription { default_weight: 1e30, ..DECLARED }]),
        "long-description" => {
            declaring([SignalDescription { description: mebibyte("so "), ..DECLARED }])
        }
        "bad-name" => Description { name: "../etc", ..HONEST },
        "huge-name" => Description { name: mebibyte("name"), ..HONEST },
        "bad-version" => Description { version: "latest", ..HONEST },
        "bad-schema" => Description { config_schema: "{\"type\": ", ..HONEST },
        "huge-schema" => {
            let schema = format!("{{\"title\": \"{}\"}}", "x".repeat(1 << 20));
            Description { config_schema: forever(schema), ..HONEST }
        }
        "deep-schema" => {
            let schema = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
            Description { config_schema: forever(schema), ..HONEST }
        }
        word => {
            misdeeds::outside_inspect(word);
            HONEST
        }
    }
}

fn declaring(signals: impl IntoIterator<Item = SignalDescription>) -> Description {
    Description { signals: Vec::from_iter(signals).leak(), ..HONEST }
}

fn mebibyte(piece: &str) -> &'static str {
    forever(piece.repeat((1 << 20) / piece.len()))
}

/// An instance describes itself once and is gone.
fn forever(text: String) -> &'static str {
    text.leak()
}
