//! The project's own files, for tests that read what was written.

use std::path::{Path, PathBuf};

/// All files of a folder of the project, and of the folders in it, whose names end so.
pub fn below(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), extension, &mut files);
    files.sort();
    assert!(!files.is_empty(), "nothing in {folder}");
    files
}

fn walk(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, extension, files);
        } else if path.extension().is_some_and(|each| each == extension) {
            files.push(path);
        }
    }
}
