//! A forgotten password: asking for the mail.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use crate::{
    access::{SchoolKind, is_address},
    app::App,
    error::{Error, Result},
    identity::recovery,
    schools::{directory, settings},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, refused,
    },
};

#[derive(Template)]
#[template(path = "me/forgot.html")]
struct ForgotPage {
    l: Translator,
    shell: Shell,
    login: String,
    faults: FormErrors,
    helper: PasswordHelper,
}

/// Who helps a pupil of the school: nobody else can.
struct PasswordHelper {
    /// The school, where it is known: from its own sign-in page, or from the login.
    school: Option<String>,
    kind: Option<SchoolKind>,
    homeroom_may_reset: bool,
}

impl PasswordHelper {
    /// By the code of a school, or by what stands behind the @ of a pupil's login.
    async fn find(app: &App, code: &str) -> Result<Self> {
        match directory::find(&app.db, code).await {
            Ok(school) => Ok(Self {
                homeroom_may_reset: settings::homeroom_may_reset(&app.db, school.id).await?,
                school: Some(school.name.clone()),
                kind: Some(school.kind),
            }),
            Err(Error::NotFound) => Ok(Self { school: None, kind: None, homeroom_may_reset: false }),
            Err(error) => Err(error),
        }
    }

    /// The visitor's language, in the words of the school.
    fn words(&self, l: Translator) -> Translator {
        self.kind.map_or(l, |kind| l.in_words_of(kind.key()))
    }

    fn told(&self, l: Translator) -> String {
        match &self.school {
            Some(school) if self.homeroom_may_reset => l.t1("forgot-pupils-homeroom", "school", school.as_str()),
            Some(school) => l.t1("forgot-pupils-office", "school", school.as_str()),
            None => l.t("forgot-pupils"),
        }
    }
}

#[derive(Template)]
#[template(path = "me/forgot_sent.html")]
struct ResetSentPage {
    l: Translator,
    shell: Shell,
    helper: PasswordHelper,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ForgotForm {
    login: String,
    /// The code of the school from whose sign-in page the visitor comes.
    school: String,
}

pub async fn show(State(app): State<App>, visitor: RequestContext, Query(query): Query<ForgotForm>) -> PageResult {
    let helper = PasswordHelper::find(&app, &query.school).await?;
    let shell = Shell::plain(&visitor);
    let l = helper.words(visitor.l);
    html(&ForgotPage { l, shell, login: query.login, faults: FormErrors::new(), helper })
}

/// The same page and the same work whether there is such an account or not.
pub async fn submit(State(app): State<App>, visitor: RequestContext, Form(form): Form<ForgotForm>) -> PageResult {
    let login = form.login.trim();
    // A pupil's login has no mailbox: no mail would come, so the page says who helps instead.
    let fault = match login {
        "" => Some("fault-email-missing"),
        login if !is_address(login) => Some("fault-no-mailbox"),
        _ => None,
    };
    let code = login.split_once('@').map_or(form.school.as_str(), |(_, code)| code);
    let helper = PasswordHelper::find(&app, code).await?;
    let (l, shell) = (helper.words(visitor.l), Shell::plain(&visitor));
    if let Some(fault) = fault {
        let faults = FormErrors::one("login", fault);
        return refused(&ForgotPage { l, shell, login: form.login, faults, helper });
    }
    recovery::ask(&app, login, visitor.l.0, visitor.address).await?;
    html(&ResetSentPage { l, shell, helper })
}
