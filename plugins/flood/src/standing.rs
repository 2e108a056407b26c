//! What is usual for this sender, by the account's age, strikes and labels, and the words for it.

use std::fmt::Write;

use rialto_filter_sdk::Sender;

use crate::config::{Config, Tier};

const DAY: u64 = 86_400;

/// What is usual for a sender.
#[derive(Debug)]
pub struct Standing<'a> {
    /// The limits for the account's age.
    pub tier: &'a Tier,
    factor: f32,
    sender: &'a Sender,
}

impl<'a> Standing<'a> {
    /// The sender's, or `None` for those who are never looked at.
    pub fn of(sender: &'a Sender, config: &'a Config) -> Option<Self> {
        if sender.roles.iter().any(|role| config.exempt_roles.contains(role)) {
            return None;
        }
        let age =
            sender.account_age_seconds.unwrap_or_else(|| u64::from(config.unknown_age_days) * DAY);
        let fits = |tier: &&Tier| tier.under_days.is_none_or(|days| age < u64::from(days) * DAY);
        let tier = config.tiers.iter().find(fits)?;
        let strikes = i32::try_from(sender.strikes).unwrap_or(i32::MAX);
        let factors = sender.labels.iter().filter_map(|label| config.label_factors.get(label));
        let factor = factors.fold(config.strike_factor.powi(strikes), |all, one| all * one);
        Some(Self { tier, factor, sender })
    }

    /// How many of something are usual, given what the tier says; 0 says there is no limit.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "limits are small, and the cast saturates"
    )]
    pub fn usual(&self, limit: u32, laxer: f32) -> u32 {
        if limit == 0 { 0 } else { ((limit as f32 * self.factor * laxer).round() as u32).max(1) }
    }

    /// Such as `an account of 2 days with 1 strike`.
    pub fn words(&self) -> String {
        let mut words = match self.sender.account_age_seconds {
            Some(age) => format!("an account of {}", duration(age)),
            None => "an account of unknown age".to_owned(),
        };
        match self.sender.strikes {
            0 => {}
            1 => words.push_str(" with 1 strike"),
            strikes => {
                let _ = write!(words, " with {strikes} strikes");
            }
        }
        words
    }
}

/// Seconds as people say them: `40 s`, `5 min`, `3 h`, `2 days`.
pub fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{} s", seconds.max(1)),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / DAY),
    }
}

#[cfg(test)]
mod tests {
    use rialto_filter_sdk::testing;

    use super::*;

    #[test]
    fn age_strikes_and_labels_set_what_is_usual() {
        let config = Config::default();
        let usual = |age: Option<u64>, strikes: u32, labels: &[&str]| {
            let mut sender = testing::context().sender;
            sender.account_age_seconds = age;
            sender.strikes = strikes;
            sender.labels = labels.iter().map(|label| (*label).to_owned()).collect();
            let standing = Standing::of(&sender, &config).expect("a user is looked at");
            standing.usual(standing.tier.contacts_per_hour, 1.0)
        };
        assert_eq!(usual(Some(0), 0, &[]), 6);
        assert_eq!(usual(Some(DAY - 1), 0, &[]), 6);
        assert_eq!(usual(Some(DAY), 0, &[]), 10);
        assert_eq!(usual(None, 0, &[]), 15, "unknown age counts as a week");
        assert_eq!(usual(Some(u64::MAX), 0, &[]), 30);
        assert_eq!(usual(Some(0), 1, &[]), 3);
        assert_eq!(usual(Some(0), u32::MAX, &[]), 1, "one is always usual");
        assert_eq!(usual(Some(400 * DAY), 0, &["trusted", "unheard-of"]), 90);
        assert_eq!(usual(Some(400 * DAY), 1, &["business"]), 75);
    }

    #[test]
    fn durations_are_said_in_words() {
        let words: Vec<_> =
            [0, 59, 60, 3_599, 3_600, 172_799, 172_800].into_iter().map(duration).collect();
        assert_eq!(words, ["1 s", "59 s", "1 min", "59 min", "1 h", "47 h", "2 days"]);
    }
}
