//! The two languages. Every sentence that a person reads is a Fluent message in `locales/{vi,en}`; a test finds the
//! keys that are missing in one of them or unused.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Utc};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle, types::FluentNumber};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "locales"]
struct Locales;

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Lang {
    #[default]
    Vi,
    En,
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::Vi, Self::En];

    /// As in the `lang` attribute, the cookie and the database.
    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }

    /// What a browser asks for (`Accept-Language`): the language of ours that it likes best, if it names one.
    #[must_use]
    pub fn preferred(header: &str) -> Option<Self> {
        let wish = |part: &str| {
            let mut parts = part.split(';');
            let tag = parts.next()?.trim().to_ascii_lowercase();
            let quality = parts.find_map(|part| part.trim().strip_prefix("q=")?.trim().parse::<f32>().ok());
            let lang = Self::from_key(tag.split('-').next()?)?;
            Some((lang, quality.unwrap_or(1.0)))
        };
        let wishes = header.split(',').take(20).filter_map(wish).filter(|(_, quality)| *quality > 0.0);
        // Of two that it likes as much, the first.
        let best = wishes.reduce(|best, each| if each.1 > best.1 { each } else { best });
        best.map(|(lang, _)| lang)
    }

    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Vi => Self::En,
            Self::En => Self::Vi,
        }
    }
}

static BUNDLES: LazyLock<[FluentBundle<FluentResource>; 2]> = LazyLock::new(|| Lang::ALL.map(bundle));

fn bundle(lang: Lang) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(lang.key().parse().into_iter().collect());
    // The isolation marks for arguments of other writing directions are only a nuisance in two Latin scripts.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match lang {
        Lang::Vi => |value, _| grouped(value, '.'),
        Lang::En => |value, _| grouped(value, ','),
    }));
    for (name, text) in sources(lang) {
        let resource = FluentResource::try_new(text).unwrap_or_else(|(resource, faults)| {
            tracing::error!(%name, ?faults, "a language file has faults");
            resource
        });
        if let Err(faults) = bundle.add_resource(resource) {
            tracing::error!(%name, ?faults, "a language file says something twice");
        }
    }
    bundle
}

/// The language's files: names and texts.
pub fn sources(lang: Lang) -> impl Iterator<Item = (String, String)> {
    let folder = format!("{}/", lang.key());
    Locales::iter().filter(move |name| name.starts_with(&folder)).filter_map(|name| {
        let text = String::from_utf8(Locales::get(&name)?.data.into_owned()).ok()?;
        Some((name.into_owned(), text))
    })
}

/// With a thousands separator: 1.089 in Vietnamese, 1,089 in English.
fn grouped(value: &FluentValue<'_>, separator: char) -> Option<String> {
    let FluentValue::Number(FluentNumber { value, .. }) = value else { return None };
    Some(group(*value, separator))
}

