use super::*;
use std::fs;
use std::io;
use std::path::PathBuf;

fn all(path: &Path, options: &ReadOptions) -> Result<Vec<RawDocument>, CorpusError> {
    let inputs = list(&[path.to_path_buf()], Format::Auto)?;
    let mut documents = Vec::new();
    for file in &inputs.files {
        let consumed = AtomicU64::new(0);
        let read = read(file, options, &consumed, &mut |d| {
            documents.push(d);
            Ok(())
        })?;
        assert_eq!(consumed.into_inner(), read.bytes);
        assert_eq!(read.bytes, fs::metadata(&file.path).unwrap().len());
    }
    Ok(documents)
}

fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    (dir, path)
}

#[test]
fn json_lines_keep_id_fields_and_places() {
    let text = "\u{FEFF}{\"id\": 7, \"text\": \"a\\nb\", \"task\": \"math\", \"n\": [1, 2]}\r\n\n{\"text\": \"\", \"id\": \"x\"}\n{\"text\": \"last\"}";
    let (_dir, path) = file("c.jsonl", text.as_bytes());
    let documents = all(&path, &ReadOptions::default()).unwrap();
    assert_eq!(documents.len(), 3);
    assert_eq!(documents[0].text, "a\nb");
    assert_eq!(documents[0].id.as_deref(), Some("7"));
    assert_eq!(
        Value::Object(documents[0].meta.clone()).to_string(),
        r#"{"task":"math","n":[1,2]}"#
    );
    assert_eq!((documents[0].line, documents[0].byte), (1, 0));
    assert_eq!((documents[1].text.as_str(), documents[1].line), ("", 3));
    let third = text.find("{\"text\": \"last").unwrap() as u64;
    assert_eq!((documents[2].line, documents[2].byte), (4, third));
    assert_eq!(documents[2].id, None);
}

#[test]
fn several_text_fields_are_joined() {
    let (_dir, path) = file("c.jsonl", br#"{"question": "q", "answer": "a", "k": 1}"#);
    let options = ReadOptions {
        text_fields: vec!["question".into(), "answer".into()],
        ..ReadOptions::default()
    };
    let documents = all(&path, &options).unwrap();
    assert_eq!(documents[0].text, "q\na");
    assert_eq!(documents[0].meta.len(), 1);
}

#[test]
fn compressed_files_read_like_plain_ones() {
    let text = "{\"text\": \"one\"}\n{\"text\": \"two\"}\n".as_bytes();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    io::Write::write_all(&mut gz, text).unwrap();
    let mut gz = gz.finish().unwrap();
    // Files made by concatenating others hold several members.
    gz.extend(gz.clone());
    let zst = zstd::encode_all(text, 1).unwrap();
    let (_plain_dir, plain) = file("c.jsonl", text);
    let (_gz_dir, gz_path) = file("c.jsonl.gz", &gz);
    let (_zst_dir, zst_path) = file("C.JSONL.ZST", &zst);
    let options = ReadOptions::default();
    let want = all(&plain, &options).unwrap();
    assert_eq!(want.len(), 2);
    assert_eq!(all(&zst_path, &options).unwrap(), want);
    assert_eq!(all(&gz_path, &options).unwrap().len(), 4);

    let (_cut_dir, cut) = file("cut.jsonl.gz", &gz[..gz.len() - 9]);
    let message = all(&cut, &options).unwrap_err().to_string();
    assert!(message.contains("cut.jsonl.gz"), "{message}");
    let (_cut_dir, cut) = file("cut.jsonl.zst", &zst[..zst.len() - 5]);
    let message = all(&cut, &options).unwrap_err().to_string();
    assert!(message.contains("cut.jsonl.zst"), "{message}");
}

#[test]
fn paragraphs_and_whole_files() {
    let text = "\n\nfirst\nof two\n \t\nsecond\r\n\n";
    let (_dir, path) = file("c.txt", text.as_bytes());
    let whole = all(&path, &ReadOptions::default()).unwrap();
    assert_eq!(whole.len(), 1);
    assert_eq!(whole[0].text, text);
    let options = ReadOptions {
        paragraphs: true,
        ..ReadOptions::default()
    };
    let documents = all(&path, &options).unwrap();
    let seen: Vec<_> = documents
        .iter()
        .map(|d| (d.text.as_str(), d.line, d.byte as usize))
        .collect();
    assert_eq!(
        seen,
        [
            ("first\nof two", 3, 2),
            ("second", 6, text.find("second").unwrap())
        ]
    );
}

#[test]
fn folders_are_walked_in_order() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("b")).unwrap();
    fs::write(dir.path().join("b/x.txt"), "second").unwrap();
    fs::write(dir.path().join("a.jsonl"), "{\"text\":\"first\"}").unwrap();
    fs::write(dir.path().join("c.md"), "third").unwrap();
    fs::write(dir.path().join("d.png"), [0xFF, 0xD8]).unwrap();
    fs::write(dir.path().join(".hidden.txt"), "never").unwrap();
    let documents = all(dir.path(), &ReadOptions::default()).unwrap();
    let texts: Vec<_> = documents.iter().map(|d| d.text.as_str()).collect();
    assert_eq!(texts, ["first", "second", "third"]);
    let inputs = list(&[dir.path().to_path_buf()], Format::Auto).unwrap();
    assert_eq!(inputs.skipped, [dir.path().join("d.png")]);
}

