//! Dates for chat templates that print today's.

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

/// Python's `strftime`, in English and UTC, `now` in seconds since 1970.
pub(super) fn strftime(format: &str, now: u64) -> Result<String, Error> {
    let (days, second) = (now / 86_400, now % 86_400);
    let (year, month, day) = civil(days);
    let weekday = DAYS[((days + 4) % 7) as usize];
    let month_name = MONTHS[(month - 1) as usize];
    let hour = second / 3_600;
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
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
                Some('H') => hour.to_string(),
                Some('I') => twelve.to_string(),
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
            Some('H') => format!("{hour:02}"),
            Some('I') => format!("{twelve:02}"),
            Some('M') => format!("{:02}", second / 60 % 60),
            Some('S') => format!("{:02}", second % 60),
            Some('p') => if hour < 12 { "AM" } else { "PM" }.to_owned(),
            Some('F') => format!("{year:04}-{month:02}-{day:02}"),
            Some('T') => format!("{hour:02}:{:02}:{:02}", second / 60 % 60, second % 60),
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
        // `date -u -d @N "+%A %Y-%m-%d %H:%M:%S"`
        for (now, text) in [
            (0, "Thursday 1970-01-01 00:00:00"),
            (951_782_400, "Tuesday 2000-02-29 00:00:00"),
            (1_709_251_199, "Thursday 2024-02-29 23:59:59"),
            (4_107_542_400, "Monday 2100-03-01 00:00:00"),
        ] {
            assert_eq!(strftime("%A %Y-%m-%d %H:%M:%S", now).unwrap(), text);
        }
        assert_eq!(
            strftime("%d %b %y, %-d %B, %I %p, 100%%", 1_709_251_199).unwrap(),
            "29 Feb 24, 29 February, 11 PM, 100%"
        );
        assert!(strftime("%Q", 0).is_err());
    }
}
