//! Uploaded logos come from strangers: what is kept is drawn anew from their pixels, small, without anything else that was
//! in the file. Bounds are checked before a pixel is decoded, and one logo is decoded at a time, on a thread of its own.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, imageops::FilterType,
    metadata::Orientation,
};
use tokio::sync::Semaphore;

use crate::error::Result;

/// The largest file that is taken.
pub const MOST_BYTES: usize = 2 * 1024 * 1024;
/// The longest edge of what is uploaded, and of what is kept, in pixels.
const MOST_EDGE: u32 = 4_000;
const EDGE: u32 = 256;
/// What decoding may take.
const MOST_MEMORY: u64 = 96 * 1024 * 1024;

static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// A logo as it is kept: a PNG of at most 256 pixels an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo(pub Vec<u8>);

/// Draws a logo anew; the key of the sentence that says why where that cannot be done.
pub async fn read(file: Vec<u8>) -> Result<Result<Logo, &'static str>> {
    let _permit = ONE_AT_A_TIME.acquire().await.map_err(anyhow::Error::new)?;
    Ok(tokio::task::spawn_blocking(move || drawn_anew(&file)).await.map_err(anyhow::Error::new)?)
}

fn drawn_anew(file: &[u8]) -> Result<Logo, &'static str> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| "fault-logo-kind")?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) {
        return Err("fault-logo-kind");
    }
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MOST_EDGE);
    limits.max_image_height = Some(MOST_EDGE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let image = decode(reader).map_err(|error| match error {
        ImageError::Limits(_) => "fault-logo-large",
        _ => "fault-logo-broken",
    })?;
    let is_small = image.width() <= EDGE && image.height() <= EDGE;
    let image = if is_small { image } else { image.resize(EDGE, EDGE, FilterType::Lanczos3) };
    let mut png = Vec::new();
    let written = DynamicImage::ImageRgba8(image.to_rgba8()).write_to(&mut Cursor::new(&mut png), ImageFormat::Png);
    written.map_err(|_| "fault-logo-broken")?;
    Ok(Logo(png))
}

fn decode(reader: ImageReader<Cursor<&[u8]>>) -> image::ImageResult<DynamicImage> {
    let mut decoder = reader.into_decoder()?;
    if decoder.total_bytes() > MOST_MEMORY {
        return Err(ImageError::Limits(image::error::LimitError::from_kind(
            image::error::LimitErrorKind::InsufficientMemory,
        )));
    }
    // As a phone held it.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut file = Vec::new();
        DynamicImage::new_rgb8(width, height).write_to(&mut Cursor::new(&mut file), format).unwrap();
        file
    }

    #[test]
    fn a_logo_is_drawn_anew_and_small() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let Logo(png) = drawn_anew(&file(600, 300, format)).unwrap();
            let image = image::load_from_memory_with_format(&png, ImageFormat::Png).unwrap();
            assert_eq!((image.width(), image.height()), (256, 128), "{format:?}");
        }
        let Logo(png) = drawn_anew(&file(20, 30, ImageFormat::Png)).unwrap();
        assert_eq!(image::load_from_memory(&png).unwrap().height(), 30, "not made larger");
    }

    #[test]
    fn what_is_no_logo_is_refused_before_it_is_decoded() {
        assert_eq!(drawn_anew(b"<svg onload=alert(1)>"), Err("fault-logo-kind"));
        assert_eq!(drawn_anew(b"GIF89a\x01\x00\x01\x00"), Err("fault-logo-kind"));
        assert_eq!(drawn_anew(&file(4_001, 1, ImageFormat::Png)), Err("fault-logo-large"));
        let whole = file(40, 40, ImageFormat::Png);
        assert_eq!(drawn_anew(&whole[..whole.len() / 2]), Err("fault-logo-broken"));
        // A file of a few bytes that says it has 60,000 × 60,000 pixels.
        let mut bomb = whole;
        bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        assert!(drawn_anew(&bomb).is_err());
    }
}
