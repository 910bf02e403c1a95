//! The pages of whoever is not inside yet: signing in and out, a forgotten password, language and colours.

mod code;
pub mod fresh;
mod landing;
mod preferences;
mod recovery;
mod second_factor;
pub mod sign_in;

use crate::web::{Access, Routes, routes::Fresh};

pub use landing::home_of;

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/", Access::Anyone, landing::show)
        .get("/sign-in", Access::Anyone, sign_in::show)
        .post("/sign-in", Access::Anyone, sign_in::submit)
        .get("/sign-in/code", Access::Anyone, code::show)
        .post("/sign-in/code", Access::Anyone, code::submit)
        .get("/me/second-factor", Access::Settled, second_factor::show)
        .post_fresh("/me/second-factor", Access::Settled, Fresh::Always, second_factor::begin)
        .post("/me/second-factor/confirmation", Access::Settled, second_factor::confirm)
        .post("/me/second-factor/codes", Access::Settled, second_factor::renew_codes)
        .post("/me/second-factor/removal", Access::Settled, second_factor::turn_off)
        .post("/sign-out", Access::SignedIn, sign_in::sign_out)
        .get("/password/forgot", Access::Anyone, recovery::show)
        .post("/password/forgot", Access::Anyone, recovery::submit)
        .post("/preferences", Access::Always, preferences::submit)
}

/// Where to go after a form, if it is one of our own pages; the front page otherwise.
#[must_use]
pub fn local_or_home(next: &str) -> &str {
    let is_local = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\n', '\r']);
    if is_local { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local_or_home;

    #[test]
    fn nobody_is_sent_away_from_here() {
        assert_eq!(local_or_home("/schools/79000701?q=a"), "/schools/79000701?q=a");
        for foreign in ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "", "/a\r\nSet-Cookie: b"]
        {
            assert_eq!(local_or_home(foreign), "/");
        }
    }
}
