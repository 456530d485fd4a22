//! A folder of PNG images, from a training to its predictions, and images that are none.
use crate::command::{numgrad, succeeds};
use crate::describe::{column, described};
use std::fs;
use std::path::Path;

/// The checksum of a chunk: CRC-32 as PNG's specification has it (annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    })
}

fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let named = [&name[..], content].concat();
    let length = (content.len() as u32).to_be_bytes();
    [&length[..], &named, &crc(&named).to_be_bytes()].concat()
}

/// A PNG image with this header, and rows that are stored and not packed (RFC 1950, RFC 1951).
fn png(width: u32, height: u32, (depth, color): (u8, u8), rows: &[Vec<u8>]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes()].concat();
    let header = [&header[..], &[depth, color, 0, 0, 0]].concat();
    let raw: Vec<u8> = rows
        .iter()
        .flat_map(|row| [&[0], &row[..]].concat())
        .collect();
    let (mut a, mut b) = (1_u32, 0_u32);
    for &byte in &raw {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    let length = raw.len() as u16;
    let lengths = [length.to_le_bytes(), (!length).to_le_bytes()].concat();
    let packed = [
        &[0x78, 1, 1][..],
        &lengths,
        &raw,
        &((b << 16) | a).to_be_bytes(),
    ]
    .concat();
    let start = b"\x89PNG\r\n\x1a\n";
    [
        &start[..],
        &chunk(*b"IHDR", &header),
        &chunk(*b"IDAT", &packed),
        &chunk(*b"IEND", &[]),
    ]
    .concat()
}

fn grey(width: usize, rows: &[Vec<u8>]) -> Vec<u8> {
    png(width as u32, rows.len() as u32, (8, 0), rows)
}

/// Twelve images of bars that lie and twelve of bars that stand, 5 wide and 4 high.
fn bars(folder: &Path) {
    for (class, lies) in [("lying", true), ("standing", false)] {
        fs::create_dir_all(folder.join(class)).unwrap();
        for k in 0..12_usize {
            let bar = k % 4;
            let level = |y: usize, x: usize| if lies { y == bar } else { x == bar };
            let light = 255 - 5 * k as u8;
            let row = |y: usize| (0..5).map(|x| light * u8::from(level(y, x))).collect();
            let rows: Vec<Vec<u8>> = (0..4).map(row).collect();
            let name = folder.join(class).join(format!("{k:02}.png"));
            fs::write(name, grey(5, &rows)).unwrap();
        }
    }
}

#[test]
fn a_folder_of_images_is_trained_on_evaluated_predicted_and_described() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    bars(&path.join("bars"));
    fs::write(path.join("bars/.hidden"), "left out").unwrap();
    succeeds(
        path,
        "train --data bars --batch-size 6 --epochs 60 --run run --quiet",
    );
    let whole = succeeds(path, "evaluate run --data bars --json")
        .json()
        .remove(0);
    assert_eq!(
        (&whole["samples"], &whole["accuracy"]),
        (&24.into(), &1.0.into())
    );
    // Other images, without classes: their names are said with what they are taken for.
    fs::create_dir(path.join("new")).unwrap();
    for (class, name) in [("standing", "a.png"), ("lying", "b.PNG")] {
        let image = path.join("bars").join(class).join("01.png");
        fs::copy(image, path.join("new").join(name)).unwrap();
    }
    let said = succeeds(path, "predict run --data new").stdout;
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines[0],
        "file,prediction,probability lying,probability standing"
    );
    assert!(lines[1].starts_with("a.png,standing,"), "{said}");
    assert!(lines[2].starts_with("b.PNG,lying,"), "{said}");
    let said = succeeds(path, "predict run --data bars --json").json();
    assert_eq!(
        (said.len(), &said[23]["file"]),
        (24, &"standing/11.png".into())
    );
    // One of the classes alone keeps its number.
    fs::remove_dir_all(path.join("bars/lying")).unwrap();
    let one = succeeds(path, "evaluate run --data bars --json")
        .json()
        .remove(0);
    assert_eq!(
        (&one["samples"], &one["accuracy"]),
        (&12.into(), &1.0.into())
    );
    bars(&path.join("bars"));
    let part = described(path, "bars").remove(0);
    assert_eq!(
        (&part["rows"], &part["shape"]),
        (&24.into(), &serde_json::json!([4, 5]))
    );
    let counted = serde_json::json!({"value": "standing", "count": 12});
    assert_eq!(column(&part, "class")["values"][1], counted);
    assert_eq!(column(&part, "pixels")["greatest"], 1.0);
    assert_eq!(described(path, "new")[0]["rows"], 2);
    // A run goes on with its own data, whose folder it knows by name.
    succeeds(path, "train --resume run --epochs 61 --quiet");
}

