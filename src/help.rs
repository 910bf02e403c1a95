//! Help: eight answers of a page each, with a picture, for everybody. `?school=` says in whose words, and where to go
//! back to.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use crate::{
    app::App,
    error::{Error, Result},
    paths::{self, Address},
    routes::{Access, Routes},
    schools::directory,
    web::{PageResult, RequestContext, Shell, Translator, address_parts::Path, html},
};

/// A question that has an answer here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    Import,
    Slips,
    SignIn,
    NewYear,
    Grants,
    Homeroom,
    Registration,
    DataProtection,
}

impl Topic {
    pub const ALL: [Self; 8] = [
        Self::Import,
        Self::Slips,
        Self::SignIn,
        Self::NewYear,
        Self::Grants,
        Self::Homeroom,
        Self::Registration,
        Self::DataProtection,
    ];

    /// As in the address.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Slips => "slips",
            Self::SignIn => "sign-in",
            Self::NewYear => "new-year",
            Self::Grants => "grants",
            Self::Homeroom => "homeroom",
            Self::Registration => "registration",
            Self::DataProtection => "data-protection",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.key() == key)
    }

    /// The question.
    #[must_use]
    pub fn title(self, l: &Translator) -> String {
        l.t(&format!("help-{}-title", self.key()))
    }

    /// The page of a school where it is done, if there is one.
    fn page(self, code: &str) -> Option<Address> {
        Some(match self {
            Self::Import => paths::NewPlan::of(code).with("source", "students"),
            Self::Slips => paths::SlipsLedger::of(code).into(),
            Self::NewYear => paths::Years::of(code).into(),
            Self::Grants => paths::Grants::of(code).into(),
            Self::Homeroom => paths::OwnClasses::of(code).into(),
            Self::Registration => paths::Accounts::of(code).with("status", "pending"),
            Self::SignIn | Self::DataProtection => return None,
        })
    }
}

/// How many steps an answer has.
const STEPS: [&str; 4] = ["1", "2", "3", "4"];

/// The school that the visitor comes from.
struct HelpOrigin {
    code: String,
    name: String,
}

#[derive(Template)]
#[template(path = "help/topics.html")]
struct TopicsPage {
    l: Translator,
    shell: Shell,
    origin: Option<HelpOrigin>,
}

#[derive(Template)]
#[template(path = "help/topic.html")]
struct TopicPage {
    l: Translator,
    shell: Shell,
    origin: Option<HelpOrigin>,
    topic: Topic,
}

impl TopicsPage {
    fn query(&self) -> String {
        query(self.origin.as_ref())
    }
}

impl TopicPage {
    fn query(&self) -> String {
        query(self.origin.as_ref())
    }

    fn said(&self, part: &str) -> String {
        self.l.t(&format!("help-{}-{part}", self.topic.key()))
    }
}

fn query(origin: Option<&HelpOrigin>) -> String {
    origin.map(|origin| format!("?school={}", origin.code)).unwrap_or_default()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct HelpQuery {
    school: String,
}

async fn show(State(app): State<App>, visitor: RequestContext, Query(from): Query<HelpQuery>) -> PageResult {
    let (visitor, origin) = origin(&app, &visitor, &from.school).await?;
    html(&TopicsPage { l: visitor.l, shell: Shell::plain(&visitor), origin })
}

async fn show_topic(
    State(app): State<App>,
    visitor: RequestContext,
    Path(topic): Path<String>,
    Query(from): Query<HelpQuery>,
) -> PageResult {
    let topic = Topic::from_key(&topic).ok_or(Error::NotFound)?;
    let (visitor, origin) = origin(&app, &visitor, &from.school).await?;
    html(&TopicPage { l: visitor.l, shell: Shell::plain(&visitor), origin, topic })
}

/// The school, and the visitor spoken to in its words; a code that is none's changes nothing.
async fn origin(app: &App, visitor: &RequestContext, code: &str) -> Result<(RequestContext, Option<HelpOrigin>)> {
    match directory::find(&app.db, code).await {
        Ok(school) => {
            let origin = HelpOrigin { code: school.code.clone(), name: school.name.clone() };
            Ok((visitor.in_words_of(school.kind.key()), Some(origin)))
        }
        Err(Error::NotFound) => Ok((visitor.clone(), None)),
        Err(error) => Err(error),
    }
}

#[must_use]
pub fn routes() -> Routes {
    Routes::new().get(paths::Help::PATH, Access::Always, show).get(paths::HelpTopic::PATH, Access::Always, show_topic)
}