#[test]
fn files_are_named_by_no_more_of_their_path_than_tells_them_apart() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for folder in ["one/a", "two/a"] {
        fs::create_dir_all(at(folder)).unwrap();
        fs::write(at(folder).join("x.txt"), folder).unwrap();
        fs::write(at(folder).join("y.txt"), folder).unwrap();
    }
    let named = |inputs: &[&str]| -> Vec<String> {
        let inputs: Vec<_> = inputs.iter().map(|i| at(i)).collect();
        let found = list(&inputs, Format::Auto).unwrap();
        found.files.into_iter().map(|f| f.name).collect()
    };
    assert_eq!(named(&["one/a/x.txt"]), ["x.txt"]);
    assert_eq!(named(&["one"]), ["a/x.txt", "a/y.txt"]);
    assert_eq!(
        named(&["one/a", "two/a/x.txt"]),
        ["one/a/x.txt", "one/a/y.txt", "two/a/x.txt"]
    );
    assert_eq!(named(&["one/a/x.txt", "two/a/y.txt"]), ["x.txt", "y.txt"]);
    // Told apart by nothing.
    assert_eq!(named(&["one/a/x.txt", "one/a/x.txt"]), ["x.txt", "x.txt"]);
    let relative = ["x.txt", "a/x.txt", "./b/y.txt"].map(Into::into);
    assert_eq!(names(&relative)[1..], ["a/x.txt", "b/y.txt"]);
}

#[test]
fn invalid_utf8_is_named_with_its_place() {
    let cases: [(&str, &[u8], bool, u64, u64); 4] = [
        (
            "c.jsonl",
            b"{\"text\":\"ok\"}\n{\"text\":\"\xC3\x28\"}\n",
            false,
            2,
            23,
        ),
        ("c.txt", b"one\ntwo \xFF\n", false, 2, 8),
        ("c.txt", b"\xEF\xBB\xBFone\ntwo \xFF\n", false, 2, 11),
        ("c.txt", b"one\n\ntwo \xFF\n", true, 3, 9),
    ];
    for (name, bytes, paragraphs, line, byte) in cases {
        let (_dir, path) = file(name, bytes);
        let options = ReadOptions {
            paragraphs,
            ..ReadOptions::default()
        };
        match all(&path, &options).unwrap_err() {
            CorpusError::InvalidUtf8 {
                path: p,
                line: l,
                byte: b,
            } => assert_eq!((p, l, b), (path.clone(), line, byte)),
            other => panic!("{other}"),
        }
        let options = ReadOptions {
            lossy: true,
            ..options
        };
        let documents = all(&path, &options).unwrap();
        assert!(documents.last().unwrap().text.contains('\u{FFFD}'));
    }
}

