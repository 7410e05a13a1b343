//! Files for the other tests, byte by byte.

use bl_core::io::InputSchema;
use bl_tasks::{DataDir, Error, Request, Source, Split, Task, What};
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use image::{GrayImage, ImageFormat, Luma};

/// An IDX file of unsigned bytes.
pub(crate) fn idx(shape: &[u32], values: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, shape.len() as u8];
    for size in shape {
        file.extend(size.to_be_bytes());
    }
    file.extend(values);
    file
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An NPY file of version 1, padded as numpy does it.
pub(crate) fn npy(descr: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}");
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(values);
    file
}

pub(crate) fn floats(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Distinct pixels, a function of `seed`.
pub(crate) fn pixels(count: usize, seed: usize) -> Vec<u8> {
    (0..count).map(|i| ((i + 1) * (seed + 7) % 251) as u8).collect()
}

pub(crate) fn write(path: impl AsRef<Path>, bytes: &[u8]) {
    std::fs::create_dir_all(path.as_ref().parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// The four usual files, `train` and `test` pictures of `side` x `side`, labels 0, 1, ... 9, 0, ...
pub(crate) fn write_idx_set(folder: &Path, side: u32, train: u32, test: u32) {
    for (half, count) in [("train", train), ("t10k", test)] {
        let images = pixels((count * side * side) as usize, half.len());
        let labels: Vec<u8> = (0..count).map(|i| (i % 10) as u8).collect();
        write(folder.join(format!("{half}-images-idx3-ubyte")), &idx(&[count, side, side], &images));
        write(folder.join(format!("{half}-labels-idx1-ubyte")), &idx(&[count], &labels));
    }
}

pub(crate) fn grey(width: u32, height: u32, pixel: impl Fn(u32, u32) -> u8) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| Luma([pixel(x, y)]))
}

pub(crate) fn encoded(picture: &GrayImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A plain PNG of one shade.
pub(crate) fn png(width: u32, height: u32, shade: u8) -> Vec<u8> {
    encoded(&grey(width, height, |_, _| shade), ImageFormat::Png)
}

/// A task of images, opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) name: String,
    pub(crate) source: Source,
    pub(crate) notice: Option<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) input: InputSchema,
    pub(crate) train: Split,
    pub(crate) test: Split,
}

pub(crate) fn open_task(name: &str, data: &DataDir) -> Result<Opened, Error> {
    let Task { name, source, notice, what, .. } = Task::open(name, &Request::of(data.clone()))?;
    let What::Images(images) = what else { panic!("no images") };
    let (labels, input, train, test) = (images.labels, images.input, images.train, images.test);
    Ok(Opened { name, source, notice, labels, input, train, test })
}
