//! Routes that say who may call them. [`crate::gate`] holds them to it, and a test calls every one of them as everybody.

use axum::{
    extract::DefaultBodyLimit,
    handler::Handler,
    http::Method,
    routing::{MethodFilter, MethodRouter, on},
};

use crate::{access::Action, app::App};

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, signed in or not; changes, but from a session that must choose a password first.
    Anyone,
    /// Everybody, and from such a session as well: what one needs until the password is chosen.
    Always,
    /// Whoever is signed in, and be it by a temporary password that still wants an own one: for choosing it, and for
    /// signing out.
    SignedIn,
    /// Whoever is signed in by a password of his own.
    Settled,
    /// Operators. Which provinces they have is the handler's query.
    Operator,
    /// Operators of the whole country.
    NationalOperator,
    /// Those who represent the company in the address.
    Company,
    /// Members of the school in the address who may do this there.
    School(Action),
}

/// When the password is asked for once more, unless it was typed a moment ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fresh {
    Always,
    /// Where the form says this.
    When {
        field: &'static str,
        is: &'static str,
    },
    /// Where the handler says so, which sees what is asked of it and of whom: by
    /// [`crate::error::Error::PasswordNeeded`], before it has done anything.
    WhereTold,
}

/// One route: its declaration and what answers it.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    pub fresh: Option<Fresh>,
    pub(crate) answers: MethodRouter<App>,
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
        H: Handler<T, App>,
        T: 'static,
    {
        self.with(Method::GET, path, access, on(MethodFilter::GET, handler))
    }

    /// A page or file before which the password is asked for: what many could be harmed by.
    #[must_use]
    pub fn get_fresh<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let mut routes = self.get(path, access, handler);
        routes.0.iter_mut().rev().take(1).for_each(|route| route.fresh = Some(Fresh::Always));
        routes
    }

    #[must_use]
    pub fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.with(Method::POST, path, access, on(MethodFilter::POST, handler))
    }

    /// A POST before which the password is asked for.
    #[must_use]
    pub fn post_fresh<H, T>(self, path: &'static str, access: Access, fresh: Fresh, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let mut routes = self.post(path, access, handler);
        routes.0.iter_mut().rev().take(1).for_each(|route| route.fresh = Some(fresh));
        routes
    }

    /// A POST whose body may be as large as a file that we take.
    #[must_use]
    pub fn upload<H, T>(self, path: &'static str, access: Access, bytes: usize, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let answers = on(MethodFilter::POST, handler).layer(DefaultBodyLimit::max(bytes));
        self.with(Method::POST, path, access, answers)
    }

    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// The declarations, for the gate's test.
    pub fn declared(&self) -> impl Iterator<Item = (&Method, &'static str, Access)> {
        self.0.iter().map(|route| (&route.method, route.path, route.access))
    }

    fn with(mut self, method: Method, path: &'static str, access: Access, answers: MethodRouter<App>) -> Self {
        self.0.push(Route { method, path, access, fresh: None, answers });
        self
    }
}
