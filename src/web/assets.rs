//! Style sheets, scripts, icons and fonts: embedded in the program, compressed once, cached indefinitely under an
//! address that changes with their content.

use std::{borrow::Cow, collections::HashMap, io::Write as _, sync::LazyLock};

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

mod scheme;

#[derive(RustEmbed)]
#[folder = "static"]
#[exclude = "*.md"]
#[exclude = "*.sh"]
#[exclude = "*.mjs"]
struct Static;

struct Asset {
    content_type: String,
    plain: Cow<'static, [u8]>,
    /// Only what gets smaller by it: fonts are compressed already.
    brotli: Option<Vec<u8>>,
}

static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let files = Static::iter().filter_map(|name| Some((name.to_string(), Asset::new(&name, Static::get(&name)?.data))));
    files
        .chain(DARK_BY_SYSTEM.iter().filter_map(|(name, of)| Some(((*name).to_owned(), dark_by_system(name, of)?))))
        .chain(together(SCRIPTS).map(|asset| (SCRIPTS.to_owned(), asset)))
        .collect()
});

/// All scripts of a page in one file: a first visit waits for each request.
pub const SCRIPTS: &str = "js/all.js";

/// In the order in which they run.
const SCRIPT_PARTS: [&str; 4] = ["vendor/htmx-4.0.1/htmx.min.js", "js/schoolgate.js", "js/find.js", "js/stay.js"];

fn together(name: &str) -> Option<Asset> {
    let mut script = Vec::new();
    for part in SCRIPT_PARTS {
        script.extend_from_slice(&Static::get(part)?.data);
        // A file may end within a statement.
        script.extend_from_slice(b"\n;\n");
    }
    Some(Asset::new(name, Cow::Owned(script)))
}

/// Style sheets that are made of others: what those say for the dark scheme, for visitors who have chosen none and
/// whose system is dark.
const DARK_BY_SYSTEM: [(&str, &str); 2] = [
    ("css/tabler-dark.css", "vendor/tabler-core-1.6.1/tabler.min.css"),
    ("css/schoolgate-dark.css", "css/schoolgate.css"),
];

fn dark_by_system(name: &str, of: &str) -> Option<Asset> {
    let sheet = String::from_utf8(Static::get(of)?.data.into_owned()).ok()?;
    Some(Asset::new(name, Cow::Owned(scheme::dark_by_system(&sheet).into_bytes())))
}

/// One version for all: a folder name, so that style sheets may refer to fonts beside them.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Static::iter().collect();
    names.sort();
    let mut hash = Sha256::new();
    for file in names.iter().filter_map(|name| Static::get(name)) {
        hash.update(file.metadata.sha256_hash());
    }
    hex::encode(&hash.finalize()[..6])
});

impl Asset {
    fn new(name: &str, plain: Cow<'static, [u8]>) -> Self {
        let content_type = mime_guess::from_path(name).first_or_octet_stream();
        let is_text = content_type.type_() == mime_guess::mime::TEXT
            || matches!(content_type.subtype().as_str(), "javascript" | "svg" | "json");
        let content_type = if is_text { format!("{content_type}; charset=utf-8") } else { content_type.to_string() };
        let brotli = if is_text { brotli(&plain) } else { None };
        Self { content_type, plain, brotli }
    }
}

fn brotli(plain: &[u8]) -> Option<Vec<u8>> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, 9, 22);
    writer.write_all(plain).ok()?;
    let compressed = writer.into_inner();
    (compressed.len() < plain.len()).then_some(compressed)
}

/// The address of an asset by its name below `static/`.
#[must_use]
pub fn url(name: &str) -> String {
    format!("/assets/{}/{name}", *VERSION)
}

/// The address of an icon in the sprite.
#[must_use]
pub fn icon(id: &str) -> String {
    format!("{}#{id}", url("icons.svg"))
}

/// Compresses all assets, so that the first visitor need not wait for it. Takes a good second of one core.
pub fn prepare() {
    LazyLock::force(&ASSETS);
}

/// Answers with an asset of this build, compressed as the browser takes it.
pub async fn serve(Path((_, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.get(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let takes_brotli = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|coding| coding.trim().starts_with("br")));
    let common = [
        (header::CONTENT_TYPE, header_value(&asset.content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::VARY, HeaderValue::from_static("Accept-Encoding")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ];
    match (&asset.brotli, takes_brotli) {
        (Some(compressed), true) => {
            (common, [(header::CONTENT_ENCODING, HeaderValue::from_static("br"))], compressed.as_slice())
                .into_response()
        }
        _ => (common, asset.plain.as_ref()).into_response(),
    }
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"))
}
