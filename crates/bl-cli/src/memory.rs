//! How much memory a load may take: what the user says, or the library's default.

use bl_core::memory;

use crate::arguments::is_blank;
use crate::bytes::parse_bytes;

/// The variable that raises it.
pub const MAX_MEMORY: &str = "BL_MAX_MEMORY";

/// Takes the limit of the environment, if it sets one; blanks are unset.
pub fn take_memory_limit() -> anyhow::Result<()> {
    let Some(text) = std::env::var_os(MAX_MEMORY).filter(|text| !is_blank(text)) else { return Ok(()) };
    let text = text.to_string_lossy();
    let bytes = parse_bytes(&text).map_err(|why| anyhow::anyhow!("`{MAX_MEMORY}` is `{text}`: {why}"))?;
    memory::set_limit(bytes);
    Ok(())
}
