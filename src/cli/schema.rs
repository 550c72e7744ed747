//! `rotescope schema`: JSON Schemas of all that commands write as JSON, made from the types that write it. docs/schema holds them.

use std::process::ExitCode;

use anyhow::{Context, Result};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::common::print;
use super::telling::{PROGRESS, ProgressRecord};
use super::{cache, index, lab};
use crate::run::calibrate::labels::ChainLabel;
use crate::run::notes::{NOTE, Note};
use rotescope_import::judged::{JUDGED, Judged, Tally};
use rotescope_judge::flag;
use rotescope_lab::distill::DistillRecord;
use rotescope_lab::edge::EdgeRecord;
use rotescope_lab::texts::TextRecord;
use rotescope_study::compare::Comparison;
use rotescope_study::evaluate::{EVALUATION, Report};
use rotescope_trace::audit::attack::AttackLine;
use rotescope_trace::audit::bench::BenchLine;
use rotescope_trace::audit::extract::ExtractLine;
use rotescope_trace::audit::pii::ScanLine;
use rotescope_trace::audit::redundancy::RedundancyLine;
use rotescope_trace::audit::retro::{RetroAnswer, RetroCredit, RetroWindow, SideWindow};
use rotescope_trace::audit::students::StudentsLine;
use rotescope_trace::audit::texts::{RegionsLine, SpansLine};
use rotescope_trace::audit::verify::VerifyLine;
use rotescope_trace::audit::{AuditLine, RecordLine};
use rotescope_trace::record::Record;
use rotescope_trace::{Prompt, SCHEMA};

#[derive(Debug, clap::Args)]
pub struct SchemaArgs {
    /// Of what; without it, all are listed
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

/// What is written as JSON.
struct Written {
    /// Also the name of its file in docs/schema.
    name: &'static str,
    /// What writes it, and what one document or line is.
    about: &'static str,
    /// What stands in its member `schema`, where it has one.
    version: Option<&'static str>,
    schema: fn() -> Value,
}

const fn audit<L: AuditLine>(name: &'static str, about: &'static str) -> Written {
    Written {
        name,
        about,
        version: Some(L::SCHEMA),
        schema: derived::<L>,
    }
}

const fn versioned<T: JsonSchema>(
    name: &'static str,
    version: &'static str,
    about: &'static str,
) -> Written {
    Written {
        name,
        about,
        version: Some(version),
        schema: derived::<T>,
    }
}

const fn plain<T: JsonSchema>(name: &'static str, about: &'static str) -> Written {
    Written {
        name,
        about,
        version: None,
        schema: derived::<T>,
    }
}

const WRITTEN: &[Written] = &[
    versioned::<Record>(
        "trace",
        SCHEMA,
        "score, attribute, import, calibrate, report -o x.jsonl: a line for each prompt, a trace or why there is none",
    ),
    plain::<Prompt>("prompt", "perturb: a line for each prompt"),
    plain::<Comparison>(
        "comparison",
        "compare --json, compare -o x.jsonl: a line for each pair of traces",
    ),
    versioned::<Judged>("judged", JUDGED, "judge -o: a line for each completion"),
    plain::<Tally>("judge-summary", "judge --json"),
    Written {
        name: "evaluation",
        about: "evaluate --json",
        version: Some(EVALUATION),
        schema: Report::schema,
    },
    versioned::<flag::FlagModel>("flag", flag::SCHEMA, "evaluate --fit, calibrate"),
    versioned::<Note>(
        "note",
        NOTE,
        "the app: a line for each bookmark and note, in x.notes.jsonl beside the traces x.jsonl",
    ),
    plain::<ChainLabel>("label", "calibrate: a line for each chain, in labels.jsonl"),
    audit::<ExtractLine>(
        "extract",
        "audit extract: what was asked, then a line for each window of a text",
    ),
    audit::<SpansLine>(
        "spans",
        "audit spans: what was asked, then a line for each text",
    ),
    audit::<RegionsLine>(
        "regions",
        "audit regions: what was asked, then a line for each answer",
    ),
    audit::<RedundancyLine>(
        "redundancy",
        "audit redundancy: what was asked, then a line for each window",
    ),
    audit::<StudentsLine>(
        "students",
        "audit students: what was asked, then a line for each window and answer of each model",
    ),
    audit::<ScanLine>(
        "pii-scan",
        "pii scan: what was asked, then a line for each value",
    ),
    audit::<AttackLine>(
        "pii-attack",
        "pii attack: what was asked, then a line for each question",
    ),
    audit::<VerifyLine>(
        "pii-verify",
        "pii verify: what was asked, then a line for each question and text",
    ),
    audit::<BenchLine>(
        "pii-bench",
        "pii bench: what was asked, then a line for each question, text and prompt",
    ),
    audit::<RecordLine<RetroWindow>>(
        "retro",
        "retro measure: what was asked, then a line for each window",
    ),
    audit::<RecordLine<RetroAnswer>>(
        "retro-answer",
        "retro answer: what was asked, then a line for each answer",
    ),
    audit::<RecordLine<RetroCredit>>(
        "retro-credit",
        "retro credit: what was asked, then a line for each trace",
    ),
    audit::<RecordLine<SideWindow>>(
        "lab-model",
        "lab model: what was asked, then a line for each window",
    ),
    audit::<RecordLine<EdgeRecord>>(
        "lab-edge",
        "lab edge -o: what was asked, then a line for each data set and trained model",
    ),
    versioned::<lab::edge::Printed<'static>>(
        "lab-edge-summary",
        lab::edge::SUMMARY,
        "lab edge --json",
    ),
    audit::<RecordLine<DistillRecord>>(
        "lab-distill",
        "training/distill.py, read by lab distill: a line for each student and pass",
    ),
    versioned::<lab::distill::Printed<'static>>(
        "lab-distill-summary",
        lab::distill::SUMMARY,
        "lab distill --json",
    ),
    audit::<RecordLine<TextRecord>>(
        "lab-text",
        "lab text -o: what was asked, then a line for each data set",
    ),
    versioned::<lab::text::Printed<'static>>(
        "lab-text-summary",
        lab::text::SUMMARY,
        "lab text --json",
    ),
    plain::<index::show::IndexAbout>(
        "index-info",
        "index info --json: one after another for several",
    ),
    Written {
        name: "index-count",
        about: "index count --json",
        version: None,
        schema: index::schema::counted,
    },
    Written {
        name: "index-next",
        about: "index next --json",
        version: None,
        schema: index::schema::next,
    },
    Written {
        name: "index-docs",
        about: "index docs --json: a line for each occurrence",
        version: None,
        schema: index::schema::docs,
    },
    plain::<cache::CacheAbout>("cache-info", "cache info --json"),
    versioned::<ProgressRecord>(
        "progress",
        PROGRESS,
        "any command with --json-progress, on standard error: a line about every second while it works",
    ),
];

