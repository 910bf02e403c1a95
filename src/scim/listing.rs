//! Pages of resources. The newest come first, so that what was made a moment ago is on the first page; the roles come last.

use axum::response::Response;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use super::{
    answer::{self, Resource, ScimRefusal, ScimResult},
    filter::{ScimFilter, fits},
    groups, people,
    request::PageRequest,
    schema,
    sql::Logins,
};
use crate::{
    access::{Role, Scope},
    app::App,
    ids::{ClassId, MemberId, YearId},
    schools::years,
    web::scim::ScimType,
};

/// Which resources are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourcesOf {
    People,
    Groups,
    /// Both kinds at once.
    All,
}

/// What a page is read with.
struct Reading<'a> {
    scope: &'a Scope,
    year_id: YearId,
    listing: &'a PageRequest,
    logins: Logins,
    with_people: bool,
    with_classes: bool,
}

/// A page.
pub async fn page(scope: &Scope, app: &App, of: ResourcesOf, listing: &PageRequest) -> ScimResult<Response> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let year = years::current(scope, &mut tx, app.clock.today()).await?;
    let with_people = of != ResourcesOf::Groups;
    let filter = listing.filter.as_ref().filter(|_| with_people);
    let logins = people::logins(scope, &mut tx, filter).await?;
    let mut reading =
        Reading { scope, year_id: year.id, listing, logins, with_people, with_classes: of != ResourcesOf::People };
    if of == ResourcesOf::All {
        reading.leave_out_what_does_not_fit()?;
    }
    let total = reading.count(&mut tx).await?;
    let ids = reading.ids(&mut tx).await?;
    let mut resources = reading.load(app, &mut tx, &ids).await?;
    // They are groups: what only people have fits none of them.
    let roles = if reading.with_classes { roles(scope, app, &mut tx, listing).await? } else { Vec::new() };
    let all = total + i64::try_from(roles.len()).unwrap_or_default();
    let left = usize::try_from(listing.count).unwrap_or_default().saturating_sub(resources.len());
    let passed = usize::try_from((listing.offset() - total).max(0)).unwrap_or(usize::MAX);
    resources.extend(roles.into_iter().skip(passed).take(left));
    tx.commit().await?;
    Ok(answer::list(resources, all, listing.start, &listing.selection))
}

impl Reading<'_> {
    fn filter(&self) -> Option<&ScimFilter> {
        self.listing.filter.as_ref()
    }

    /// A filter of both kinds may name what only one of them has: then the other has nothing that fits.
    fn leave_out_what_does_not_fit(&mut self) -> ScimResult<()> {
        let people = self.push_people(&mut QueryBuilder::new(""));
        let classes = self.push_classes(&mut QueryBuilder::new(""));
        let is_of_filter = |refusal: &ScimRefusal| match refusal {
            ScimRefusal::Scim(error) => error.kind == Some(ScimType::InvalidFilter),
            ScimRefusal::Other(_) => false,
        };
        match (people, classes) {
            (Err(refusal), Err(_)) => return Err(refusal),
            (Err(refusal), Ok(())) if is_of_filter(&refusal) => self.with_people = false,
            (Ok(()), Err(refusal)) if is_of_filter(&refusal) => self.with_classes = false,
            (Ok(()), Ok(())) => {}
            (Err(refusal), Ok(())) | (Ok(()), Err(refusal)) => return Err(refusal),
        }
        Ok(())
    }

    fn push_people(&self, query: &mut QueryBuilder<Postgres>) -> ScimResult<()> {
        people::push(query, self.scope, self.year_id, self.filter(), &self.logins)
    }

    fn push_classes(&self, query: &mut QueryBuilder<Postgres>) -> ScimResult<()> {
        groups::push(query, self.scope, self.year_id, self.filter())
    }

    /// The ids and kinds of all that fit.
    fn push(&self, query: &mut QueryBuilder<Postgres>) -> ScimResult<()> {
        if self.with_people {
            query.push("SELECT m.id, true AS is_person");
            self.push_people(query)?;
        }
        if self.with_people && self.with_classes {
            query.push(" UNION ALL ");
        }
        if self.with_classes {
            query.push("SELECT c.id, false AS is_person");
            self.push_classes(query)?;
        }
        Ok(())
    }

    async fn count(&self, tx: &mut PgConnection) -> ScimResult<i64> {
        let mut query = QueryBuilder::new("SELECT count(*) FROM (");
        self.push(&mut query)?;
        query.push(") found");
        Ok(query.build_query_scalar().fetch_one(tx).await?)
    }

    async fn ids(&self, tx: &mut PgConnection) -> ScimResult<Vec<(Uuid, bool)>> {
        let mut query = QueryBuilder::new("SELECT id, is_person FROM (");
        self.push(&mut query)?;
        query.push(") found ORDER BY id DESC LIMIT ").push_bind(self.listing.count);
        query.push(" OFFSET ").push_bind(self.listing.offset());
        let rows = query.build().fetch_all(tx).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    async fn load(&self, app: &App, tx: &mut PgConnection, ids: &[(Uuid, bool)]) -> ScimResult<Vec<Resource>> {
        let of_kind = |wanted: bool| ids.iter().filter(move |(_, is_person)| *is_person == wanted).map(|(id, _)| *id);
        let people: Vec<MemberId> = of_kind(true).map(MemberId::from).collect();
        let classes: Vec<ClassId> = of_kind(false).map(ClassId::from).collect();
        let people = people::load(self.scope, tx, self.year_id, &people).await?;
        let with_members = self.listing.selection.has(schema::GROUP, "members");
        let classes = groups::classes(self.scope, tx, self.year_id, &classes, with_members).await?;
        let (mut people, mut classes) = (people.into_iter().peekable(), classes.into_iter().peekable());
        let mut resources = Vec::with_capacity(ids.len());
        for (id, is_person) in ids {
            let found = if *is_person {
                people.next_if(|person| person.id.uuid() == *id).map(|person| person.resource(app))
            } else {
                classes.next_if(|class| class.id() == id.to_string()).map(|class| class.resource(app))
            };
            resources.extend(found);
        }
        Ok(resources)
    }
}

/// The roles that fit.
async fn roles(scope: &Scope, app: &App, tx: &mut PgConnection, listing: &PageRequest) -> ScimResult<Vec<Resource>> {
    let is_named = |filter: &ScimFilter| format!("{filter:?}").to_ascii_lowercase().contains("members");
    let is_about_members = listing.filter.as_ref().is_some_and(is_named);
    let with_members = is_about_members || listing.selection.has(schema::GROUP, "members");
    let mut roles = Vec::new();
    for role in Role::ALL {
        let group = groups::of_role(scope, tx, role, with_members).await?.resource(app);
        if listing.filter.as_ref().is_none_or(|filter| fits(filter, &group.value())) {
            roles.push(group);
        }
    }
    Ok(roles)
}
