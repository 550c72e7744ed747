//! Dates as text, as Python's `strftime` writes them on Linux in English: those of glibc's fields, at midnight of a day without a time zone.

use time::{Date, Weekday};

/// Widths above this are cut: no template means them.
const WIDEST: usize = 200;

/// A field, after its flags.
struct Field {
    /// `_`, `-`, `0` or none.
    pad: Option<char>,
    upper: bool,
    swap: bool,
    width: Option<usize>,
}

pub(super) fn strftime(format: &str, date: Date) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let field = &rest[at..];
        match one(&field[1..], date) {
            Some((text, used)) => {
                out.push_str(&text);
                rest = &field[1 + used..];
            }
            // What is no field stays as it is.
            None => {
                out.push('%');
                rest = &field[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The field behind a percent sign as text, and how many bytes it takes.
fn one(spec: &str, date: Date) -> Option<(String, usize)> {
    let mut field = Field {
        pad: None,
        upper: false,
        swap: false,
        width: None,
    };
    let mut at = 0;
    for flag in spec.bytes() {
        match flag {
            b'_' | b'-' | b'0' => field.pad = Some(char::from(flag)),
            b'^' => field.upper = true,
            b'#' => field.swap = true,
            _ => break,
        }
        at += 1;
    }
    let digits = spec[at..].bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        let width = spec[at..at + digits].parse().unwrap_or(WIDEST);
        field.width = Some(width.min(WIDEST));
        at += digits;
    }
    // Other eras and digits are those of other languages.
    at += usize::from(spec[at..].starts_with(['E', 'O']));
    let kind = spec[at..].chars().next()?;
    Some((field.text(kind, date)?, at + kind.len_utf8()))
}

impl Field {
    fn text(&self, kind: char, date: Date) -> Option<String> {
        let year = i64::from(date.year());
        let (iso_year, iso_week, _) = date.to_iso_week_date();
        let weekday = date.weekday();
        let midnight = 0;
        Some(match kind {
            'Y' => self.number(year, 1, '0'),
            'C' => self.number(year / 100, 2, '0'),
            'y' => self.number(year % 100, 2, '0'),
            'G' => self.number(iso_year.into(), 1, '0'),
            'g' => self.number((iso_year % 100).into(), 2, '0'),
            'm' => self.number(u8::from(date.month()).into(), 2, '0'),
            'd' => self.number(date.day().into(), 2, '0'),
            'e' => self.number(date.day().into(), 2, ' '),
            'j' => self.number(date.ordinal().into(), 3, '0'),
            'U' => self.number(date.sunday_based_week().into(), 2, '0'),
            'W' => self.number(date.monday_based_week().into(), 2, '0'),
            'V' => self.number(iso_week.into(), 2, '0'),
            'u' => self.number(weekday.number_from_monday().into(), 1, '0'),
            'w' => self.number(weekday.number_days_from_sunday().into(), 1, '0'),
            'H' | 'M' | 'S' => self.number(midnight, 2, '0'),
            'k' => self.number(midnight, 2, ' '),
            'I' => self.number(12, 2, '0'),
            'l' => self.number(12, 2, ' '),
            // Python's own, before glibc sees the format.
            'f' => "000000".to_owned(),
            's' => {
                let days = i64::from(date.to_julian_day() - EPOCH);
                self.number(days * 86_400, 1, '0')
            }
            'A' => self.word(name_of(weekday)),
            'a' => self.word(&name_of(weekday)[..3]),
            'B' => self.word(&date.month().to_string()),
            'b' | 'h' => self.word(&date.month().to_string()[..3]),
            'p' if self.swap => self.padded("am".into(), ' ', 0),
            'p' => self.word("AM"),
            'P' => self.word("am"),
            // There is no zone.
            'z' | 'Z' => String::new(),
            'n' => "\n".to_owned(),
            't' => "\t".to_owned(),
            '%' => self.word("%"),
            'c' => self.whole("%a %b %e %H:%M:%S %Y", date),
            'D' | 'x' => self.whole("%m/%d/%y", date),
            'F' => self.whole("%Y-%m-%d", date),
            'T' | 'X' => self.whole("%H:%M:%S", date),
            'R' => self.whole("%H:%M", date),
            'r' => self.whole("%I:%M:%S %p", date),
            _ => return None,
        })
    }

    fn number(&self, n: i64, width: usize, fill: char) -> String {
        match self.pad {
            Some('-') => self.padded(n.to_string(), ' ', 0),
            Some('_') => self.padded(n.to_string(), ' ', width),
            Some(_) => self.padded(n.to_string(), '0', width),
            None => self.padded(n.to_string(), fill, width),
        }
    }

    fn word(&self, word: &str) -> String {
        let word = match self.upper || self.swap {
            true => word.to_uppercase(),
            false => word.to_owned(),
        };
        let fill = if self.pad == Some('0') { '0' } else { ' ' };
        self.padded(word, fill, 0)
    }

    /// A text of several fields.
    fn whole(&self, format: &str, date: Date) -> String {
        self.word(&strftime(format, date))
    }

    fn padded(&self, text: String, fill: char, width: usize) -> String {
        let width = self.width.unwrap_or(width);
        let missing = width.saturating_sub(text.len());
        fill.to_string().repeat(missing) + &text
    }
}

/// The Julian day of 1970-01-01.
pub(super) const EPOCH: i32 = 2_440_588;

fn name_of(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Month;

    const ALL: &str = "%a|%A|%b|%B|%c|%C|%d|%D|%e|%F|%f|%g|%G|%h|%H|%I|%j|%k|%l|%m|%M|%n|%p|%P|%r|%R|%s|%S|%t|%T|%u|%U|%V|%w|%W|%x|%X|%y|%Y|%z|%Z|%%";

    fn day(year: i32, month: u8, day: u8) -> Date {
        Date::from_calendar_date(year, Month::try_from(month).unwrap(), day).unwrap()
    }

    /// Of `datetime(2024, 2, 29).strftime(...)` and so on, Python 3.12 with glibc.
    #[test]
    fn fields_are_pythons() {
        for (date, want) in [
            (
                day(2024, 2, 29),
                "Thu|Thursday|Feb|February|Thu Feb 29 00:00:00 2024|20|29|02/29/24|29|2024-02-29|000000|24|2024|Feb|00|12|060| 0|12|02|00|\n|AM|am|12:00:00 AM|00:00|1709164800|00|\t|00:00:00|4|08|09|4|09|02/29/24|00:00:00|24|2024|||%",
            ),
            (
                day(2026, 1, 1),
                "Thu|Thursday|Jan|January|Thu Jan  1 00:00:00 2026|20|01|01/01/26| 1|2026-01-01|000000|26|2026|Jan|00|12|001| 0|12|01|00|\n|AM|am|12:00:00 AM|00:00|1767225600|00|\t|00:00:00|4|00|01|4|00|01/01/26|00:00:00|26|2026|||%",
            ),
            (
                day(1999, 12, 31),
                "Fri|Friday|Dec|December|Fri Dec 31 00:00:00 1999|19|31|12/31/99|31|1999-12-31|000000|99|1999|Dec|00|12|365| 0|12|12|00|\n|AM|am|12:00:00 AM|00:00|946598400|00|\t|00:00:00|5|52|52|5|52|12/31/99|00:00:00|99|1999|||%",
            ),
            (
                day(2000, 1, 2),
                "Sun|Sunday|Jan|January|Sun Jan  2 00:00:00 2000|20|02|01/02/00| 2|2000-01-02|000000|99|1999|Jan|00|12|002| 0|12|01|00|\n|AM|am|12:00:00 AM|00:00|946771200|00|\t|00:00:00|7|01|52|0|00|01/02/00|00:00:00|00|2000|||%",
            ),
        ] {
            let (got, want): (Vec<_>, Vec<_>) = (
                strftime(ALL, date).split('|').map(str::to_owned).collect(),
                want.split('|').collect(),
            );
            for (i, field) in ALL.split('|').enumerate() {
                assert_eq!(got[i], want[i], "{field} of {date}");
            }
        }
    }

    #[test]
    fn flags_and_what_is_no_field() {
        for (format, want) in [
            ("%-d %-m %-j", "5 3 65"),
            ("%_d|%_m|%_j", " 5| 3| 65"),
            ("%^a %^B %#b %#p", "TUE MARCH MAR am"),
            (
                "%5d|%05d|%_5d|%10A|%-5d",
                "00005|00005|    5|   Tuesday|    5",
            ),
            (
                "%Ec %Ex %EY %Od",
                "Tue Mar  5 00:00:00 2024 03/05/24 2024 05",
            ),
            ("%Q 100% %é", "%Q 100% %é"),
            ("%", "%"),
            (
                "%10c|%^c",
                "Tue Mar  5 00:00:00 2024|TUE MAR  5 00:00:00 2024",
            ),
            ("%-y %_H %0e", "24  0 05"),
            ("%-e|%_I|%010Y|%3%", "5|12|0000002024|  %"),
        ] {
            assert_eq!(strftime(format, day(2024, 3, 5)), want, "{format}");
        }
        assert_eq!(
            strftime("%99999999999999999999d", day(2024, 3, 5)).len(),
            WIDEST
        );
    }
}