#[test]
fn bad_lines_are_named() {
    let cases = [
        ("{\"text\": \"a\"}\n[1]\n", "line 2: not a JSON object"),
        (
            "{\"text\": \"a\"}\n\n{\"text\": \"b\"\n",
            "line 3: not a JSON object",
        ),
        (
            "{\"body\": \"a\", \"n\": 1}\n",
            "no text in field \"text\" (fields here: body, n)",
        ),
        ("{\"text\": 5}\n", "it is no string"),
    ];
    for (text, want) in cases {
        let (_dir, path) = file("c.jsonl", text.as_bytes());
        let message = all(&path, &ReadOptions::default()).unwrap_err().to_string();
        assert!(message.contains(want), "{message}");
        assert!(message.contains("c.jsonl"), "{message}");
    }
    let missing = all(Path::new("no/such/file.jsonl"), &ReadOptions::default()).unwrap_err();
    assert!(matches!(missing, CorpusError::Absent { .. }), "{missing}");
}

#[test]
fn a_line_may_be_very_long() {
    let long = "word ".repeat(1 << 20);
    let line = serde_json::json!({ "text": long }).to_string();
    let (_dir, path) = file(
        "c.jsonl",
        format!("{line}\n{{\"text\":\"next\"}}\n").as_bytes(),
    );
    let documents = all(&path, &ReadOptions::default()).unwrap();
    assert_eq!(documents[0].text.len(), long.len());
    assert_eq!(
        (documents[1].line, documents[1].byte),
        (2, line.len() as u64 + 1)
    );
}

/// The texts that are left with `skip_bad`, how many were skipped, and what was wrong first.
fn skipping(path: &Path, options: &ReadOptions) -> (Vec<String>, u64, String) {
    let options = ReadOptions {
        skip_bad: true,
        ..options.clone()
    };
    let file = &list(&[path.to_path_buf()], Format::Auto).unwrap().files[0];
    let mut texts = Vec::new();
    let read = read(file, &options, &AtomicU64::new(0), &mut |d| {
        texts.push(d.text);
        Ok(())
    })
    .unwrap();
    // Whatever was skipped, the hash is that of the whole file.
    assert_eq!(read.bytes, fs::metadata(path).unwrap().len());
    let first = read.skipped.first.map_or(String::new(), |e| e.to_string());
    (texts, read.skipped.count, first)
}

#[test]
fn bad_lines_are_skipped_where_asked_and_cost_nothing_else() {
    let bad: [&[u8]; 8] = [
        br#"{"text": "\ud800"}"#,
        br#"{"text": "x", "n": NaN}"#,
        br#"{"text": null}"#,
        br#"{"other": "x"}"#,
        br#"{"text": 5}"#,
        b"{\"text\": \"\xff\xfe\"}",
        br#"{"text": "cut"#,
        br#"["text"]"#,
    ];
    for line in bad {
        let bytes = [
            &b"{\"text\": \"one\"}\n"[..],
            line,
            b"\n{\"text\": \"two\"}",
        ]
        .concat();
        let (_dir, path) = file("c.jsonl", &bytes);
        let refused = all(&path, &ReadOptions::default()).unwrap_err().to_string();
        assert!(
            refused.contains("line 2") && refused.contains("--skip-bad"),
            "{refused}"
        );
        let (texts, count, first) = skipping(&path, &ReadOptions::default());
        assert_eq!((texts, count), (vec!["one".to_string(), "two".into()], 1));
        assert!(first.contains("line 2"), "{first}");
    }
}

#[test]
fn what_comes_before_a_cut_in_a_compressed_file_is_kept() {
    let mut lines = String::new();
    for i in 0..20_000 {
        lines += &format!("{{\"text\": \"{i} {:x}\"}}\n", i * 7_919 % 10_007);
    }
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gz, lines.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    let zst = zstd::stream::encode_all(lines.as_bytes(), 1).unwrap();
    for (name, bytes) in [("c.jsonl.gz", gz), ("c.jsonl.zst", zst)] {
        let (_dir, path) = file(name, &bytes[..bytes.len() / 2]);
        let refused = all(&path, &ReadOptions::default()).unwrap_err().to_string();
        assert!(refused.contains("cut or damaged"), "{refused}");
        let (texts, count, _) = skipping(&path, &ReadOptions::default());
        assert!(
            (2_000..19_000).contains(&texts.len()),
            "{name}: {}",
            texts.len()
        );
        assert_eq!(count, 1);
        let (number, _) = texts.last().unwrap().split_once(' ').unwrap();
        assert_eq!(number.parse::<usize>().unwrap() + 1, texts.len());
    }
}

