//! Small square images: grey levels, or a sign in two colours, inside the page as PNG.
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The ends of the diverging scale: blue is negative, orange positive, white 0. Okabe and Ito's, as
/// in the charts, told apart by people who see few colours.
const NEGATIVE: [f64; 3] = [0.0, 114.0, 178.0];
const POSITIVE: [f64; 3] = [213.0, 94.0, 0.0];

/// A square image.
#[derive(Debug)]
pub(crate) struct Image {
    side: u32,
    color: png::ColorType,
    bytes: Vec<u8>,
}

impl Image {
    /// Levels from 0, black, to 1, white, row by row.
    pub(crate) fn grey(side: u32, levels: &[f64]) -> Self {
        let byte = |&level: &f64| (255.0 * level.clamp(0.0, 1.0)).round() as u8;
        Self {
            side,
            color: png::ColorType::Grayscale,
            bytes: levels.iter().map(byte).collect(),
        }
    }

    /// Numbers from −1, blue, over 0, white, to 1, orange, row by row.
    pub(crate) fn signed(side: u32, numbers: &[f64]) -> Self {
        let pixel = |&number: &f64| {
            let end = if number < 0.0 { NEGATIVE } else { POSITIVE };
            let part = number.abs().min(1.0);
            end.map(|channel| (255.0 + part * (channel - 255.0)).round() as u8)
        };
        Self {
            side,
            color: png::ColorType::Rgb,
            bytes: numbers.iter().flat_map(pixel).collect(),
        }
    }

    /// The image as an address that holds it.
    pub(super) fn data_uri(&self) -> String {
        let png = self.png().unwrap_or_default();
        format!("data:image/png;base64,{}", BASE64_STANDARD.encode(png))
    }

    fn png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.side, self.side);
        encoder.set_color(self.color);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.bytes)?;
        writer.finish()?;
        Ok(file)
    }
}
