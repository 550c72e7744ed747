//! What comes with this program: the one place that names the bundled model. To ship another, describe its
//! [`Contents`] in a module of its own and name them here.

use crate::bundle::contents::Contents;
use crate::bundle::{Bundle, BundleError};

/// The bundle of this program.
pub const BUNDLED: &Contents = &crate::pocket::CONTENTS;

/// The bundle, and where it lies.
///
/// # Errors
/// See [`Bundle::find`].
pub fn bundle() -> Result<Bundle, BundleError> {
    Bundle::find(BUNDLED)
}