#[test]
fn a_bad_paragraph_or_file_is_skipped_alone() {
    let paragraphs = ReadOptions {
        paragraphs: true,
        ..ReadOptions::default()
    };
    let (_dir, path) = file("c.txt", b"one\n\ntwo\n\xff\ntwo\n\nthree\n");
    let (texts, count, first) = skipping(&path, &paragraphs);
    assert_eq!((texts, count), (vec!["one".to_string(), "three".into()], 1));
    assert!(first.contains("line 4"), "{first}");
    let (texts, count, _) = skipping(&path, &ReadOptions::default());
    assert_eq!((texts.len(), count), (0, 1));
}

#[test]
fn names_tell_what_is_in_a_file_unless_it_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let json = [
        "a.jsonl",
        "b.ndjson",
        "c.json",
        "d.JSON.gz",
        "e.jsonl.zst",
        "f.ndjson.zstd",
    ];
    let text = ["g.txt", "h.text", "i.md", "j.rst", "k.txt.gz"];
    let others = ["l", "m.csv", "n.csv.gz", "txt"];
    for name in json.iter().chain(&text).chain(&others) {
        fs::write(dir.path().join(name), name).unwrap();
    }
    let listed = |format| list(&[dir.path().to_path_buf()], format).unwrap();
    let found = listed(Format::Auto);
    let named: Vec<_> = found
        .files
        .iter()
        .map(|f| (f.name.as_str(), f.format))
        .collect();
    let known = json.map(|n| (n, Format::Jsonl)).into_iter();
    let known: Vec<_> = known.chain(text.map(|n| (n, Format::Text))).collect();
    assert_eq!(named, known);
    let skipped: Vec<_> = found
        .skipped
        .iter()
        .map(|p| p.file_name().unwrap())
        .collect();
    assert_eq!(skipped, others);
    for (file, name) in found.files.iter().zip(json.iter().chain(&text)) {
        let compression = match name.rsplit_once('.').unwrap().1 {
            "gz" => Compression::Gzip,
            "zst" | "zstd" => Compression::Zstd,
            _ => Compression::None,
        };
        assert_eq!(
            (file.compression, file.bytes),
            (compression, name.len() as u64)
        );
    }
    for format in [Format::Jsonl, Format::Text] {
        let all = listed(format);
        assert_eq!((all.files.len(), all.skipped.len()), (15, 0));
        assert!(all.files.iter().all(|f| f.format == format));
    }
    // A file that is given itself is read whatever its name.
    let given = list(&[dir.path().join("m.csv")], Format::Auto).unwrap();
    assert_eq!(
        (given.files[0].format, given.files[0].bytes),
        (Format::Text, 5)
    );
}

#[cfg(unix)]
#[test]
fn folders_that_are_left_out_and_what_is_no_file_are_not_walked() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for folder in ["in", "out", ".git", "elsewhere"] {
        fs::create_dir(at(folder)).unwrap();
        fs::write(at(folder).join("x.txt"), folder).unwrap();
    }
    let walked = at("in");
    for folder in ["out", ".git"] {
        fs::rename(at(folder), walked.join(folder)).unwrap();
    }
    std::os::unix::fs::symlink(at("elsewhere"), walked.join("link")).unwrap();
    std::os::unix::fs::symlink(at("elsewhere/x.txt"), walked.join("y.txt")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(walked.join("s.txt")).unwrap();
    let names = |leave: &dyn Fn(&Path) -> bool| -> Vec<String> {
        let found = list_but(std::slice::from_ref(&walked), Format::Auto, leave).unwrap();
        assert!(found.skipped.is_empty(), "{:?}", found.skipped);
        found.files.into_iter().map(|f| f.name).collect()
    };
    assert_eq!(names(&|_| false), ["out/x.txt", "x.txt", "y.txt"]);
    assert_eq!(names(&|f| f.ends_with("out")), ["x.txt", "y.txt"]);
}
