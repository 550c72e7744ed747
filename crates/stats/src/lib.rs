//! Statistics: ranks and correlations, rankings and their baselines, intervals, small models.
//!
//! Pure functions over slices. Nothing here knows what a token or a corpus is. Where a quantity is
//! undefined the answer is `None`, never `NaN` and never a made-up zero.

pub mod auroc;
pub mod bleu;
pub mod bootstrap;
pub mod calibration;
pub mod conditional;
pub mod crossval;
pub mod logistic;
pub mod mcnemar;
pub mod precision;
pub mod ranks;
pub mod wilson;

pub use auroc::{Ranked, auroc, average_precision};
pub use bleu::Bleu;
pub use bootstrap::{Interval, interval};
pub use calibration::{Bin, brier, expected_calibration_error, reliability};
pub use conditional::{ChoiceSet, Conditional};
pub use logistic::{Logistic, LogisticError};
pub use mcnemar::mcnemar_exact;
pub use precision::{precision_at, random_precision_at, random_recall_at, recall_at};
pub use ranks::{average_ranks, doubled_ranks, pearson, spearman};
pub use wilson::wilson;
