//! Sentences as a page says them, by their keys: the wording is the locales' alone.

use fluent_bundle::FluentValue;
use schoolgate::web::{Translator, i18n::Lang};

/// In Vietnamese.
pub fn vi(key: &str) -> String {
    Translator::new(Lang::Vi).t(key)
}

pub fn vi1<'a>(key: &str, name: &'a str, value: impl Into<FluentValue<'a>>) -> String {
    Translator::new(Lang::Vi).t1(key, name, value)
}

pub fn vi3<'a>(
    key: &str,
    first: (&'a str, impl Into<FluentValue<'a>>),
    second: (&'a str, impl Into<FluentValue<'a>>),
    third: (&'a str, impl Into<FluentValue<'a>>),
) -> String {
    Translator::new(Lang::Vi).t3(key, first, second, third)
}

pub fn vi2<'a>(
    key: &str,
    first: (&'a str, impl Into<FluentValue<'a>>),
    second: (&'a str, impl Into<FluentValue<'a>>),
) -> String {
    Translator::new(Lang::Vi).t2(key, first.0, first.1, second.0, second.1)
}
