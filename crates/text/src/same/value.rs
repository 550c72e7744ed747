//! What an answer can be.

use super::form::Form;
use super::units::Unit;
use crate::number::Rational;

/// A reading of an answer.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Quantity(Quantity),
    /// `3:2`, `6:4:2`. `clock`: it could be a time of day.
    Ratio {
        parts: Vec<Rational>,
        clock: bool,
    },
    /// Seconds since midnight, and the half of the day where it is said.
    Time {
        seconds: u32,
        half: Option<Half>,
    },
    /// Items between brackets: points, vectors, intervals. `x > 5` is the interval from 5 on.
    Group {
        open: char,
        close: char,
        items: Vec<Value>,
        name: Option<String>,
    },
    /// Items whose order says nothing: `\{1, 2\}`, `1 and 2`, `x = 1 or x = 2`. `braces`: it is written as a set.
    Items {
        items: Vec<Value>,
        braces: bool,
    },
    /// Intervals or sets put together.
    Union(Vec<Value>),
    /// Rows of a matrix or a determinant, and what stands around them.
    Matrix {
        rows: Vec<Vec<Value>>,
        fence: char,
    },
    /// `y = 2x + 3`, `x + y > 0`: the sign, and the left side less the right one.
    Relation {
        sign: Sign,
        form: Form,
    },
    /// The letter of a choice and what stands behind it.
    Choice {
        letter: char,
        text: String,
    },
    /// "Yes", "No", "True", "False", in lower case.
    Word(&'static str),
    /// Anything else.
    Text(String),
}

/// A number with what stands around it.
#[derive(Debug, Clone)]
pub(super) struct Quantity {
    /// In front of the percent sign, if there is one.
    pub form: Form,
    pub percent: bool,
    pub unit: Unit,
    /// What it is said to be equal to: `x` in `x = 5`.
    pub name: Option<String>,
}

impl Quantity {
    /// A plain expression.
    pub(super) fn of(form: Form) -> Self {
        Self {
            form,
            percent: false,
            unit: Unit::default(),
            name: None,
        }
    }
}

/// Before or after noon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Am,
    Pm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Equal,
    NotEqual,
    /// Above 0.
    Above,
    /// 0 or above.
    AtLeast,
}

impl Value {
    /// Is it no text, and holds none?
    pub(super) fn is_firm(&self) -> bool {
        match self {
            Self::Text(_) => false,
            Self::Group { items, .. } | Self::Items { items, .. } | Self::Union(items) => {
                items.iter().all(Self::is_firm)
            }
            Self::Matrix { rows, .. } => rows.iter().flatten().all(Self::is_firm),
            _ => true,
        }
    }
}

/// Do two readings say the same?
pub(super) fn same_value(a: &Value, b: &Value) -> bool {
    use Value::{Choice, Group, Items, Matrix, Quantity, Ratio, Relation, Text, Time, Union, Word};
    match (a, b) {
        (Quantity(x), Quantity(y)) => same_quantity(x, y),
        // 5:15 and 10:30 are times.
        (Ratio { parts: x, clock: c }, Ratio { parts: y, clock: d }) => {
            !(*c && *d) && proportional(x, y)
        }
        (Ratio { parts, .. }, Quantity(q)) | (Quantity(q), Ratio { parts, .. }) => {
            let [x, y] = &**parts else { return false };
            q.unit.is_empty()
                && !q.percent
                && q.form.value().is_some_and(|v| Some(v) == x.checked_div(*y))
        }
        (
            Time {
                seconds: s,
                half: h,
            },
            Time {
                seconds: t,
                half: g,
            },
        ) => same_time(*s, *h, *t, *g),
        // 6 pm is 6 where the unit is not said.
        (
            Time {
                seconds,
                half: Some(_),
            },
            Quantity(q),
        )
        | (
            Quantity(q),
            Time {
                seconds,
                half: Some(_),
            },
        ) => {
            q.unit.is_empty()
                && !q.percent
                && q.form.value() == Rational::new((*seconds).into(), 3600)
        }
        (
            Group {
                open: o,
                close: c,
                items: x,
                name: n,
            },
            Group {
                open: p,
                close: d,
                items: y,
                name: m,
            },
        ) => {
            same_brackets((*o, *c), (*p, *d), x.len())
                && same_names(n.as_ref(), m.as_ref())
                && in_order(x, y)
        }
        // A list has no brackets of its own: it may be a point as well as a set.
        (
            Items {
                items: x,
                braces: false,
            },
            Group { items: y, .. },
        )
        | (
            Group { items: y, .. },
            Items {
                items: x,
                braces: false,
            },
        ) => in_order(x, y),
        (Items { items: x, .. }, Items { items: y, .. })
            if !x.iter().chain(y).all(Value::is_firm) =>
        {
            in_order(x, y)
        }
        (Items { items: x, .. }, Items { items: y, .. }) | (Union(x), Union(y)) => {
            in_any_order(x, y)
        }
        // "x < 2 or x > 3" is a union.
        (Items { items: x, .. }, Union(y)) | (Union(y), Items { items: x, .. }) => {
            in_any_order(x, y)
        }
        // A set of one.
        (Items { items, .. }, one) | (one, Items { items, .. }) if items.len() == 1 => {
            same_value(&items[0], one)
        }
        (Matrix { rows: x, fence: f }, Matrix { rows: y, fence: g }) => {
            let bracket = |c: char| if c == '(' { '[' } else { c };
            bracket(*f) == bracket(*g)
                && x.len() == y.len()
                && x.iter().zip(y).all(|(r, s)| in_order(r, s))
        }
        // A column is a vector.
        (
            Matrix {
                rows,
                fence: '(' | '[',
            },
            Group { items, .. },
        )
        | (
            Group { items, .. },
            Matrix {
                rows,
                fence: '(' | '[',
            },
        ) => {
            let row = |(r, i): (&Vec<Value>, &Value)| match i {
                Group { items, .. } => in_order(r, items),
                one => r.len() == 1 && same_value(&r[0], one),
            };
            rows.len() == items.len() && rows.iter().zip(items).all(row)
        }
        (Relation { sign: s, form: x }, Relation { sign: t, form: y }) => {
            s == t && x.same_zeros(y, matches!(s, Sign::Above | Sign::AtLeast))
        }
        (Choice { letter: x, .. }, Choice { letter: y, .. }) => x == y,
        (Word(x), Word(y)) => x == y,
        (Text(x), Text(y)) => x == y,
        _ => false,
    }
}

