use image::{
    ImageEncoder,
    codecs::{gif::GifEncoder, png::PngEncoder},
};

use super::*;

fn picture(width: u32, height: u32) -> DynamicImage {
    let pixel = |x: u32, y: u32| {
        image::Rgb([
            u8::try_from(x % 256).unwrap(),
            u8::try_from(y % 256).unwrap(),
            if x < width / 2 { 255 } else { 0 },
        ])
    };
    image::RgbImage::from_fn(width, height, pixel).into()
}

fn png(image: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .unwrap();
    bytes
}

/// A JPEG whose EXIF block says that it lies on its side and where it was taken.
fn sideways_jpeg() -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend_from_slice(&[0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]); // Orientation = 6: turn right
    tiff.extend_from_slice(&[0x0e, 0x01, 2, 0, 12, 0, 0, 0, 38, 0, 0, 0]); // ImageDescription
    tiff.extend_from_slice(&[0, 0, 0, 0]);
    tiff.extend_from_slice(b"secret place");
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    encoder.set_exif_metadata(tiff).unwrap();
    encoder.encode_image(&picture(400, 200)).unwrap();
    bytes
}

fn code(bytes: Vec<u8>) -> Code {
    sniff(&bytes)
        .and_then(|format| work(&bytes, format, false))
        .unwrap_err()
        .code
}

fn encoded(bytes: &[u8]) -> Encoded {
    work(bytes, sniff(bytes).unwrap(), true).unwrap()
}

#[test]
fn an_image_is_never_made_larger() {
    assert_eq!(widths(200), [200]);
    assert_eq!(widths(320), [320]);
    assert_eq!(widths(1000), [320, 640, 1000]);
    assert_eq!(widths(1920), [320, 640, 1280, 1920]);
    assert_eq!(widths(5000), [320, 640, 1280, 1920]);
}

#[test]
fn variants_are_webp_and_the_preview_is_jpeg() {
    let image = encoded(&png(&picture(700, 350)));
    let names: Vec<_> = image
        .files
        .iter()
        .map(|file| (file.name.as_str(), file.width, file.height))
        .collect();
    assert_eq!(
        names,
        [
            ("w320.webp", 320, 160),
            ("w640.webp", 640, 320),
            ("w700.webp", 700, 350),
            (SHARE_NAME, 700, 350)
        ]
    );
    assert_eq!((image.width, image.height), (700, 350));
    for file in &image.files {
        let made = image::guess_format(&file.blob.bytes).unwrap();
        assert_eq!(made.to_mime_type(), file.blob.content_type);
        let read = image::load_from_memory(&file.blob.bytes).unwrap();
        assert_eq!((read.width(), read.height()), (file.width, file.height));
    }
    assert!((15..=40).contains(&STANDARD.decode(&image.thumbhash).unwrap().len()));
}

#[test]
fn a_photo_is_turned_upright_and_forgets_where_it_was_taken() {
    let photo = sideways_jpeg();
    assert!(photo.windows(12).any(|part| part == b"secret place"));
    let image = encoded(&photo);
    assert_eq!((image.width, image.height), (200, 400));
    for file in &image.files {
        assert!(
            !file
                .blob
                .bytes
                .windows(12)
                .any(|part| part == b"secret place"),
            "{}",
            file.name
        );
        assert!(
            !file.blob.bytes.windows(4).any(|part| part == b"Exif"),
            "{}",
            file.name
        );
    }
}

#[test]
fn the_first_frame_of_a_gif_is_taken() {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    encoder
        .encode(
            &[255, 0, 0].repeat(16),
            4,
            4,
            image::ExtendedColorType::Rgb8,
        )
        .unwrap();
    drop(encoder);
    assert_eq!((encoded(&bytes).width, encoded(&bytes).height), (4, 4));
}

#[test]
fn transparent_images_get_a_white_ground_in_the_preview() {
    let glass: DynamicImage = RgbaImage::from_pixel(50, 50, Rgba([0, 0, 0, 0])).into();
    let image = encoded(&png(&glass));
    let share = image::load_from_memory(&image.files.last().unwrap().blob.bytes)
        .unwrap()
        .into_rgb8();
    assert!(
        share
            .get_pixel(25, 25)
            .0
            .iter()
            .all(|channel| *channel > 250)
    );
}

#[test]
fn other_files_are_refused_whatever_they_are_called() {
    for other in [
        &b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..],
        b"<!doctype html>",
        b"%PDF-1.7",
        b"BM\0\0\0\0\0\0\0\0",
        b"GIF",
        b"x",
    ] {
        assert_eq!(code(other.to_vec()), Code::UnsupportedMedia, "{other:?}");
    }
    assert_eq!(code(Vec::new()), Code::Invalid);
    assert_eq!(code(vec![0xff; MAX_BYTES + 1]), Code::PayloadTooLarge);
}

#[test]
fn broken_images_are_refused() {
    let mut half = png(&picture(300, 300));
    half.truncate(half.len() / 2);
    assert_eq!(code(half), Code::Invalid);
    assert_eq!(code(b"\x89PNG\r\n\x1a\n0000".to_vec()), Code::Invalid);
    assert_eq!(code(b"\xff\xd8\xff\xe0nothing".to_vec()), Code::Invalid);
}

#[test]
fn pixels_are_counted_before_they_are_unpacked() {
    // A few kilobytes that would unpack to 100 megapixels.
    let bytes = {
        let mut bytes = Vec::new();
        let row = vec![0u8; 10_000 * 10_000];
        PngEncoder::new(&mut bytes)
            .write_image(&row, 10_000, 10_000, image::ExtendedColorType::L8)
            .unwrap();
        bytes
    };
    assert!(bytes.len() < 1_000_000);
    let started = std::time::Instant::now();
    assert_eq!(code(bytes), Code::Invalid);
    assert!(started.elapsed().as_secs() < 2);
}
