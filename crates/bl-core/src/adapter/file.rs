//! The adapter file, as FORMAT.md specifies it.

use serde_json::Value;

use super::Adapter;
use super::check::{check, check_kind, check_prunable, check_version};
use super::form::{self, Form, PRUNED};
use super::header::Header;
use super::parameters::Parameters;
use super::unknown::{put_back, unknown_fields};
use super::values::{self, Reader};
use crate::container;
use crate::error::Error;

/// The one metadata key.
const KEY: &str = "bl_adapter";
/// The largest adapter file that is read into memory.
#[cfg(feature = "fs")]
pub const MAX_BYTES: u64 = 256 << 20;

impl Adapter {
    /// The bytes of a file; the same adapter gives the same bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        check(self)?;
        let mut header = header_value(&self.header, &self.form)?;
        put_back(&mut header, &self.unknown);
        let tensors = values::write(
            self.header.kind,
            self.header.backbone.spec.bias_names(),
            &self.form,
            &self.parameters,
        )?;
        container::write_sealed(KEY, header, &tensors)
    }

    /// Reads and verifies the bytes of a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (mut value, tensors) = container::read(KEY, bytes)?;
        // First of all, for the header of another version need not parse as this one's.
        check_version(&value)?;
        let header: Header = serde_json::from_value(value.clone()).map_err(json)?;
        header.backbone.spec.validate()?;
        check_kind(&header)?;
        let spec = &header.backbone.spec;
        let layers: Vec<_> = spec.bias_names().into_iter().zip(header.bias_widths()).collect();
        let units = layers.first().map_or(0, |(_, units)| *units);
        let pruned = header.requires.iter().any(|feature| feature == PRUNED).then_some(units);
        if pruned.is_some() {
            check_prunable(&header)?;
        }
        let mut reader = Reader::new(&tensors, form::encoding(&value)?, pruned)?;
        let mut bias = |(layer, (name, units)): (usize, &(String, usize))| match header.base_bias {
            Some(base) => Ok(reader.drawn(&base.draw(layer, *units))),
            None => reader.bias(name, *units),
        };
        let biases = layers.iter().enumerate().map(&mut bias).collect::<Result<_, _>>()?;
        let gains = reader.gains(header.kind, units)?;
        let initial = header.io.has_learned_state().then(|| reader.state(units)).transpose()?;
        let mut head = None;
        if header.kind.has_head() {
            let (outputs, size) = spec.bert()?.head();
            head = Some(reader.head(outputs, size)?);
        }
        let form = reader.finish(&mut value)?;
        let unknown = unknown_fields(&value, &header_value(&header, &form)?);
        let adapter = Self { header, parameters: Parameters { biases, gains, initial, head }, form, unknown };
        check(&adapter)?;
        Ok(adapter)
    }
}

#[cfg(feature = "fs")]
impl Adapter {
    /// Reads and verifies a file.
    pub fn load(path: impl AsRef<std::path::Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let bytes = crate::files::read_capped(path, MAX_BYTES)?;
        Self::from_bytes(&bytes).map_err(|error| error.in_file(path))
    }

    /// Writes a file: to a temporary name first, so that an existing one is replaced whole or not at all.
    pub fn save(&self, path: impl AsRef<std::path::Path>) -> Result<(), Error> {
        crate::files::write_atomically(path.as_ref(), &self.to_bytes()?)
    }
}

/// The header as a file has it, but for its digest and for fields that are not known.
fn header_value(header: &Header, form: &Form) -> Result<Value, Error> {
    let mut value = serde_json::to_value(header).map_err(json)?;
    form.put(&mut value);
    Ok(value)
}

fn json(source: serde_json::Error) -> Error {
    Error::Json { what: "adapter header", source }
}
