//! Files are fetched whole or not at all, from a server on this machine that does what servers do.
#![cfg(feature = "download")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

#[path = "it/folder.rs"]
mod folder;

use flate2::Compression;
use flate2::write::GzEncoder;
use folder::names;
use numgrad_train::dataset::{DataSource, LoadOptions};
use numgrad_train::fetch::{FASHION_MNIST, Fetched, MNIST, RemoteFile};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What a server does when it is asked for a file.
#[derive(Clone, Copy)]
enum Manner {
    /// It gives what is asked for, from any byte on.
    Ranges,
    /// It gives the whole file, whatever is asked for.
    Whole,
    /// It says how long the file is, and ends after so many bytes.
    Ends(usize),
    /// It has no such file.
    Lacks,
}

/// A server on this machine: its address, and the lines Range that it was asked with.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(content: Vec<u8>, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/files/", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), &content, manner, &log);
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(mut stream: TcpStream, content: &[u8], manner: Manner, log: &Mutex<Vec<String>>) {
    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let head: Vec<String> = lines
        .map(Result::unwrap)
        .take_while(|line| !line.is_empty())
        .collect();
    assert!(
        head[0].starts_with("GET /files/data.gz HTTP/1.1"),
        "{head:?}"
    );
    let range = head.iter().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("range").then(|| value.to_owned())
    });
    log.lock().unwrap().push(range.clone().unwrap_or_default());
    let start = range.map_or(0, |range| {
        let start = range.strip_prefix("bytes=").unwrap();
        start.trim_end_matches('-').parse::<usize>().unwrap()
    });
    let all = content.len();
    let (status, from, more) = match manner {
        Manner::Lacks => ("404 Not Found", all, String::new()),
        Manner::Ranges if start > 0 => {
            let range = format!("Content-Range: bytes {start}-{}/{all}\r\n", all - 1);
            ("206 Partial Content", start, range)
        }
        _ => ("200 OK", 0, String::new()),
    };
    let to = match manner {
        Manner::Ends(bytes) => bytes,
        _ => all,
    };
    let length = all - from;
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    // Who has heard enough hangs up.
    let _ = stream.write_all(&content[from..to]);
}

fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn content() -> Vec<u8> {
    (0..200_000_u64).map(|k| (k * k % 251) as u8).collect()
}

fn file<'a>(content: &[u8], sha256: &'a str) -> RemoteFile<'a> {
    RemoteFile {
        name: "data.gz",
        bytes: content.len() as u64,
        sha256,
    }
}

#[test]
fn a_file_is_fetched_checked_and_found_there_the_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let (content, mut seen) = (content(), Vec::new());
    let sha256 = digest(&content);
    let file = file(&content, &sha256);
    let server = Server::start(content.clone(), Manner::Ranges);
    let mut fetch = || file.fetch(&[&server.address], folder.path(), &mut |at| seen.push(at));
    assert_eq!(fetch().unwrap(), Fetched::Whole);
    assert_eq!(fetch().unwrap(), Fetched::WasThere);
    assert_eq!(fs::read(folder.path().join("data.gz")).unwrap(), content);
    assert_eq!(
        (server.asked().len(), names(folder.path())),
        (1, vec!["data.gz".to_owned()])
    );
    assert_eq!((seen.first(), seen.last()), (Some(&0), Some(&200_000)));
    // What stands in the place of the file is not overwritten.
    fs::write(folder.path().join("data.gz"), "mine").unwrap();
    let error = file
        .fetch(&[&server.address], folder.path(), &mut |_| {})
        .unwrap_err();
    assert!(error.to_string().contains("move it away"), "{error}");
    assert_eq!(fs::read(folder.path().join("data.gz")).unwrap(), b"mine");
}

