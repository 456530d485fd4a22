//! A PNG image of 8 bits, grey or in colours. What its header claims takes no memory that its bytes do
//! not earn.
use super::DataError;
use png::{BitDepth, ColorType, Decoder, DecodingError, Transformations};
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

/// The most values of an image: more than any network has inputs for.
const MOST_VALUES: u64 = 1 << 26;

/// Deflate packs at most 1,032 bytes into one (zlib's technical notes, "Maximum Compression Factor").
const MOST_PACKED: u64 = 1032;

/// Bytes of a file beside its pixels, on which that is no bound.
const FRAME: u64 = 64;

/// Height, width and channels of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) height: usize,
    pub(super) width: usize,
    /// 1 of grey, 3 of red, green and blue.
    pub(super) channels: usize,
}

impl Extent {
    /// How many values such an image has.
    pub(super) fn values(self) -> usize {
        let pixels = self.height.saturating_mul(self.width);
        pixels.saturating_mul(self.channels)
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colours = if self.channels == 1 {
            "grey"
        } else {
            "in colours"
        };
        write!(f, "{} × {} {colours}", self.width, self.height)
    }
}

/// Appends an image's bytes, row by row, if it has this extent, and `most` bytes at most.
///
/// # Errors
/// If it is another one's, of another kind, damaged, or no PNG image.
pub(super) fn read(
    path: &Path,
    expected: Option<(Extent, &str)>,
    most: u64,
    pixels: &mut Vec<u8>,
) -> Result<Extent, DataError> {
    let wrong = |message: String| DataError::in_file(path, message);
    let failed = |source| DataError::reading(path, source);
    let damaged = |error: DecodingError| match error {
        DecodingError::IoError(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
            failed(source)
        }
        DecodingError::IoError(_) => wrong("ends too early: fetch the image again".to_owned()),
        error => wrong(format!("is no PNG image, or a damaged one: {error}")),
    };
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut decoder = Decoder::new(BufReader::new(file));
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    // A palette becomes colours, and less than 8 bits become 8.
    decoder.set_transformations(Transformations::EXPAND);
    let header = decoder.read_header_info().map_err(damaged)?;
    let (width, height) = header.size();
    let bits = header.color_type.samples() as u64 * header.bit_depth as u64;
    let row = (u64::from(width) * bits).div_ceil(8) + 1;
    let packed = row.saturating_mul(height.into());
    let values = u64::from(width).saturating_mul(3 * u64::from(height));
    if values > MOST_VALUES || packed > (length + FRAME).saturating_mul(MOST_PACKED) {
        return Err(wrong(format!(
            "claims {width} × {height} pixels in {length} bytes: that is no image to learn from"
        )));
    }
    let mut reader = decoder.read_info().map_err(damaged)?;
    if reader.info().animation_control.is_some() {
        return Err(wrong(
            "is an animation: save one of its images by itself".to_owned(),
        ));
    }
    let channels = match reader.output_color_type() {
        (ColorType::Grayscale, BitDepth::Eight) => 1,
        (ColorType::Rgb, BitDepth::Eight) => 3,
        (_, BitDepth::Sixteen) => {
            return Err(wrong(
                "has 16 bits a value, where 8 are read: save it with 8".to_owned(),
            ));
        }
        _ => {
            return Err(wrong(
                "has transparent pixels, which have no level: save it on a background".to_owned(),
            ));
        }
    };
    let extent = Extent {
        height: height as usize,
        width: width as usize,
        channels,
    };
    if let Some((expected, of)) = expected
        && extent != expected
    {
        return Err(wrong(format!(
            "is {extent}, but {of} {expected}: bring all images to one size and kind"
        )));
    }
    if extent.values() as u64 > most {
        return Err(wrong(format!(
            "is {extent}, and with the other images past the limit: raise it with --max-data-bytes"
        )));
    }
    let start = pixels.len();
    pixels.resize(start + extent.values(), 0);
    reader.next_frame(&mut pixels[start..]).map_err(damaged)?;
    reader.finish().map_err(damaged)?;
    Ok(extent)
}
