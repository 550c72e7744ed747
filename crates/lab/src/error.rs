//! Why a lab cannot be set up.

/// A setting that no lab can have.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LabError {
    /// A setting by the name of its option, its value, and what it may be.
    #[error("{setting} {value}: {wanted}")]
    Setting {
        setting: &'static str,
        value: String,
        wanted: String,
    },
    /// A line of a table of weights.
    #[error("line {line}: {wanted}")]
    Table { line: usize, wanted: &'static str },
}

impl LabError {
    pub(crate) fn setting(
        setting: &'static str,
        value: impl ToString,
        wanted: impl Into<String>,
    ) -> LabError {
        LabError::Setting {
            setting,
            value: value.to_string(),
            wanted: wanted.into(),
        }
    }
}

/// Refuses what is no number above 0.
pub(crate) fn expect_positive(setting: &'static str, value: f64) -> Result<(), LabError> {
    match value.is_finite() && value > 0.0 {
        true => Ok(()),
        false => Err(LabError::setting(
            setting,
            value,
            "give a number above 0, such as 1",
        )),
    }
}

/// Refuses counts below `least`.
pub(crate) fn expect_least(
    setting: &'static str,
    value: usize,
    least: usize,
) -> Result<(), LabError> {
    match value >= least {
        true => Ok(()),
        false => Err(LabError::setting(
            setting,
            value,
            format!("give at least {least}"),
        )),
    }
}