#[test]
fn what_broke_off_is_gone_on_with_where_it_was() {
    let content = content();
    let sha256 = digest(&content);
    let file = file(&content, &sha256);
    for (manner, from) in [
        (Manner::Ranges, "bytes=70000-"),
        (Manner::Whole, "bytes=70000-"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let ends = Server::start(content.clone(), Manner::Ends(70_000));
        let error = file
            .fetch(&[&ends.address], folder.path(), &mut |_| {})
            .unwrap_err();
        assert_eq!(error.exit_code(), 69, "{error}");
        assert!(
            error.to_string().contains("broke off after 70000"),
            "{error}"
        );
        assert_eq!(names(folder.path()), ["data.gz.part"]);
        let server = Server::start(content.clone(), manner);
        let fetched = file.fetch(&[&server.address], folder.path(), &mut |_| {});
        assert_eq!(fetched.unwrap(), Fetched::From(70_000));
        assert_eq!(server.asked(), [from]);
        assert_eq!(fs::read(folder.path().join("data.gz")).unwrap(), content);
        assert_eq!(names(folder.path()), ["data.gz"]);
    }
    // Within one fetch too, at the next mirror.
    let folder = tempfile::tempdir().unwrap();
    let ends = Server::start(content.clone(), Manner::Ends(150_000));
    let server = Server::start(content.clone(), Manner::Ranges);
    let mirrors = [ends.address.as_str(), &server.address];
    file.fetch(&mirrors, folder.path(), &mut |_| {}).unwrap();
    assert_eq!(server.asked(), ["bytes=150000-"]);
    assert_eq!(fs::read(folder.path().join("data.gz")).unwrap(), content);
}

#[test]
fn what_is_another_file_is_not_kept_and_the_next_mirror_is_asked() {
    let content = content();
    let sha256 = digest(&content);
    let file = file(&content, &sha256);
    let mut changed = content.clone();
    changed[123_456] ^= 1;
    let longer = [&content[..], b"!"].concat();
    for other in [changed, longer] {
        let folder = tempfile::tempdir().unwrap();
        let wrong = Server::start(other, Manner::Ranges);
        let error = file
            .fetch(&[&wrong.address], folder.path(), &mut |_| {})
            .unwrap_err();
        assert_eq!(
            (error.exit_code(), names(folder.path()).len()),
            (65, 0),
            "{error}"
        );
        assert!(error.to_string().contains(&sha256), "{error}");
        let lacks = Server::start(Vec::new(), Manner::Lacks);
        let right = Server::start(content.clone(), Manner::Ranges);
        let mirrors = [wrong.address.as_str(), &lacks.address, &right.address];
        file.fetch(&mirrors, folder.path(), &mut |_| {}).unwrap();
        assert_eq!(fs::read(folder.path().join("data.gz")).unwrap(), content);
    }
    // A part that is no beginning of the file is found out at its end, and fetched anew.
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("data.gz.part"), vec![7; 1000]).unwrap();
    let right = Server::start(content.clone(), Manner::Ranges);
    file.fetch(&[&right.address], folder.path(), &mut |_| {})
        .unwrap();
    assert_eq!(right.asked(), ["bytes=1000-", ""]);
    assert_eq!(fs::read(folder.path().join("data.gz")).unwrap(), content);
}

#[test]
fn a_mirror_that_is_not_there_is_said_to_be_out_of_reach() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mirrors = [format!("http://{nobody}"), "no address".to_owned()];
    let mirrors: Vec<&str> = mirrors.iter().map(String::as_str).collect();
    let content = content();
    let error = file(&content, "")
        .fetch(&mirrors, folder.path(), &mut |_| {})
        .unwrap_err();
    assert_eq!(error.exit_code(), 69, "{error}");
    assert!(error.to_string().contains("cannot be reached"), "{error}");
    assert_eq!(names(folder.path()).len(), 0);
}

/// What is fetched is what `mnist:FOLDER` reads, by the names of the known datasets.
#[test]
fn the_files_of_the_known_datasets_are_read_as_mnist() {
    for dataset in [MNIST, FASHION_MNIST] {
        let folder = tempfile::tempdir().unwrap();
        assert!(dataset.mirrors.len() >= 2);
        for file in dataset.files {
            assert_eq!((file.sha256.len(), file.bytes > 4000), (64, true));
            let mut idx = vec![0, 0, 8, 1, 0, 0, 0, 4];
            if file.name.contains("images") {
                idx = vec![0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1];
            }
            idx.extend([0, 1, 0, 1]);
            let target = fs::File::create(folder.path().join(file.name)).unwrap();
            let mut packer = GzEncoder::new(target, Compression::fast());
            packer.write_all(&idx).unwrap();
            packer.finish().unwrap();
        }
        let source: DataSource = format!("mnist:{}", folder.path().display())
            .parse()
            .unwrap();
        let loaded = source.load(&LoadOptions::default()).unwrap();
        assert_eq!(
            (loaded.train.samples(), loaded.test.unwrap().samples()),
            (4, 4)
        );
    }
}
