//! Models written anew with fewer bits, by llama.cpp's own quantizer.

use std::ffi::CString;
use std::path::Path;

use llama_cpp_sys_2 as sys;

use super::error::ModelError;
use super::llama_log;
use super::load;

/// Quantizations by name, as llama.cpp's `quantize` has them, from most to fewest bits.
const LEVELS: [(&str, sys::llama_ftype); 14] = [
    ("F16", sys::LLAMA_FTYPE_MOSTLY_F16),
    ("Q8_0", sys::LLAMA_FTYPE_MOSTLY_Q8_0),
    ("Q6_K", sys::LLAMA_FTYPE_MOSTLY_Q6_K),
    ("Q5_K_M", sys::LLAMA_FTYPE_MOSTLY_Q5_K_M),
    ("Q5_K_S", sys::LLAMA_FTYPE_MOSTLY_Q5_K_S),
    ("Q5_0", sys::LLAMA_FTYPE_MOSTLY_Q5_0),
    ("Q4_K_M", sys::LLAMA_FTYPE_MOSTLY_Q4_K_M),
    ("Q4_K_S", sys::LLAMA_FTYPE_MOSTLY_Q4_K_S),
    ("Q4_0", sys::LLAMA_FTYPE_MOSTLY_Q4_0),
    ("Q3_K_L", sys::LLAMA_FTYPE_MOSTLY_Q3_K_L),
    ("Q3_K_M", sys::LLAMA_FTYPE_MOSTLY_Q3_K_M),
    ("Q3_K_S", sys::LLAMA_FTYPE_MOSTLY_Q3_K_S),
    ("Q2_K", sys::LLAMA_FTYPE_MOSTLY_Q2_K),
    ("Q2_K_S", sys::LLAMA_FTYPE_MOSTLY_Q2_K_S),
];

/// Names of the quantizations that [`quantize`] makes.
pub fn quantizations() -> impl Iterator<Item = &'static str> {
    LEVELS.iter().map(|(name, _)| *name)
}

/// Writes the model at `from` to `to` in another quantization. One that is quantized already is made from what it is, not from what it was: that
/// loses more than from 16 bits. Rows whose length is no multiple of 256 get another type than the name says, as llama.cpp has it.
///
/// # Errors
/// A model that cannot be read, a name that is unknown, a place that cannot be written.
pub fn quantize(from: &Path, to: &Path, level: &str, threads: usize) -> Result<(), ModelError> {
    let bad = |what: String| Err(ModelError::BadRequest(what));
    let Some((_, ftype)) = LEVELS.iter().find(|(name, _)| *name == level) else {
        let known: Vec<&str> = quantizations().collect();
        return bad(format!(
            "no quantization {level:?}; there are {}",
            known.join(", ")
        ));
    };
    let (first, _) = load::preflight(from)?;
    let name = |path: &Path| {
        let text = path
            .to_str()
            .ok_or(ModelError::PathNotUtf8 { path: path.into() })?;
        CString::new(text).map_err(|_| ModelError::PathNotUtf8 { path: path.into() })
    };
    let (source, target) = (name(&first)?, name(to)?);
    load::backend();
    let (code, log) = llama_log::with_errors(|| {
        #[expect(unsafe_code, reason = "the safe crate has no quantizer")]
        // SAFETY: both names are C strings that live until the call returns; the parameters are llama.cpp's own, with plain values set.
        unsafe {
            let mut how = sys::llama_model_quantize_default_params();
            how.ftype = *ftype;
            how.nthread = i32::try_from(threads.max(1)).unwrap_or(1);
            how.allow_requantize = true;
            sys::llama_model_quantize(source.as_ptr(), target.as_ptr(), &raw const how)
        }
    });
    if code == 0 {
        return Ok(());
    }
    let why = log
        .first()
        .map_or("llama.cpp does not say why", String::as_str);
    bad(format!(
        "{} cannot be written as {level} to {}: {why}",
        from.display(),
        to.display()
    ))
}
