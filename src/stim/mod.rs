//! stim
