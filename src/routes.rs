//! Routes that declare their access. [`crate::auth`] enforces it, and a test calls every one of them as everybody.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::{DefaultBodyLimit, FromRequestParts, Request},
    handler::Handler,
    http::{Extensions, Method, request::Parts},
    response::Response,
    routing::{MethodFilter, MethodRouter, on},
};

use crate::{
    access::{Action, ClientScope, Scope, TokenScope},
    app::App,
    db::Tx,
    error::{Error, Result},
};

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, signed in or not; but no changes from a session that must choose a password first.
    Anyone,
    /// Everybody, and from such a session as well: what is needed until the password is chosen.
    Always,
    /// A signed-in account, also by a temporary password: for choosing an own one, and for signing out.
    SignedIn,
    /// An account that is signed in by an own password.
    PasswordSet,
    /// Operators. The handler's query limits them to their provinces.
    Operator,
    /// Operators of the whole country.
    NationalOperator,
    /// Those who represent the company in the address.
    Company,
    /// Members of the school in the address with the right to do this there.
    School(Action),
    /// Programs that send a token of a school with this scope. No session counts, and no other route knows tokens.
    Token(TokenScope),
    /// Programs that send an access token of a client with one of these scopes; with none named, those that show the
    /// secret of a client to the route itself.
    Client(&'static [ClientScope]),
}

/// When the password is asked for once more, unless it was typed a moment ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reauthentication {
    Always,
    /// Where the form says this.
    When {
        field: &'static str,
        is: &'static str,
    },
    /// Where the handler, which sees the details of the request, says so before it has done anything: by
    /// [`crate::error::Error::PasswordNeeded`].
    WhereTold,
}

/// The field and the value with which a form is asked about, and the key of the question. An empty value stands for any, and
/// an empty field for every form.
pub type Question = (&'static str, &'static str, &'static str);

/// What answers a form that creates something, and again where it is sent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreationAnswer {
    /// A redirect to what was created.
    Redirect,
    /// A page with a secret that is shown once.
    Secret,
}

/// One route: its declaration and its handler.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    pub fresh: Option<Reauthentication>,
    /// Its form creates something: sent twice, it creates once.
    pub creates: Option<CreationAnswer>,
    /// What is asked first, on a page of its own, where no script asks.
    pub asks: &'static [Question],
    /// The handler goes on in the transaction in which the visitor was looked up ([`EntryTx`]).
    pub goes_on: bool,
    pub(crate) answers: MethodRouter<App>,
}

/// What the handlers of axum answer by, whatever their types are.
type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

/// A handler without its own type: all that axum puts around a handler is compiled once and not with each of them.
#[derive(Clone)]
struct AnyHandler(Arc<dyn Fn(Request, App) -> Answer + Send + Sync>);

impl AnyHandler {
    fn of<H, T>(handler: H) -> Self
    where
        H: Handler<T, App, Future = Answer>,
        T: 'static,
    {
        Self(Arc::new(move |request, app| handler.clone().call(request, app)))
    }
}

impl Handler<(), App> for AnyHandler {
    type Future = Answer;

    fn call(self, request: Request, app: App) -> Answer {
        (self.0)(request, app)
    }
}

/// The transaction in which the visitor was looked up in the school, for the handler of a page that is asked for often:
/// it reads on there, instead of beginning another one. Where the look-up had something to write, a new one.
pub struct EntryTx(pub Tx);

/// Extensions of a request have to be cloneable.
#[derive(Clone)]
struct HandedTx(Arc<Mutex<Option<Tx>>>);

impl EntryTx {
    /// Leaves the transaction with the request; where no handler takes it, both end together.
    pub fn hand_over(tx: Tx, extensions: &mut Extensions) {
        extensions.insert(HandedTx(Arc::new(Mutex::new(Some(tx)))));
    }
}

impl FromRequestParts<App> for EntryTx {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let handed = parts.extensions.remove::<HandedTx>();
        let handed = handed.and_then(|HandedTx(tx)| tx.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(tx) = handed {
            return Ok(Self(tx));
        }
        let school_id = parts.extensions.get::<Scope>().ok_or(Error::NotFound)?.school_id();
        Ok(Self(app.db.begin_in(school_id).await?))
    }
}

