//! The pages in a real browser: Chromium without a window. Where there is none this says so, and
//! passes.
use crate::command::{drawing, workspace};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Added to a copy of a page: says of every picture whether it is there, and whether the page is
/// wider than its window.
const INSPECTION: &str = "<script>addEventListener('load', () => {
  const bad = [];
  for (const picture of document.querySelectorAll('svg, img')) {
    const box = picture.getBoundingClientRect();
    const empty = picture.tagName === 'IMG' ? !picture.naturalWidth : !picture.children.length;
    if (empty || box.width < 5 || box.height < 5) bad.push(picture.outerHTML.slice(0, 80));
  }
  for (const picture of document.querySelectorAll('figure > svg text')) {
    const box = picture.getBoundingClientRect();
    const frame = picture.closest('svg').getBoundingClientRect();
    if (box.left < frame.left - 1 || box.right > frame.right + 1) bad.push(picture.textContent);
  }
  const wide = document.documentElement.scrollWidth > innerWidth;
  document.title = bad.length || wide ? `bad: ${wide} ${bad}` : 'every picture is there';
})</script>";

#[expect(clippy::print_stderr, reason = "what is skipped is said")]
fn chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let folders = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&folders)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|path| path.is_file());
    if found.is_none() {
        eprintln!("skipped: there is no Chromium");
    }
    found
}

/// What the browser makes of a page: its document, and what it complains of. Its log of requests
/// is left in `net.json`.
fn opened(chromium: &Path, folder: &Path, page: &str, size: &str) -> (String, String) {
    let output = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
        ])
        .args([
            "--disable-dev-shm-usage",
            "--enable-logging=stderr",
            "--dump-dom",
        ])
        .arg(format!("--window-size={size}"))
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .arg(format!(
            "--log-net-log={}",
            folder.join("net.json").display()
        ))
        .arg(format!("file://{}", folder.join(page).display()))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_browser_shows_every_picture_complains_of_nothing_and_asks_for_nothing() {
    let Some(chromium) = chromium() else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = workspace().join("datasets/diabetes.csv");
    for words in [
        "train --layers 64,16,10 --epochs 3 --audit 16 --quiet --run a".to_owned(),
        format!("train --data {} --epochs 4 --quiet --run b", data.display()),
        "compare a b --page c.html".to_owned(),
    ] {
        drawing(folder.path(), &words.split_whitespace().collect::<Vec<_>>());
    }
    let complains = |(document, complaints): &(String, String)| {
        assert!(document.contains("<h1>"), "{complaints}");
        assert!(!complaints.contains("CONSOLE"), "{complaints}");
        let requests = fs::read_to_string(folder.path().join("net.json")).unwrap();
        let schemes = ["http://", "https://", "ws://", "wss://"];
        let is_outside = |word: &&str| schemes.iter().any(|scheme| word.starts_with(scheme));
        let outside = requests.split('"').filter(is_outside);
        // The browser's own errands, such as its dictionaries, are no page's.
        let own = ["google", "gvt1.com"];
        let outside = outside.filter(|word| !own.iter().any(|host| word.contains(host)));
        let outside: Vec<&str> = outside.collect();
        assert!(outside.is_empty(), "{outside:?}");
    };
    complains(&opened(
        &chromium,
        folder.path(),
        "a/report.html",
        "1200,900",
    ));
    for page in ["a/report.html", "b/report.html", "c.html"] {
        // The page forbids scripts and requests; the copy that is inspected allows them.
        let html = fs::read_to_string(folder.path().join(page)).unwrap();
        let policy = html
            .lines()
            .find(|line| line.contains("Content-Security-Policy"));
        let copy = html.replace(policy.unwrap(), INSPECTION);
        fs::write(folder.path().join("copy.html"), copy).unwrap();
        let seen = opened(&chromium, folder.path(), "copy.html", "500,900");
        complains(&seen);
        let title = seen.0.split_once("<title>").unwrap().1;
        let title = title.split_once("</title>").unwrap().0;
        assert_eq!(title, "every picture is there", "{page}");
    }
}
