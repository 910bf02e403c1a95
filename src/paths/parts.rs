//! What an address is made of: the parts that may be handed in for its fields, and what follows its path.

use std::{borrow::Cow, fmt};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;

use crate::ids::Id;

/// What stands for itself in a part of a path (RFC 3986, "unreserved").
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What may be handed in for a part of an address: its value, or a reference to one as templates have it.
pub trait Part<T> {
    fn part(self) -> T;
}

impl<'a> Part<&'a str> for &'a str {
    fn part(self) -> &'a str {
        self
    }
}

impl<'a> Part<&'a str> for &'a &str {
    fn part(self) -> &'a str {
        self
    }
}

impl<'a> Part<&'a str> for &'a String {
    fn part(self) -> &'a str {
        self
    }
}

impl<'a> Part<&'a str> for &'a &String {
    fn part(self) -> &'a str {
        self
    }
}

impl Part<i32> for i32 {
    fn part(self) -> i32 {
        self
    }
}

impl Part<i32> for &i32 {
    fn part(self) -> i32 {
        *self
    }
}

impl<K: Copy> Part<Id<K>> for Id<K> {
    fn part(self) -> Id<K> {
        self
    }
}

impl<K: Copy> Part<Id<K>> for &Id<K> {
    fn part(self) -> Id<K> {
        *self
    }
}

impl<K: Copy> Part<Id<K>> for &&Id<K> {
    fn part(self) -> Id<K> {
        **self
    }
}

/// An address with what follows its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(pub(super) String);

impl Address {
    /// The same with one more field in its query.
    #[must_use]
    pub fn with(self, name: &str, value: impl fmt::Display) -> Self {
        let field: String =
            form_urlencoded::Serializer::new(String::new()).append_pair(name, &value.to_string()).finish();
        self.with_query(&field)
    }

    /// The same with fields that are encoded already.
    #[must_use]
    pub fn with_query(mut self, query: &str) -> Self {
        if !query.is_empty() {
            self.0.push(if self.0.contains('?') { '&' } else { '?' });
            self.0.push_str(query);
        }
        self
    }
}

impl Address {
    /// The same, scrolled to the element with this id. Nothing can follow.
    #[must_use]
    pub fn at(self, element: impl fmt::Display) -> Address {
        Self(format!("{}#{}", self.0, encoded(element)))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

/// A text as one part of an address. Ids and codes stand for themselves, and pages have hundreds of them.
pub fn encoded(part: impl fmt::Display) -> String {
    let text = part.to_string();
    let changed = match Cow::from(utf8_percent_encode(&text, ENCODED)) {
        Cow::Borrowed(same) if same == text => None,
        changed => Some(changed.into_owned()),
    };
    changed.unwrap_or(text)
}

/// The literal is both what the router matches and the format of the address, so the compiler compares its parts with
/// the fields.
macro_rules! paths {
    ($($(#[$doc:meta])* $name:ident $(<$life:lifetime>)? { $($field:ident: $type:ty),* } = $path:literal;)*) => {
        /// As the router knows them.
        pub const ALL: &[&str] = &[$($path),*];

        $(
            $(#[$doc])*
            #[doc = concat!("`", $path, "`")]
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub struct $name $(<$life>)? {
                $(pub $field: $type,)*
            }

            impl $(<$life>)? $name $(<$life>)? {
                /// As the router knows it.
                pub const PATH: &'static str = $path;

                #[must_use]
                pub fn of($($field: impl Part<$type>),*) -> Self {
                    Self { $($field: $field.part()),* }
                }

                /// The address with a field in its query.
                #[must_use]
                pub fn with(self, name: &str, value: impl fmt::Display) -> Address {
                    Address(self.to_string()).with(name, value)
                }

                /// The address with fields that are encoded already.
                #[must_use]
                pub fn with_query(self, query: &str) -> Address {
                    Address(self.to_string()).with_query(query)
                }
            }

            impl $(<$life>)? fmt::Display for $name $(<$life>)? {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    let Self { $($field),* } = self;
                    $(let $field = $crate::paths::encoded($field);)*
                    write!(f, $path)
                }
            }

            impl $(<$life>)? From<$name $(<$life>)?> for Address {
                fn from(path: $name $(<$life>)?) -> Self {
                    Self(path.to_string())
                }
            }
        )*
    };
}