/// The routes of a domain.
#[derive(Default)]
pub struct Routes(pub(crate) Vec<Route>);

impl Routes {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App, Future = Answer>,
        T: 'static,
    {
        self.with(Method::GET, path, access, on(MethodFilter::GET, AnyHandler::of(handler)))
    }

    /// A page or file before which the password is asked for, since it could harm many people.
    #[must_use]
    pub fn get_fresh<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App, Future = Answer>,
        T: 'static,
    {
        let mut routes = self.get(path, access, handler);
        routes.0.iter_mut().rev().take(1).for_each(|route| route.fresh = Some(Reauthentication::Always));
        routes
    }

    #[must_use]
    pub fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App, Future = Answer>,
        T: 'static,
    {
        self.with(Method::POST, path, access, on(MethodFilter::POST, AnyHandler::of(handler)))
    }

    #[must_use]
    pub fn put<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App, Future = Answer>,
        T: 'static,
    {
        self.with(Method::PUT, path, access, on(MethodFilter::PUT, AnyHandler::of(handler)))
    }

    #[must_use]
    pub fn patch<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App, Future = Answer>,
        T: 'static,
    {
        self.with(Method::PATCH, path, access, on(MethodFilter::PATCH, AnyHandler::of(handler)))
    }

    #[must_use]
    pub fn delete<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App, Future = Answer>,
        T: 'static,
    {
        self.with(Method::DELETE, path, access, on(MethodFilter::DELETE, AnyHandler::of(handler)))
    }

    /// What was declared last is a form that creates something: the same form, sent twice, creates once.
    #[must_use]
    pub fn creating(self) -> Self {
        self.answered_by(CreationAnswer::Redirect)
    }

    /// The same where the answer is a page with a secret that is shown once.
    #[must_use]
    pub fn creating_secret(self) -> Self {
        self.answered_by(CreationAnswer::Secret)
    }

    fn answered_by(mut self, answer: CreationAnswer) -> Self {
        self.0.iter_mut().rev().take(1).for_each(|route| route.creates = Some(answer));
        self
    }

    /// What was declared last cannot be taken back: a form that says that no script has asked is asked about first.
    #[must_use]
    pub fn asking(mut self, questions: &'static [Question]) -> Self {
        self.0.iter_mut().rev().take(1).for_each(|route| route.asks = questions);
        self
    }

    /// What was declared last is a page that goes on in the transaction in which the visitor was looked up: its handler
    /// takes it as [`EntryTx`], and begins no other before that one has ended.
    #[must_use]
    pub fn going_on(mut self) -> Self {
        self.0.iter_mut().rev().take(1).for_each(|route| route.goes_on = true);
        self
    }

    /// A POST before which the password is asked for.
    #[must_use]
    pub fn post_reauthenticated<H, T>(
        self,
        path: &'static str,
        access: Access,
        fresh: Reauthentication,
        handler: H,
    ) -> Self
    where
        H: Handler<T, App, Future = Answer>,
        T: 'static,
    {
        let mut routes = self.post(path, access, handler);
        routes.0.iter_mut().rev().take(1).for_each(|route| route.fresh = Some(fresh));
        routes
    }

    /// A POST whose body may be as large as an uploaded file.
    #[must_use]
    pub fn upload<H, T>(self, path: &'static str, access: Access, bytes: usize, handler: H) -> Self
    where
        H: Handler<T, App, Future = Answer>,
        T: 'static,
    {
        let answers = on(MethodFilter::POST, AnyHandler::of(handler)).layer(DefaultBodyLimit::max(bytes));
        self.with(Method::POST, path, access, answers)
    }

    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// The declarations, for the test of the auth middleware.
    pub fn declared(&self) -> impl Iterator<Item = (&Method, &'static str, Access)> {
        self.0.iter().map(|route| (&route.method, route.path, route.access))
    }

    /// The addresses that ask first, for their test.
    #[must_use]
    pub fn asking_routes(&self) -> Vec<&'static str> {
        self.0.iter().filter(|route| !route.asks.is_empty()).map(|route| route.path).collect()
    }

    fn with(mut self, method: Method, path: &'static str, access: Access, answers: MethodRouter<App>) -> Self {
        self.0.push(Route { method, path, access, fresh: None, creates: None, asks: &[], goes_on: false, answers });
        self
    }
}
