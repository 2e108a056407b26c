//! Days, months and years as they are written in a query, in UTC.

use std::ops::{Range, RangeInclusive};

use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, Utc};

/// The period that is named, milliseconds since 1970; `None` if it names none. `7d`, `2w` and `3m` are single days, that
/// long ago.
pub(super) fn period(value: &str, now: DateTime<Utc>) -> Option<Range<i64>> {
    let today = now.date_naive();
    match value {
        "today" => return days(today, 1),
        "yesterday" => return days(today.pred_opt()?, 1),
        _ => {}
    }
    if let Some(day) = ago(value, today) {
        return days(day, 1);
    }
    let parts: Vec<_> = value.splitn(4, '-').collect();
    match parts[..] {
        [of] => months(first(year(of)?, 1)?, 12),
        [of, month] => months(first(year(of)?, number(month, 1..=2)?)?, 1),
        [of, month, day] => {
            let month = number(month, 1..=2)?;
            days(NaiveDate::from_ymd_opt(year(of)?, month, number(day, 1..=2)?)?, 1)
        }
        _ => None,
    }
}

fn year(digits: &str) -> Option<i32> {
    i32::try_from(number(digits, 4..=4)?).ok()
}

fn first(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, 1)
}

fn ago(value: &str, today: NaiveDate) -> Option<NaiveDate> {
    let unit = value.chars().next_back()?;
    let count = number(value.strip_suffix(unit)?, 1..=4)?;
    match unit {
        'd' => today.checked_sub_days(Days::new(count.into())),
        'w' => today.checked_sub_days(Days::new(u64::from(count) * 7)),
        'm' => today.checked_sub_months(Months::new(count)),
        _ => None,
    }
}

fn days(start: NaiveDate, count: u64) -> Option<Range<i64>> {
    Some(millis(start)..millis(start.checked_add_days(Days::new(count))?))
}

fn months(start: NaiveDate, count: u32) -> Option<Range<i64>> {
    Some(millis(start)..millis(start.checked_add_months(Months::new(count))?))
}

fn millis(day: NaiveDate) -> i64 {
    day.and_time(NaiveTime::MIN).and_utc().timestamp_millis()
}

fn number(digits: &str, lengths: RangeInclusive<usize>) -> Option<u32> {
    let plain = lengths.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}