fn same_quantity(x: &Quantity, y: &Quantity) -> bool {
    if !x.unit.agrees(&y.unit) || !same_names(x.name.as_ref(), y.name.as_ref()) {
        return false;
    }
    if let (Some(m), Some(n)) = (x.unit.measure, y.unit.measure)
        && let Some(ratio) = m.ratio(n)
    {
        return x
            .form
            .mul(&Form::number(ratio))
            .is_some_and(|x| x.same(&y.form));
    }
    if x.percent == y.percent {
        return x.form.same(&y.form);
    }
    let (p, plain) = if x.percent { (x, y) } else { (y, x) };
    // $5, 5 km are no percentages.
    plain.unit.measure.is_none()
        && (p.form.same(&plain.form) || {
            let hundredth = p.form.div(&Form::number(Rational::whole(100)));
            hundredth.is_some_and(|h| h.same(&plain.form))
        })
}

/// A name that is not said may be any.
fn same_names(a: Option<&String>, b: Option<&String>) -> bool {
    a.is_none() || b.is_none() || a == b
}

fn proportional(x: &[Rational], y: &[Rational]) -> bool {
    x.len() == y.len()
        && (1..x.len()).all(|i| {
            let (a, b) = (x[0].checked_mul(y[i]), y[0].checked_mul(x[i]));
            a.is_some() && a == b
        })
}

fn same_time(s: u32, h: Option<Half>, t: u32, g: Option<Half>) -> bool {
    const NOON: u32 = 12 * 3600;
    let full = |seconds: u32, half: Option<Half>| match half {
        Some(Half::Am) => seconds % NOON,
        Some(Half::Pm) => seconds % NOON + NOON,
        None => seconds,
    };
    if h.is_some() == g.is_some() {
        return full(s, h) == full(t, g);
    }
    // 6:00 may be either; 18:00 is 6 pm.
    full(s, h) == full(t, g)
        || [(s, h), (t, g)].iter().all(|(n, _)| *n < NOON + 3600) && s % NOON == t % NOON
}

/// The brackets of two items may be the ends of an interval; those of others say nothing.
fn same_brackets(a: (char, char), b: (char, char), items: usize) -> bool {
    let round = |c: char| match c {
        '⟨' => '(',
        '⟩' => ')',
        c => c,
    };
    let (a, b) = ((round(a.0), round(a.1)), (round(b.0), round(b.1)));
    a == b || items != 2 && a.0 != '⦃' && b.0 != '⦃'
}

fn in_order(x: &[Value], y: &[Value]) -> bool {
    x.len() == y.len() && x.iter().zip(y).all(|(a, b)| same_value(a, b))
}

fn in_any_order(x: &[Value], y: &[Value]) -> bool {
    let mut left: Vec<&Value> = y.iter().collect();
    x.len() == y.len()
        && x.iter().all(|a| {
            let place = left.iter().position(|b| same_value(a, b));
            place.map(|i| left.swap_remove(i)).is_some()
        })
}
