use std::fs::File;
use std::io::Write;

use ::parquet::basic::Encoding;
use ::parquet::file::metadata::RowGroupMetaData;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::Field;

use super::columns::columns;
use super::parquet::ParquetTable;
use super::*;
use crate::Measure;
use rotescope_trace::record::{Failed, Record};
use rotescope_trace::{
    Flag, Known, NonLocal, Retrieved, SalientWord, Source, Step, Token, Trace, Verdict,
};

/// A completion of `n` tokens, in steps of two, of which the second is flagged and wrong.
fn trace(id: &str, n: usize) -> Trace {
    let token = |i: usize| {
        let mut token = Token {
            id: 7,
            text: "ab".into(),
            span: [2 * i, 2 * i + 2],
            p: 0.1,
            rank: 1,
            entropy: 1.5,
            ..Token::default()
        };
        let word = |text: &str| SalientWord {
            text: text.into(),
            span: [0, 1],
            saliency: 1.0,
            error: None,
        };
        if i.is_multiple_of(2) {
            token.retrieved = Some(Retrieved {
                p: 0.5,
                n: i,
                count: 4,
                sparse: false,
                gap: (i > 0).then_some(-1.6),
                known: Known::Corpus,
            });
        }
        // None for every third, no words for another.
        if !i.is_multiple_of(3) {
            let words = if i % 3 == 1 {
                vec![word("=one"), word("two")]
            } else {
                vec![]
            };
            let found = NonLocal {
                score: Some(0.25 * (i % 4) as f64),
                undefined: None,
                words,
                window: None,
                elicited: Some(true),
            };
            token.set_non_local(Source::Mid, found, Vec::new());
        }
        token
    };
    let step = |i: usize| Step {
        span: [4 * i, 4 * i + 4],
        tokens: [2 * i, 2 * i + 2],
        flag: (i == 1).then(|| Flag {
            p: 0.75,
            reasons: vec!["a reason".into()],
            ..Flag::default()
        }),
        verdict: (i == 1).then(|| Verdict {
            right: false,
            by: "arithmetic".into(),
            p: None,
            span: None,
            tokens: vec![3],
            expected: Some("4".into()),
            why: None,
        }),
        region: None,
    };
    let mut trace = Trace {
        output: "ab".repeat(n),
        tokens: (0..n).map(token).collect(),
        steps: (0..n / 2).map(step).collect(),
        finish: "end".into(),
        ..Trace::default()
    };
    trace.prompt.prompt.id = id.into();
    trace.answer.right = Some(false);
    trace
}

fn records() -> [Record; 3] {
    [
        Record::Trace(Box::new(trace("=a", 5))),
        Record::Failed(Failed::new("f", "too long".into())),
        Record::Trace(Box::new(trace("b", 4))),
    ]
}

fn csv(table: Table) -> String {
    let mut out = Vec::new();
    csv::head(&mut out, table).unwrap();
    for record in records() {
        csv::rows(&mut out, table, &record, &Measure::Stim).unwrap();
    }
    String::from_utf8(out).unwrap()
}

fn parquet(table: Table, records: &[Record]) -> Vec<u8> {
    let mut to = ParquetTable::begin(Vec::new(), table).unwrap();
    for record in records {
        to.add(record, &Measure::Stim).unwrap();
    }
    to.finish().unwrap()
}

fn reader(bytes: &[u8]) -> SerializedFileReader<File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    SerializedFileReader::new(file).unwrap()
}

/// A value as it was before it was written.
fn value(kind: Kind, field: &Field) -> Value {
    match (kind, field) {
        (_, Field::Null) => Value::None,
        (Kind::Bool, Field::Bool(b)) => Value::Bool(*b),
        (Kind::Count, Field::Long(n)) => Value::Count(*n as u64),
        (Kind::Single, Field::Float(x)) => Value::Single(*x),
        (Kind::Number, Field::Double(x)) => Value::Number(*x),
        (Kind::Name | Kind::Text, Field::Str(text)) => Value::Text(text.clone()),
        (Kind::Texts, Field::ListInternal(list)) => {
            let text = |field: &Field| match field {
                Field::Str(text) => text.clone(),
                other => panic!("{other:?}"),
            };
            Value::Texts(list.elements().iter().map(text).collect())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn parquet_holds_what_the_rows_are_and_csv_has_the_same_columns() {
    for table in Table::ALL {
        let columns = columns(table);
        let mut wanted = Vec::new();
        for record in records() {
            let each = &mut |row: Vec<Value>| {
                assert_eq!(row.len(), columns.len(), "{table:?}");
                wanted.push(row);
                Ok(())
            };
            columns::rows(table, &record, &Measure::Stim, each).unwrap();
        }
        let reader = reader(&parquet(table, &records()));
        let found: Vec<Vec<Value>> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| {
                let row = row.unwrap();
                let names = row.get_column_iter().map(|(name, _)| name.clone());
                assert!(names.eq(columns.iter().map(|c| c.name.clone())));
                let fields = row.get_column_iter().zip(&columns);
                fields.map(|((_, field), c)| value(c.kind, field)).collect()
            })
            .collect();
        assert_eq!(found, wanted, "{table:?}");
        let csv = csv(table);
        let lines: Vec<&str> = csv.split("\r\n").collect();
        assert_eq!(lines[0], csv::names(table));
        assert_eq!(lines.len(), wanted.len() + 2);
        assert!(lines[1].starts_with("'=a,"), "{}", lines[1]);
        let about = reader.metadata().file_metadata();
        assert_eq!(about.created_by(), Some(super::parquet::WRITER));
    }
}

#[test]
fn steps_and_traces_say_what_is_wrong() {
    let lines = |table| {
        let csv = csv(table);
        csv.split("\r\n").map(str::to_string).collect::<Vec<_>>()
    };
    let steps = lines(Table::Steps);
    let second = "'=a,,,false,2,4,8,2,2,\"\"\"abab\"\"\",0.75,probability,true,\"[\"\"a reason\"\"]\",false,arithmetic,,\"\"\"4\"\"\",,3,,0.5,mid,2,0.5";
    assert_eq!(steps[2], second);
    let traces = lines(Table::Traces);
    assert!(traces[2].starts_with("f,,,,") && traces[2].ends_with(",true,\"\"\"too long\"\"\""));
}

#[test]
fn a_long_trace_is_written_group_by_group_with_a_dictionary() {
    let long = [Record::Trace(Box::new(trace("long", 80_000)))];
    let reader = reader(&parquet(Table::Tokens, &long));
    let groups = reader.metadata().row_groups();
    let rows: Vec<i64> = groups.iter().map(RowGroupMetaData::num_rows).collect();
    assert_eq!(rows, [32_768, 32_768, 14_464]);
    let id = groups[0].column(0);
    assert!(
        id.encodings().any(|e| e == Encoding::RLE_DICTIONARY),
        "{id:?}"
    );
    assert!(id.compressed_size() < 1000);
}

#[test]
fn tables_stand_beside_the_one_that_was_asked_for() {
    let names = Table::ALL.map(|t| t.beside(Path::new("a.b/x.parquet")));
    let wanted = [
        "a.b/x.parquet",
        "a.b/x.steps.parquet",
        "a.b/x.traces.parquet",
    ];
    assert_eq!(names, wanted.map(PathBuf::from));
}