/// As the type is written, not as it may be read: what is always there is required.
fn derived<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

impl Written {
    fn document(&self) -> Value {
        let mut schema = (self.schema)();
        describe(&mut schema);
        let Value::Object(members) = schema else {
            return schema;
        };
        let mut head = Map::new();
        let dialect = "https://json-schema.org/draft/2020-12/schema";
        head.insert("$schema".into(), dialect.into());
        head.insert("title".into(), format!("rotescope {}", self.name).into());
        head.insert("description".into(), self.about.into());
        let own = |name: &String| !head.contains_key(name);
        let rest: Vec<_> = members.into_iter().filter(|(name, _)| own(name)).collect();
        head.extend(rest);
        if let Some(version) = self.version {
            name_version(&mut head, version);
            if let Some(Value::Object(all)) = head.get_mut("$defs") {
                for part in all.values_mut().filter_map(Value::as_object_mut) {
                    name_version(part, version);
                }
            }
        }
        Value::Object(head)
    }
}

/// The member `schema` of a record holds its version and nothing else.
fn name_version(part: &mut Map<String, Value>, version: &str) {
    let member = part.get_mut("properties").and_then(|p| p.get_mut("schema"));
    if let Some(Value::Object(member)) = member {
        member.insert("const".into(), version.into());
    }
}

/// Makes plain text of what rustdoc reads: lines are joined, links keep their text.
fn describe(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(text)) = members.get_mut("description") {
                *text = without_links(&text.split_whitespace().collect::<Vec<_>>().join(" "));
            }
            members.values_mut().for_each(describe);
        }
        Value::Array(items) => items.iter_mut().for_each(describe),
        _ => {}
    }
}

/// `[text](place)` and [`code`] without what makes them links.
fn without_links(text: &str) -> String {
    let Some((before, rest)) = text.split_once('[') else {
        return text.into();
    };
    let Some((inner, after)) = rest.split_once(']') else {
        return text.into();
    };
    let place = after.strip_prefix('(').and_then(|a| a.split_once(')'));
    let (linked, after) = match place {
        Some((_, after)) => (inner.to_string(), after),
        None if inner.starts_with('`') => (inner.to_string(), after),
        None => (format!("[{inner}]"), after),
    };
    format!("{before}{linked}{}", without_links(after))
}

pub fn run(args: &SchemaArgs) -> Result<ExitCode> {
    let Some(name) = &args.name else {
        let width = WRITTEN.iter().map(|w| w.name.len()).max().unwrap_or(0);
        let lines = WRITTEN
            .iter()
            .map(|w| format!("{:width$}  {}\n", w.name, w.about));
        print(&lines.collect::<String>())?;
        return Ok(ExitCode::SUCCESS);
    };
    let written = WRITTEN.iter().find(|w| w.name == name).with_context(|| {
        let names: Vec<&str> = WRITTEN.iter().map(|w| w.name).collect();
        format!(
            "there is no schema {name:?}; there are: {}",
            names.join(", ")
        )
    })?;
    print(&format!("{:#}\n", written.document()))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_become_text() {
        for (from, to) in [
            ("[`SCHEMA`].", "`SCHEMA`."),
            (
                "see [pending](super::Token::pending) and [`A`](b)",
                "see pending and `A`",
            ),
            ("from [a, b] on", "from [a, b] on"),
            ("none", "none"),
        ] {
            assert_eq!(without_links(from), to);
        }
    }

    #[test]
    fn every_version_is_named_in_its_schema() {
        for written in WRITTEN {
            let text = written.document().to_string();
            let Some(version) = written.version else {
                assert!(
                    !text.contains("\"schema\":"),
                    "{} has a version",
                    written.name
                );
                continue;
            };
            let named = format!("\"const\":{version:?}");
            assert!(text.contains(&named), "{}", written.name);
        }
    }
}