#[test]
fn images_in_colours_and_of_a_palette_have_three_values_a_pixel() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let rows: Vec<Vec<u8>> = (0..3)
        .map(|y| (0..9).map(|x| 20 * x + y).collect())
        .collect();
    let colours = png(3, 3, (8, 2), &rows);
    // Two bits a pixel, and the colours that their numbers stand for behind the header.
    let mut palette = png(3, 3, (2, 3), &vec![vec![0b00_01_10_00]; 3]);
    palette.splice(33..33, chunk(*b"PLTE", &[255, 0, 0, 0, 255, 0, 0, 0, 51]));
    for (class, image) in [("a", colours), ("b", palette)] {
        fs::create_dir_all(path.join("colours").join(class)).unwrap();
        fs::write(path.join("colours").join(class).join("1.png"), image).unwrap();
    }
    let part = described(path, "colours").remove(0);
    assert_eq!(part["shape"], serde_json::json!([3, 3, 3]));
    let pixels = column(&part, "pixels");
    assert_eq!(
        (&pixels["columns"], &pixels["greatest"]),
        (&27.into(), &1.0.into())
    );
    let sum: u32 = rows.iter().flatten().map(|&level| u32::from(level)).sum();
    let mean = f64::from(sum + 3 * (255 + 255 + 51)) / 255.0 / 54.0;
    assert!(
        (pixels["mean"].as_f64().unwrap() - mean).abs() < 1e-12,
        "{mean} {pixels}"
    );
}

fn refused(folder: &Path, words: &str, says: &[&str]) {
    let ran = numgrad(folder, words);
    assert_eq!(ran.status, 65, "{words}: {}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{words}: {}", ran.stderr);
    for part in says {
        assert!(ran.stderr.contains(part), "{part} in {}", ran.stderr);
    }
}

#[test]
fn a_file_that_is_no_such_image_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let rows = [vec![0; 5], vec![9; 5], vec![0; 5], vec![0; 5]];
    let whole = grey(5, &rows);
    let huge = png(60_000, 60_000, (8, 0), &rows);
    let endless = png(u32::MAX - 1, u32::MAX - 1, (8, 0), &rows);
    let wide = png(8_000, 2_000, (8, 0), &rows);
    let deep = png(5, 1, (16, 0), &[vec![0; 10]]);
    let clear = png(5, 1, (8, 4), &[vec![0; 10]]);
    let mut damaged = whole.clone();
    damaged[50] ^= 1;
    for (name, content, says) in [
        (
            "other.png",
            grey(4, &[vec![1; 4]]),
            "bring all images to one size",
        ),
        (
            "colour.png",
            png(5, 4, (8, 2), &vec![vec![0; 15]; 4]),
            "5 × 4 in colours",
        ),
        ("huge.png", huge, "60000 × 60000 pixels"),
        ("endless.png", endless, "4294967294 pixels"),
        ("wide.png", wide, "8000 × 2000 pixels"),
        ("cut.png", whole[..60].to_vec(), "ends too early"),
        ("stub.png", whole[..20].to_vec(), "ends too early"),
        ("damaged.png", damaged, "damaged"),
        (
            "text.png",
            b"no image at all, but text".to_vec(),
            "is no PNG image",
        ),
        ("deep.png", deep, "16 bits"),
        ("clear.png", clear, "transparent"),
        ("photo.jpg", b"\xff\xd8".to_vec(), "convert it"),
    ] {
        let data = path.join(name.replace('.', "-"));
        bars(&data);
        fs::write(data.join("standing").join(name), content).unwrap();
        let words = format!("train --data {} --run none", data.display());
        refused(path, &words, &[name, says]);
    }
    fs::create_dir(path.join("empty")).unwrap();
    refused(
        path,
        "train --data empty",
        &["empty", "into a folder with the name of the class"],
    );
    fs::create_dir(path.join("empty/one")).unwrap();
    refused(path, "train --data empty", &["one", "holds no PNG image"]);
    bars(&path.join("mixed"));
    fs::copy(path.join("mixed/lying/00.png"), path.join("mixed/x.png")).unwrap();
    refused(path, "train --data mixed", &["'x.png' beside the folders"]);
    let words = "train --data png:nowhere --run none";
    assert_eq!(numgrad(path, words).status, 66);
    bars(&path.join("bars"));
    refused(
        path,
        "train --data bars --max-data-bytes 200",
        &["--max-data-bytes"],
    );
    succeeds(path, "train --data bars --epochs 1 --run run --quiet");
    fs::rename(path.join("bars/lying"), path.join("bars/leaning")).unwrap();
    refused(
        path,
        "evaluate run --data bars",
        &["'leaning' is none of the classes", "lying, standing"],
    );
}
