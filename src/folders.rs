//! Where the user's files lie: the XDG folders on Linux, the native ones elsewhere. None where neither the variable nor a home is known.

use std::path::PathBuf;

use etcetera::BaseStrategy;

/// The program's name in each.
const NAME: &str = "rotescope";

/// The configuration and the user's themes: `$XDG_CONFIG_HOME/rotescope`, or `~/.config/rotescope`.
pub fn config() -> Option<PathBuf> {
    folder("XDG_CONFIG_HOME", || Some(base()?.config_dir()))
}

/// What the app keeps by itself: `$XDG_STATE_HOME/rotescope`, or `~/.local/state/rotescope`.
pub fn state() -> Option<PathBuf> {
    folder("XDG_STATE_HOME", || base()?.state_dir())
}

/// What can be made again: `$XDG_CACHE_HOME/rotescope`, or `~/.cache/rotescope`.
pub fn cache() -> Option<PathBuf> {
    folder("XDG_CACHE_HOME", || Some(base()?.cache_dir()))
}

/// The bundle, unpacked: `$XDG_DATA_HOME/rotescope`, or `~/.local/share/rotescope`.
pub fn data() -> Option<PathBuf> {
    folder("XDG_DATA_HOME", || Some(base()?.data_dir()))
}

fn base() -> Option<impl BaseStrategy> {
    etcetera::choose_base_strategy().ok()
}

/// The variable is enough where there is no home. Relative folders count for nothing, as the XDG specification has it.
fn folder(variable: &str, known: impl Fn() -> Option<PathBuf>) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let named = named.filter(|folder| cfg!(unix) && folder.is_absolute());
    Some(named.or_else(known)?.join(NAME))
}