#[expect(clippy::cast_possible_truncation, reason = "counts are far below 2^53")]
fn group(value: f64, separator: char) -> String {
    let digits = (value.abs() as i64).to_string();
    let mut out = String::new();
    if value < 0.0 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// Stands for an argument in a message that is put together later; nobody types it.
const ARGUMENT: &str = "\u{fffc}";

/// A message that a page says in every line, each time of another name: what stands between the names.
#[derive(Clone, Debug)]
pub struct Around(Vec<String>);

impl Around {
    /// The message of this name.
    #[must_use]
    pub fn of(&self, name: &str) -> String {
        self.0.join(name)
    }
}

/// Renders messages in one language, with the wording of a kind of school: what templates call `l`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Translator(pub Lang, Words);

/// The kind of school by which messages choose their words: their `$kind`. Outside a school, the usual ones.
#[derive(Clone, Copy, Debug, Default)]
struct Words(&'static str);

impl Translator {
    /// With the usual words.
    #[must_use]
    pub fn new(lang: Lang) -> Self {
        Self(lang, Words::default())
    }

    /// The same language with the wording of a kind of school.
    #[must_use]
    pub fn in_words_of(self, kind: &'static str) -> Self {
        Self(self.0, Words(kind))
    }

    fn arguments<'a, const N: usize>(&self, named: [(&'a str, FluentValue<'a>); N]) -> FluentArgs<'a> {
        std::iter::once(("kind", FluentValue::from(self.1.0))).chain(named).collect()
    }

    #[must_use]
    pub fn lang(&self) -> &'static str {
        self.0.key()
    }

    /// The message of this key.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        self.format(key, &self.arguments([]))
    }

    /// The message of this key with one argument.
    #[must_use]
    pub fn t1<'a>(&self, key: &str, name: &'a str, value: impl Into<FluentValue<'a>>) -> String {
        self.format(key, &self.arguments([(name, value.into())]))
    }

    /// The message of this key with two arguments.
    #[must_use]
    pub fn t2<'a>(
        &self,
        key: &str,
        first: &'a str,
        first_value: impl Into<FluentValue<'a>>,
        second: &'a str,
        second_value: impl Into<FluentValue<'a>>,
    ) -> String {
        self.format(key, &self.arguments([(first, first_value.into()), (second, second_value.into())]))
    }

    /// The message of this key with three arguments, each with its name.
    #[must_use]
    pub fn t3<'a>(
        &self,
        key: &str,
        (first, first_value): (&'a str, impl Into<FluentValue<'a>>),
        (second, second_value): (&'a str, impl Into<FluentValue<'a>>),
        (third, third_value): (&'a str, impl Into<FluentValue<'a>>),
    ) -> String {
        let arguments = [(first, first_value.into()), (second, second_value.into()), (third, third_value.into())];
        self.format(key, &self.arguments(arguments))
    }

    /// The message of this key around its one argument, which is not known yet.
    #[must_use]
    pub fn around(&self, key: &str, name: &str) -> Around {
        Around(self.t1(key, name, ARGUMENT).split(ARGUMENT).map(str::to_owned).collect())
    }

    /// The message of a family (`role-…`) for one of its keys.
    #[must_use]
    pub fn tk(&self, family: &str, key: &str) -> String {
        self.t(&format!("{family}-{}", key.replace('_', "-")))
    }

    /// The same with one argument.
    #[must_use]
    pub fn tk1<'a>(&self, family: &str, key: &str, name: &'a str, value: impl Into<FluentValue<'a>>) -> String {
        self.t1(&format!("{family}-{}", key.replace('_', "-")), name, value)
    }

    /// Names of which one is meant: "A, B or C".
    #[must_use]
    pub fn one_of(&self, names: &[String]) -> String {
        match names {
            [others @ .., last] if !others.is_empty() => {
                self.t2("names-one-of", "names", others.join(", "), "last", last.as_str())
            }
            _ => names.concat(),
        }
    }

    /// Whether there is such a message.
    #[must_use]
    pub fn knows(&self, key: &str) -> bool {
        self.bundle().has_message(key)
    }

    /// A number with a thousands separator.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub fn number(&self, value: impl std::borrow::Borrow<i64>) -> String {
        group(*value.borrow() as f64, if self.0 == Lang::Vi { '.' } else { ',' })
    }

    /// 15/11/2011, in both languages.
    #[must_use]
    pub fn date(&self, date: &NaiveDate) -> String {
        // Lists have hundreds of them: `format` would read its pattern each time.
        format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
    }

    /// The day of a moment, in Vietnam.
    #[must_use]
    pub fn day(&self, at: &DateTime<Utc>) -> String {
        self.date(&at.with_timezone(&vietnam()).date_naive())
    }

    /// A moment to the minute, in Vietnam's time.
    #[must_use]
    pub fn moment(&self, at: &DateTime<Utc>) -> String {
        let at = at.with_timezone(&vietnam());
        format!("{} {}", at.format("%H:%M"), self.date(&at.date_naive()))
    }

    /// How long ago: today and yesterday with the time, then days, then the date.
    #[must_use]
    pub fn ago(&self, at: &DateTime<Utc>, now: &DateTime<Utc>) -> String {
        let (at, now) = (at.with_timezone(&vietnam()), now.with_timezone(&vietnam()));
        let days = now.date_naive().num_days_from_ce() - at.date_naive().num_days_from_ce();
        let time = at.format("%H:%M").to_string();
        match days {
            ..=0 => self.t1("time-today", "time", time),
            1 => self.t1("time-yesterday", "time", time),
            2..=6 => self.t1("time-days-ago", "days", days),
            _ => self.date(&at.date_naive()),
        }
    }

    fn bundle(&self) -> &'static FluentBundle<FluentResource> {
        let [vi, en] = &*BUNDLES;
        match self.0 {
            Lang::Vi => vi,
            Lang::En => en,
        }
    }

    fn format(&self, key: &str, args: &FluentArgs<'_>) -> String {
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, lang = self.lang(), "no such message");
            return key.to_owned();
        };
        let mut faults = Vec::new();
        let text = bundle.format_pattern(pattern, Some(args), &mut faults);
        if !faults.is_empty() {
            tracing::error!(key, lang = self.lang(), ?faults, "a message lacks an argument");
        }
        text.into_owned()
    }
}

/// Vietnam has one time zone and no summer time.
#[must_use]
pub fn vietnam() -> FixedOffset {
    FixedOffset::east_opt(7 * 3600).unwrap_or_else(|| unreachable!("seven hours are within a day"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_says_which_language_it_prefers() {
        assert_eq!(Lang::preferred("vi-VN,vi;q=0.9,en;q=0.8"), Some(Lang::Vi));
        assert_eq!(Lang::preferred("en-GB, en;q=0.9, vi;q=0.5"), Some(Lang::En));
        assert_eq!(Lang::preferred("fr-FR, fr;q=0.9, vi;q=0.5, en;q=0.4"), Some(Lang::Vi));
        assert_eq!(Lang::preferred("vi;q=0, en"), Some(Lang::En));
        assert_eq!(Lang::preferred("fr"), None);
        assert_eq!(Lang::preferred("*;q=x,,;"), None);
    }

    #[test]
    fn a_message_of_every_line_is_the_same_as_one_alone() {
        for l in Lang::ALL.map(Translator::new) {
            for key in ["bulk-pick", "accounts-reset-ask"] {
                assert_eq!(l.around(key, "name").of("An (10A1)"), l.t1(key, "name", "An (10A1)"));
            }
        }
    }

    #[test]
    fn numbers_stand_in_groups() {
        assert_eq!(Translator::new(Lang::Vi).number(1_089), "1.089");
        assert_eq!(Translator::new(Lang::En).number(1_234_567), "1,234,567");
        assert_eq!(Translator::new(Lang::Vi).number(7), "7");
    }
}
