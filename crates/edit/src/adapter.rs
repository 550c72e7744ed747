//! Changes of matrices as a LoRA adapter in a GGUF file, as llama.cpp loads it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use nalgebra::DMatrix;

use super::solve::Change;

/// Of tensor data, in bytes.
const ALIGNMENT: usize = 32;
/// GGUF's types of metadata.
const U32: u32 = 4;
const F32: u32 = 6;
const TEXT: u32 = 8;

/// What is said of an adapter.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    Text(String),
    Count(u32),
    Number(f32),
}

/// Writes changes of feed-forward output matrices, by layer, for models of an architecture. `also`: what else its metadata says.
///
/// Numbers are 32-bit floats. `adapter.lora.alpha` is 0, which means that nothing is scaled.
///
/// # Errors
/// Those of `out`.
pub fn write(
    out: &mut dyn Write,
    architecture: &str,
    changes: &BTreeMap<usize, Change>,
    also: &[(&str, Said)],
) -> io::Result<()> {
    let text = |s: &str| Said::Text(s.to_owned());
    let mut said = vec![
        ("general.type", text("adapter")),
        ("general.architecture", text(architecture)),
        ("adapter.type", text("lora")),
        ("adapter.lora.alpha", Said::Number(0.0)),
    ];
    said.extend(also.iter().cloned());
    let tensors: Vec<(String, &DMatrix<f64>)> = changes
        .iter()
        .flat_map(|(layer, change)| {
            let name = |end: &str| format!("blk.{layer}.ffn_down.weight.lora_{end}");
            [(name("a"), &change.a), (name("b"), &change.b)]
        })
        .collect();
    let mut head = b"GGUF\x03\0\0\0".to_vec();
    head.extend((tensors.len() as u64).to_le_bytes());
    head.extend((said.len() as u64).to_le_bytes());
    for (key, value) in &said {
        put(&mut head, key);
        match value {
            Said::Text(value) => {
                head.extend(TEXT.to_le_bytes());
                put(&mut head, value);
            }
            Said::Count(n) => head.extend([U32.to_le_bytes(), n.to_le_bytes()].concat()),
            Said::Number(x) => head.extend([F32.to_le_bytes(), x.to_le_bytes()].concat()),
        }
    }
    let mut offset = 0;
    for (name, matrix) in &tensors {
        put(&mut head, name);
        head.extend(2u32.to_le_bytes());
        // The numbers in a row come first.
        head.extend((matrix.ncols() as u64).to_le_bytes());
        head.extend((matrix.nrows() as u64).to_le_bytes());
        head.extend(0u32.to_le_bytes()); // 32-bit floats
        head.extend((offset as u64).to_le_bytes());
        offset += (4 * matrix.len()).next_multiple_of(ALIGNMENT);
    }
    head.resize(head.len().next_multiple_of(ALIGNMENT), 0);
    out.write_all(&head)?;
    for (_, matrix) in &tensors {
        let mut bytes: Vec<u8> = Vec::with_capacity(4 * matrix.len() + ALIGNMENT);
        for row in matrix.row_iter() {
            row.iter()
                .for_each(|x| bytes.extend((*x as f32).to_le_bytes()));
        }
        bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
        out.write_all(&bytes)?;
    }
    out.flush()
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_vocab::gguf::Gguf;

    #[test]
    fn what_is_written_is_read_as_gguf() {
        let change = Change {
            a: DMatrix::from_row_slice(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
            b: DMatrix::from_row_slice(1, 2, &[7.0, 8.0]),
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("adapter.gguf");
        let also = [("rotescope.edit.edits", Said::Count(2))];
        let mut bytes = Vec::new();
        write(&mut bytes, "llama", &BTreeMap::from([(5, change)]), &also).unwrap();
        std::fs::write(&path, &bytes).unwrap();
        let file = Gguf::open(&path).unwrap();
        file.check_weights().unwrap();
        assert_eq!(file.architecture(), Some("llama"));
        assert_eq!(file.str("general.type"), Some("adapter"));
        assert_eq!(file.uint("rotescope.edit.edits"), Some(2));
        let tensors = file.tensors();
        assert_eq!(tensors.len(), 2);
        assert_eq!(tensors[0].name, "blk.5.ffn_down.weight.lora_a");
        assert_eq!(tensors[0].shape, [3, 2]);
        assert_eq!(tensors[1].shape, [2, 1]);
        assert_eq!(file.expected_len() as usize, bytes.len() - (ALIGNMENT - 8));
        // Row by row.
        let first = bytes.len() - 2 * ALIGNMENT;
        let number = |i: usize| f32::from_le_bytes(bytes[first + 4 * i..][..4].try_into().unwrap());
        assert_eq!([0, 1, 2, 3].map(number), [1.0, 2.0, 3.0, 4.0]);
    }
}
