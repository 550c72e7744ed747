//! Dates for chat templates that print today's: asked of the clock once a run, or fixed, so that a rerun gives the same text.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use super::strftime::{EPOCH, strftime};

/// A day in UTC, from 1970 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(time::Date);

impl Default for Date {
    /// 1970-01-01.
    fn default() -> Self {
        Date::of_seconds(0)
    }
}

impl Date {
    /// The day it is now. The one place that asks the clock what day it is: ask once for a run.
    pub fn today() -> Date {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Date::of_seconds(now.map_or(0, |d| d.as_secs()))
    }

    /// The day of a Unix time; the last there is for what lies behind it.
    pub fn of_seconds(seconds: u64) -> Date {
        Date::of_days(seconds / 86_400).unwrap_or(Date(time::Date::MAX))
    }

    /// The day so many days after 1970-01-01.
    fn of_days(days: u64) -> Option<Date> {
        let days = i32::try_from(days).ok()?.checked_add(EPOCH)?;
        time::Date::from_julian_day(days).ok().map(Date)
    }

    /// Python's `strftime`, in English; the time is midnight, without a zone.
    pub(super) fn strftime(self, format: &str) -> String {
        strftime(format, self.0)
    }
}

impl fmt::Display for Date {
    /// As `YYYY-MM-DD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.0.to_calendar_date();
        write!(f, "{year:04}-{:02}-{day:02}", u8::from(month))
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
            return Date::of_days(seconds / 86_400).ok_or_else(wrong);
        }
        let mut parts = s.splitn(3, '-').map(str::parse::<u16>);
        let mut part = || parts.next()?.ok();
        let (year, month, day) = (part(), part(), part());
        let date = year.zip(month).zip(day).and_then(|((y, m), d)| {
            let month = time::Month::try_from(u8::try_from(m).ok()?).ok()?;
            time::Date::from_calendar_date(y.into(), month, u8::try_from(d).ok()?).ok()
        });
        // Only a day that is one reads like the text.
        let date = date.filter(|d| d.year() >= 1970).map(Date);
        date.filter(|d| d.to_string() == s).ok_or_else(wrong)
    }
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
            assert_eq!(Date::of_seconds(now).strftime("%A %Y-%m-%d %H:%M:%S"), text);
        }
        let leap = Date::of_seconds(1_709_251_199);
        assert_eq!(
            leap.strftime("%d %b %y, %-d %B, %I %p, %T, 100%%"),
            "29 Feb 24, 29 February, 12 AM, 00:00:00, 100%"
        );
        assert_eq!(Date::of_seconds(u64::MAX).to_string(), "9999-12-31");
    }

    #[test]
    fn days_are_read_as_they_are_written() {
        let last = 2_932_896;
        for days in (0..last).step_by(97).chain([last]) {
            let date = Date::of_days(days).unwrap();
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
