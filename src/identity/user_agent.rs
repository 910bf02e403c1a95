//! The browser's User-Agent in words that its user knows: enough to tell one's own phone from the computer in the staff
//! room. Browsers name each other for the sake of old pages, so the most specific name comes first.

/// The browsers that are common here, each with its distinguishing token.
const BROWSERS: [(&str, &str); 13] = [
    ("coc_coc_browser", "Cốc Cốc"),
    ("Zalo", "Zalo"),
    ("FBAN", "Facebook"),
    ("FBAV", "Facebook"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("UCBrowser", "UC Browser"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
];

const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// The name of the browser; `None` for an unknown one.
#[must_use]
pub fn browser(user_agent: &str) -> Option<&'static str> {
    first(&BROWSERS, user_agent)
}

/// The name of the system that it runs on.
#[must_use]
pub fn system(user_agent: &str) -> Option<&'static str> {
    first(&SYSTEMS, user_agent)
}

fn first(names: &[(&str, &'static str)], user_agent: &str) -> Option<&'static str> {
    names.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
}

/// What kind of device a browser runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum DeviceKind {
    Phone,
    Tablet,
    Computer,
    Other,
}

impl DeviceKind {
    pub const ALL: [Self; 4] = [Self::Phone, Self::Tablet, Self::Computer, Self::Other];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    /// Tablets with Android leave out the word "Mobile".
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        match system(user_agent) {
            Some("iPhone") => Self::Phone,
            Some("iPad") => Self::Tablet,
            Some("Android") if user_agent.contains("Mobile") => Self::Phone,
            Some("Android") => Self::Tablet,
            Some(_) => Self::Computer,
            None => Self::Other,
        }
    }
}

/// Browser and system, as people know them; none where neither is known.
#[must_use]
pub fn name(user_agent: &str) -> Option<String> {
    let known: Vec<&str> = browser(user_agent).into_iter().chain(system(user_agent)).collect();
    (!known.is_empty()).then(|| known.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::{browser, system};

    #[test]
    fn devices_are_told_apart() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        let windows = format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit}");
        let android = format!("Mozilla/5.0 (Linux; Android 14; SM-A155F) {webkit}");
        for (user_agent, expected) in [
            (format!("{windows} Chrome/140.0.0.0 Safari/537.36"), (Some("Chrome"), Some("Windows"))),
            (format!("{windows} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"), (Some("Edge"), Some("Windows"))),
            (
                format!("{windows} coc_coc_browser/130.0.0 Chrome/124.0.0.0 Safari/537.36"),
                (Some("Cốc Cốc"), Some("Windows")),
            ),
            (
                format!("{android} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36"),
                (Some("Samsung Internet"), Some("Android")),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 \
                 Safari/604.1"
                    .to_owned(),
                (Some("Safari"), Some("iPhone")),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.5; rv:128.0) Gecko/20100101 Firefox/128.0".to_owned(),
                (Some("Firefox"), Some("macOS")),
            ),
            ("Mozilla/5.0 (X11; CrOS x86_64 1) Chrome/1 Safari/1".to_owned(), (Some("Chrome"), Some("ChromeOS"))),
            ("curl/8.5.0".to_owned(), (None, None)),
            (String::new(), (None, None)),
        ] {
            assert_eq!((browser(&user_agent), system(&user_agent)), expected, "{user_agent}");
        }
    }
}
