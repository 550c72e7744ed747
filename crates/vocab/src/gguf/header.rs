//! What a header holds.

use std::collections::BTreeMap;

use crate::ggml::TensorType;

/// The element type of a numeric array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    Bool,
    U64,
    I64,
    F64,
}

impl Element {
    pub(super) fn from_id(id: u32) -> Option<Element> {
        use Element::*;
        Some(match id {
            0 => U8,
            1 => I8,
            2 => U16,
            3 => I16,
            4 => U32,
            5 => I32,
            6 => F32,
            7 => Bool,
            10 => U64,
            11 => I64,
            12 => F64,
            _ => return None,
        })
    }

    pub(super) fn size(self) -> u64 {
        use Element::*;
        match self {
            U8 | I8 | Bool => 1,
            U16 | I16 => 2,
            U32 | I32 | F32 => 4,
            U64 | I64 | F64 => 8,
        }
    }
}

/// Many byte strings in one allocation. GGUF strings are meant to be UTF-8, but need not be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Strings {
    pub(super) bytes: Vec<u8>,
    pub(super) ends: Vec<usize>,
}

impl Strings {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn get(&self, i: usize) -> Option<&[u8]> {
        let end = *self.ends.get(i)?;
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        Some(&self.bytes[start..end])
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.len()).map(|i| self.get(i).unwrap_or_default())
    }
}

/// One metadata value. Integers and floats are widened; arrays of numbers keep their bytes.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Uint(u64),
    Int(i64),
    Float(f64),
    Bool(bool),
    String(Vec<u8>),
    Strings(Strings),
    /// Little-endian elements, one after the other.
    Numbers(Element, Vec<u8>),
}

/// One row of the tensor table.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    pub name: String,
    /// Elements along each dimension, the fastest-running first; 0 to 4 dimensions.
    pub shape: Vec<u64>,
    pub kind: TensorType,
    /// Bytes from the start of the tensor data, not of the file.
    pub offset: u64,
    /// Size in bytes.
    pub size: u64,
}

/// A header as read.
#[derive(Debug, Clone)]
pub(super) struct Header {
    pub version: u32,
    pub metadata: BTreeMap<String, Value>,
    pub tensors: Vec<Tensor>,
    /// Where the tensor data begins, in bytes from the start of the file.
    pub data_start: u64,
    /// Bytes of the file.
    pub file_len: u64,
}
