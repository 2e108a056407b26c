//! `rialto token`: mints a token with the data directory's or the configured secret.

use std::io::Write as _;

use chrono::TimeDelta;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::CliError;
use super::settings::Settings;
use crate::domain::{Clock, Role, UserId};
use crate::identity::Identity;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// The user's id at the marketplace
    #[arg(long, value_name = "ID", value_parser = |text: &str| UserId::new(text))]
    sub: UserId,
    /// What the user is
    #[arg(long, value_parser = role_parser())]
    role: Role,
    /// The name others see
    #[arg(long)]
    name: Option<String>,
    /// How long it is believed: a number and s, m, h, d or w
    #[arg(long, value_name = "TIME", default_value = "12h", value_parser = lifetime)]
    expires_in: TimeDelta,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let config = arguments.settings.load(Vec::new())?;
    let identity = Identity::open(&config.identity, &config.server.data_dir)?;
    let token = identity.mint(
        &arguments.sub,
        arguments.role,
        arguments.name.as_deref(),
        arguments.expires_in,
        Clock::system().now(),
    )?;
    writeln!(std::io::stdout(), "{token}")
        .map_err(|source| CliError::Io { what: "standard output".into(), source })
}

/// Knows every role by its word.
fn role_parser() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(Role::as_str)).try_map(|word| {
        Role::ALL.into_iter().find(|role| role.as_str() == word).ok_or("this is no role")
    })
}

fn lifetime(text: &str) -> Result<TimeDelta, String> {
    let wrong = || format!("`{text}` is no time; write a number and s, m, h, d or w, such as 12h");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds: i64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return Err(wrong()),
    };
    let digits = &text[..text.len() - unit.len_utf8()];
    let number: u32 = digits.parse().map_err(|_| wrong())?;
    if number == 0 {
        return Err("a token that lives for no time is of no use".into());
    }
    TimeDelta::try_seconds(i64::from(number) * seconds).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_a_number_and_a_unit() {
        for (text, hours) in [("12h", 12), ("30d", 720), ("2w", 336), ("60m", 1), ("7200s", 2)] {
            assert_eq!(lifetime(text), Ok(TimeDelta::hours(hours)), "{text}");
        }
        for text in ["", "h", "12", "12 h", "-1h", "1.5h", "12µ", "0h", "99999999999h", "+"] {
            assert!(lifetime(text).is_err(), "{text:?} is no lifetime");
        }
    }
}
