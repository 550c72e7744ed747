//! The fields of the tantivy index.

use tantivy::Index;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::TextAnalyzer;

use crate::words::{TOKENIZER_NAME, WordTokenizer};

#[derive(Clone, Copy)]
pub(super) struct Fields {
    pub(super) text: Field,
    pub(super) id: Field,
    pub(super) meta: Field,
    pub(super) source: Field,
    pub(super) line: Field,
    pub(super) byte: Field,
    pub(super) ordinal: Field,
}

pub(super) fn schema() -> Schema {
    let mut schema = Schema::builder();
    let words = TextFieldIndexing::default()
        .set_tokenizer(TOKENIZER_NAME)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions)
        // Lengths, which tell the documents that are no longer than a window.
        .set_fieldnorms(true);
    schema.add_text_field(
        "text",
        TextOptions::default()
            .set_indexing_options(words)
            .set_stored(),
    );
    schema.add_text_field("id", STORED);
    schema.add_text_field("meta", STORED);
    schema.add_u64_field("source", STORED);
    schema.add_u64_field("line", STORED);
    schema.add_u64_field("byte", STORED);
    // Segments hold documents in any order; the ordinal finds them, and is found from them.
    schema.add_u64_field("ordinal", INDEXED | FAST);
    schema.build()
}

impl Fields {
    pub(super) fn of(schema: &Schema) -> tantivy::Result<Self> {
        Ok(Self {
            text: schema.get_field("text")?,
            id: schema.get_field("id")?,
            meta: schema.get_field("meta")?,
            source: schema.get_field("source")?,
            line: schema.get_field("line")?,
            byte: schema.get_field("byte")?,
            ordinal: schema.get_field("ordinal")?,
        })
    }
}

/// Makes our words known to an index.
pub(super) fn register(index: &Index) {
    let words = TextAnalyzer::builder(WordTokenizer::default()).build();
    index.tokenizers().register(TOKENIZER_NAME, words);
}
