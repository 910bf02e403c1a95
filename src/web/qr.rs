//! QR codes, each as one SVG path: small, sharp on paper, and allowed by a strict content security policy.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// The quiet zone around a code, in modules (ISO/IEC 18004 asks for four).
const QUIET: usize = 4;

/// A code as a page shows it.
#[derive(Clone, Debug, Default)]
pub struct Qr {
    /// Width and height in modules, the quiet zone included.
    pub size: usize,
    pub path: String,
}

/// The code of a text; an empty one for a text that is too long, which no address of ours is.
#[must_use]
pub fn code(text: &str) -> Qr {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return Qr::default() };
    let width = code.width();
    let modules = code.to_colors();
    let mut path = String::new();
    for (y, row) in modules.chunks(width.max(1)).enumerate() {
        let mut x = 0;
        while x < row.len() {
            let run = row.iter().skip(x).take_while(|color| **color == Color::Dark).count();
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    Qr { size: width + 2 * QUIET, path }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_code_has_its_finder_patterns() {
        let code = super::code("http://127.0.0.1:8080/schools/79000701/sign-in?login=khaintm");
        assert!(code.size > 30);
        assert!(code.path.starts_with("M4 4h7v1h-7z"));
    }
}
