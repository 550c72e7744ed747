//! Dates for chat templates that print today's: asked of the clock once a run, or fixed, so that a rerun gives the same text.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use minijinja::{Error, ErrorKind};

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Year, month (1 to 12), day (1 to 31) of a day counted from 1970-01-01 in the Gregorian calendar.
///
/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`: years are counted from March, so
/// that the leap day comes last; an era is 400 years, 146,097 days.
fn civil(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let (era, of_era) = (z / 146_097, z % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

/// A day in UTC, from 1970 on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Date {
    /// Since 1970-01-01.
    days: u64,
}

impl Date {
    /// The day it is now. The one place that asks the clock what day it is: ask once for a run.
    pub fn today() -> Date {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Date::of_seconds(now.map_or(0, |d| d.as_secs()))
    }

    /// The day of a Unix time.
    pub fn of_seconds(seconds: u64) -> Date {
        Date {
            days: seconds / 86_400,
        }
    }

    /// Python's `strftime`, in English and UTC; the time is midnight.
    pub(super) fn strftime(self, format: &str) -> Result<String, Error> {
        strftime(format, self.days)
    }
}

impl fmt::Display for Date {
    /// As `YYYY-MM-DD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.days);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Date {
    type Err = String;

    /// Reads `YYYY-MM-DD`, or seconds since 1970 as `SOURCE_DATE_EPOCH` has them.
    fn from_str(s: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{s:?} is neither a day (YYYY-MM-DD, from 1970-01-01 on) nor a number of seconds since then"
            )
        };
        if let Ok(seconds) = s.parse::<u64>() {
            let date = Date::of_seconds(seconds);
            return if date.days < LAST {
                Ok(date)
            } else {
                Err(wrong())
            };
        }
        let mut parts = s.splitn(3, '-').map(str::parse::<u64>);
        let mut part = || parts.next()?.ok();
        let (year, month, day) = (part(), part(), part());
        let date = year.zip(month).zip(day).and_then(|((y, m), d)| {
            let days = days_of(y, m, d)?;
            Some(Date { days })
        });
        // Only a day that is one reads like the text.
        date.filter(|d| d.to_string() == s).ok_or_else(wrong)
    }
}

/// The day, counted from 1970-01-01, of a year, month and day of the month; `None` where they are far from being one.
///
/// Hinnant's `days_from_civil`, the inverse of [`civil`].
fn days_of(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1970..10_000).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = year - u64::from(month <= 2);
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    days.checked_sub(719_468)
}

/// The first day of the year 10,000.
const LAST: u64 = 2_932_897;

/// Python's `strftime`, in English and UTC, at midnight of a day counted from 1970-01-01.
fn strftime(format: &str, days: u64) -> Result<String, Error> {
    let (year, month, day) = civil(days);
    let weekday = DAYS[((days + 4) % 7) as usize];
    let month_name = MONTHS[(month - 1) as usize];
    let mut out = String::new();
    let mut rest = format.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let field = match rest.next() {
            // "-" drops the padding.
            Some('-') => match rest.next() {
                Some('d') => day.to_string(),
                Some('m') => month.to_string(),
                Some('H') => "0".to_owned(),
                Some('I') => "12".to_owned(),
                other => return Err(unknown(other)),
            },
            Some('Y') => format!("{year:04}"),
            Some('y') => format!("{:02}", year % 100),
            Some('m') => format!("{month:02}"),
            Some('d') => format!("{day:02}"),
            Some('e') => format!("{day:2}"),
            Some('B') => month_name.to_owned(),
            Some('b' | 'h') => month_name[..3].to_owned(),
            Some('A') => weekday.to_owned(),
            Some('a') => weekday[..3].to_owned(),
            Some('H' | 'M' | 'S') => "00".to_owned(),
            Some('I') => "12".to_owned(),
            Some('p') => "AM".to_owned(),
            Some('F') => format!("{year:04}-{month:02}-{day:02}"),
            Some('T') => "00:00:00".to_owned(),
            Some('Z') => "UTC".to_owned(),
            Some('z') => "+0000".to_owned(),
            Some('%') => "%".to_owned(),
            other => return Err(unknown(other)),
        };
        out.push_str(&field);
    }
    Ok(out)
}

fn unknown(field: Option<char>) -> Error {
    let field = field.map(String::from).unwrap_or_default();
    Error::new(
        ErrorKind::InvalidOperation,
        format!("strftime_now does not know %{field}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        // `date -u -d @N "+%A %Y-%m-%d"`
        for (now, text) in [
            (0, "Thursday 1970-01-01 00:00:00"),
            (951_782_400, "Tuesday 2000-02-29 00:00:00"),
            (1_709_251_199, "Thursday 2024-02-29 00:00:00"),
            (4_107_542_400, "Monday 2100-03-01 00:00:00"),
        ] {
            let date = Date::of_seconds(now);
            assert_eq!(date.strftime("%A %Y-%m-%d %H:%M:%S").unwrap(), text);
        }
        let leap = Date::of_seconds(1_709_251_199);
        assert_eq!(
            leap.strftime("%d %b %y, %-d %B, %I %p, %T, 100%%").unwrap(),
            "29 Feb 24, 29 February, 12 AM, 00:00:00, 100%"
        );
        assert!(leap.strftime("%Q").is_err());
    }

    #[test]
    fn days_are_read_as_they_are_written() {
        for days in (0..LAST).step_by(97).chain([LAST - 1]) {
            let date = Date { days };
            assert_eq!(date.to_string().parse(), Ok(date));
        }
        // SOURCE_DATE_EPOCH
        let leap = Date::of_seconds(1_709_251_199);
        assert_eq!("1709251199".parse(), Ok(leap));
        assert_eq!("2024-02-29".parse(), Ok(leap));
        for wrong in [
            "",
            "2023-02-29",
            "2024-2-9",
            "1969-12-31",
            "today",
            "2024-02-29T00:00:00Z",
            "-1",
            "99999999999999",
        ] {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
    }
}
