//! What goes wrong while configuring: the settings `reject`, `trap` and `misdeed`.
//!
//! | `misdeed` | what `configure` does |
//! |---|---|
//! | any word of [`crate::misdeeds`] | that, such as `loop`, `allocate`, `flood-log`, `counters`, `lists`, `history`, `sleep` |
//! | `grow` | keeps 40 MiB for as long as the instance lives, and behaves |
//! | `many-problems` `big-problem` | refuses with 100,000 problems, with one of 1 MiB |
//! | any other word | refuses it at `/misdeed` |

use std::hint::black_box;

use rialto_filter_sdk::ConfigProblem;
use serde::Deserialize;

use crate::misdeeds;

/// How configuring goes wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Refuse the configuration, with problems at two places.
    reject: bool,
    /// Trap while configuring.
    trap: bool,
    /// The word for what else to do; see above.
    misdeed: String,
}

impl Config {
    /// Does what it says.
    pub fn act(&self) -> Result<(), Vec<ConfigProblem>> {
        assert!(!self.trap, "told to trap while configuring");
        if self.reject {
            return Err(vec![
                ConfigProblem::new("/reject", "told to refuse"),
                ConfigProblem::new("/hosts/0", "there is no such thing"),
            ]);
        }
        match self.misdeed.as_str() {
            "" => Ok(()),
            "grow" => {
                std::mem::forget(black_box(vec![1_u8; 40 << 20]));
                Ok(())
            }
            "many-problems" => Err(vec![ConfigProblem::new("/misdeed", "told to"); 100_000]),
            "big-problem" => {
                Err(vec![ConfigProblem::new("/".repeat(1 << 20), "x".repeat(1 << 20))])
            }
            word if misdeeds::outside_inspect(word) => Ok(()),
            _ => Err(vec![ConfigProblem::new("/misdeed", "there is no such misdeed")]),
        }
    }
}
