//! Reading the header bytes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::error::GgufError;
use super::header::{Element, Header, Strings, Tensor, Value};
use crate::ggml;

/// Headers above this many bytes are taken for corrupt; the largest known are near 30 MB.
const MAX_HEADER: u64 = 1 << 30;
const DEFAULT_ALIGNMENT: u64 = 32;

pub(super) fn header(path: &Path) -> Result<Header, GgufError> {
    let io = |source| GgufError::Io {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(io)?;
    let info = file.metadata().map_err(io)?;
    if info.is_dir() {
        return Err(GgufError::NotAFile {
            path: path.to_owned(),
        });
    }
    Reader {
        path,
        input: BufReader::with_capacity(1 << 16, file),
        at: 0,
        len: info.len(),
    }
    .header()
}

struct Reader<'a> {
    path: &'a Path,
    input: BufReader<File>,
    at: u64,
    len: u64,
}

impl Reader<'_> {
    fn header(mut self) -> Result<Header, GgufError> {
        let len = self.len;
        let mut magic = Vec::new();
        (&mut self.input)
            .take(4)
            .read_to_end(&mut magic)
            .map_err(|e| self.io(e))?;
        if magic != b"GGUF" {
            let found = match magic.len() {
                0 => "nothing (it is empty)".to_owned(),
                _ => format!("\"{}\"", magic.escape_ascii()),
            };
            return Err(GgufError::NotGguf {
                path: self.path.to_owned(),
                found,
            });
        }
        self.at = 4;
        let version = self.u32("version")?;
        if matches!(version.swap_bytes(), 1..=3) {
            return Err(GgufError::BigEndian {
                path: self.path.to_owned(),
            });
        }
        if !matches!(version, 2 | 3) {
            return Err(GgufError::Version {
                path: self.path.to_owned(),
                version,
            });
        }
        let tensor_count = self.u64("number of tensors")?;
        let key_count = self.u64("number of metadata entries")?;
        // The least an entry can take: a length and a byte of key, a type and a byte of value;
        // a tensor: a length, a number of dimensions, a type and an offset.
        self.plausible(key_count, 8 + 1 + 4 + 1, "metadata entries")?;
        self.plausible(tensor_count, 8 + 4 + 4 + 8, "tensors")?;

        let mut metadata = BTreeMap::new();
        for _ in 0..key_count {
            let key = self.name("metadata key")?;
            let value = self.value(&key)?;
            if metadata.insert(key.clone(), value).is_some() {
                return Err(self.corrupt(format!("metadata key {key:?} occurs twice")));
            }
        }
        let mut tensors = Vec::new();
        for _ in 0..tensor_count {
            tensors.push(self.tensor()?);
        }
        let alignment = match metadata.get("general.alignment") {
            None => DEFAULT_ALIGNMENT,
            Some(&Value::Uint(n)) if n.is_power_of_two() && n <= 1 << 30 => n,
            Some(_) => {
                return Err(self.corrupt("general.alignment is no power of two".to_owned()));
            }
        };
        Ok(Header {
            version,
            metadata,
            tensors,
            data_start: self.at.next_multiple_of(alignment),
            file_len: len,
        })
    }

    fn value(&mut self, key: &str) -> Result<Value, GgufError> {
        let id = self.u32(key)?;
        match id {
            8 => return Ok(Value::String(self.string(key)?)),
            9 => return self.array(key),
            _ => {}
        }
        let Some(element) = Element::from_id(id) else {
            return Err(self.corrupt(format!("{key:?} has the unknown value type {id}")));
        };
        Ok(match element {
            Element::U8 => Value::Uint(self.fixed::<1>(key)?[0].into()),
            Element::I8 => Value::Int(i8::from_le_bytes(self.fixed(key)?).into()),
            Element::U16 => Value::Uint(u16::from_le_bytes(self.fixed(key)?).into()),
            Element::I16 => Value::Int(i16::from_le_bytes(self.fixed(key)?).into()),
            Element::U32 => Value::Uint(self.u32(key)?.into()),
            Element::I32 => Value::Int(i32::from_le_bytes(self.fixed(key)?).into()),
            Element::F32 => Value::Float(f32::from_le_bytes(self.fixed(key)?).into()),
            Element::Bool => Value::Bool(self.fixed::<1>(key)?[0] != 0),
            Element::U64 => Value::Uint(self.u64(key)?),
            Element::I64 => Value::Int(i64::from_le_bytes(self.fixed(key)?)),
            Element::F64 => Value::Float(f64::from_le_bytes(self.fixed(key)?)),
        })
    }

    fn array(&mut self, key: &str) -> Result<Value, GgufError> {
        let id = self.u32(key)?;
        let count = self.u64(key)?;
        if id == 8 {
            self.plausible(count, 8, key)?;
            let mut strings = Strings::default();
            for _ in 0..count {
                let n = self.u64(key)?;
                self.append(n, &mut strings.bytes, key)?;
                strings.ends.push(strings.bytes.len());
            }
            return Ok(Value::Strings(strings));
        }
        let Some(element) = Element::from_id(id) else {
            return Err(self.corrupt(format!("{key:?} is an array of the unknown type {id}")));
        };
        self.plausible(count, element.size(), key)?;
        let mut bytes = Vec::new();
        self.append(count * element.size(), &mut bytes, key)?;
        Ok(Value::Numbers(element, bytes))
    }

    fn tensor(&mut self) -> Result<Tensor, GgufError> {
        let name = self.name("tensor name")?;
        let dimensions = self.u32(&name)?;
        if dimensions > 4 {
            return Err(self.corrupt(format!(
                "tensor {name:?} has {dimensions} dimensions, at most 4 are possible"
            )));
        }
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            shape.push(self.u64(&name)?);
        }
        let id = self.u32(&name)?;
        let offset = self.u64(&name)?;
        let Some(kind) = ggml::tensor_type(id) else {
            return Err(self.corrupt(format!("tensor {name:?} has the unknown type {id}")));
        };
        let elements = shape
            .iter()
            .try_fold(1u64, |n, &d| n.checked_mul(d))
            .filter(|&n| i64::try_from(n).is_ok());
        let size = elements.and_then(|n| (n / kind.block).checked_mul(kind.bytes));
        let row = shape.first().copied().unwrap_or(1);
        match size {
            Some(size) if row.is_multiple_of(kind.block) => Ok(Tensor {
                name,
                shape,
                kind,
                offset,
                size,
            }),
            _ => Err(self.corrupt(format!(
                "tensor {name:?} has the impossible shape {shape:?} for type {}",
                kind.name
            ))),
        }
    }

    /// A short string that must be UTF-8 and not empty.
    fn name(&mut self, what: &str) -> Result<String, GgufError> {
        let bytes = self.string(what)?;
        match String::from_utf8(bytes) {
            Ok(s) if !s.is_empty() => Ok(s),
            Ok(_) => Err(self.corrupt(format!("a {what} is empty"))),
            Err(_) => Err(self.corrupt(format!("a {what} is no UTF-8 text"))),
        }
    }

    fn string(&mut self, what: &str) -> Result<Vec<u8>, GgufError> {
        let n = self.u64(what)?;
        let mut bytes = Vec::new();
        self.append(n, &mut bytes, what)?;
        Ok(bytes)
    }

    fn u32(&mut self, what: &str) -> Result<u32, GgufError> {
        Ok(u32::from_le_bytes(self.fixed(what)?))
    }

    fn u64(&mut self, what: &str) -> Result<u64, GgufError> {
        Ok(u64::from_le_bytes(self.fixed(what)?))
    }

    fn fixed<const N: usize>(&mut self, what: &str) -> Result<[u8; N], GgufError> {
        self.fits(N as u64, what)?;
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes).map_err(|e| self.io(e))?;
        self.at += N as u64;
        Ok(bytes)
    }

    /// Appends `n` bytes, which are known to be there before anything is allocated for them.
    fn append(&mut self, n: u64, to: &mut Vec<u8>, what: &str) -> Result<(), GgufError> {
        self.fits(n, what)?;
        let got = (&mut self.input)
            .take(n)
            .read_to_end(to)
            .map_err(|e| self.io(e))?;
        self.at += got as u64;
        if (got as u64) < n {
            return Err(self.cut_off(what));
        }
        Ok(())
    }

    fn fits(&self, n: u64, what: &str) -> Result<(), GgufError> {
        if n > self.len.saturating_sub(self.at) {
            return Err(self.cut_off(what));
        }
        if self.at.saturating_add(n) > MAX_HEADER {
            return Err(self.corrupt(format!("the header does not end before {what}")));
        }
        Ok(())
    }

    fn plausible(&self, count: u64, least: u64, what: &str) -> Result<(), GgufError> {
        match count.checked_mul(least) {
            Some(n) => self.fits(n, what),
            None => Err(self.corrupt(format!("{count} {what} are impossible"))),
        }
    }

    fn io(&self, source: std::io::Error) -> GgufError {
        GgufError::Io {
            path: self.path.to_owned(),
            source,
        }
    }

    fn cut_off(&self, what: &str) -> GgufError {
        GgufError::HeaderCutOff {
            path: self.path.to_owned(),
            what: what.to_owned(),
            at: self.at,
            len: self.len,
        }
    }

    fn corrupt(&self, what: String) -> GgufError {
        GgufError::Corrupt {
            path: self.path.to_owned(),
            what,
            at: self.at,
        }
    }
}
