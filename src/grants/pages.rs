//! People × grants: who may do what in the school, all in one form.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::{GrantChange, GrantHolder};
use crate::{
    access::{Grant, Granted, may},
    app::App,
    error::{Error, Result},
    grants,
    ids::MemberId,
    paths,
    shell::{self, MenuPage},
    vietnam::search,
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "grants/matrix.html")]
struct GrantsPage {
    l: Translator,
    shell: Shell,
    code: String,
    q: String,
    people: Vec<GrantHolder>,
    /// What was ticked in a form that comes back.
    typed: HashMap<MemberId, BTreeSet<Grant>>,
    me: Option<MemberId>,
    faults: FormErrors,
}

impl GrantsPage {
    /// An owner's grants can be changed by that owner alone.
    fn is_another_owner(&self, person: &GrantHolder) -> bool {
        person.grants.contains(&Grant::Owner) && self.me != Some(person.id)
    }

    /// Ticking it makes an owner of a person who is none.
    fn makes_owner(&self, person: &GrantHolder, grant: Grant) -> bool {
        grant == Grant::Owner && !person.grants.contains(&Grant::Owner)
    }

    fn is_ticked(&self, person: &GrantHolder, grant: Grant) -> bool {
        self.typed.get(&person.id).map_or_else(|| person.grants.contains(&grant), |typed| typed.contains(&grant))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct GrantsQuery {
    q: String,
    /// Whose grants have just changed, with commas between the ids.
    who: String,
}

/// How many people the answer names; it counts the rest.
const NAMED: usize = 20;

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HandOutGrants>,
    Query(query): Query<GrantsQuery>,
) -> PageResult {
    let who: Vec<MemberId> = query.who.split(',').filter_map(|id| id.parse().ok()).take(NAMED).collect();
    let mut page = grants_page(&app, &visitor, &granted, query.q, &who).await?;
    let names: Vec<&str> =
        page.people.iter().filter(|one| who.contains(&one.id)).map(|one| one.full_name.as_str()).collect();
    if let (Some(notice), false) = (&mut page.shell.notice, names.is_empty()) {
        notice.sentence = format!("{}: {}", names.join(", "), notice.sentence);
    }
    html(&page)
}

async fn grants_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::HandOutGrants>,
    q: String,
    also: &[MemberId],
) -> Result<GrantsPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let people = grants::holders(granted, &mut tx, &search::words(&q), also).await?;
    tx.commit().await?;
    Ok(GrantsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Grants),
        code: granted.school.code.clone(),
        q,
        people,
        typed: HashMap::new(),
        me: granted.member().map(|member| member.id),
        faults: FormErrors::new(),
    })
}

/// `account` is the member id, where the path does not have it, and `grants` what they are to hold. The matrix sends
/// `member:grant` instead: what is ticked in `right`, what it began with in `was`; and in `owner` the members who become
/// owners, which is asked about first.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct GrantsForm {
    account: String,
    grants: Vec<String>,
    people: Vec<String>,
    was: Vec<String>,
    right: Vec<String>,
    owner: Vec<String>,
    q: String,
}

impl GrantsForm {
    /// The people of the matrix, each with the grants that one of its fields says.
    fn read(&self, field: &[String]) -> HashMap<MemberId, BTreeSet<Grant>> {
        let people = self.people.iter().filter_map(|id| Some((id.parse().ok()?, BTreeSet::new())));
        let mut said: HashMap<MemberId, BTreeSet<Grant>> = people.collect();
        for pair in field {
            let Some((id, grant)) = pair.split_once(':') else { continue };
            let Some(grants) = id.parse().ok().and_then(|id: MemberId| said.get_mut(&id)) else { continue };
            grants.extend(Grant::from_key(grant));
        }
        said
    }

    /// What is ticked.
    fn wanted(&self) -> HashMap<MemberId, BTreeSet<Grant>> {
        let mut wanted = self.read(&self.right);
        for id in self.owner.iter().filter_map(|id| id.parse().ok()) {
            wanted.entry(id).and_modify(|grants: &mut BTreeSet<Grant>| _ = grants.insert(Grant::Owner));
        }
        wanted
    }

    fn changes(&self) -> Vec<GrantChange> {
        let (was, is) = (self.read(&self.was), self.wanted());
        let change = |(id, is): (&MemberId, &BTreeSet<Grant>)| {
            let was = was.get(id)?;
            let change = GrantChange {
                id: *id,
                added: is.difference(was).copied().collect(),
                removed: was.difference(is).copied().collect(),
            };
            (was != is).then_some(change)
        };
        let mut changes: Vec<GrantChange> = is.iter().filter_map(change).collect();
        // All who act at once lock people in the same order.
        changes.sort_by_key(|change| change.id);
        changes
    }
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HandOutGrants>,
    Form(form): Form<GrantsForm>,
) -> PageResult {
    if !form.people.is_empty() {
        return change_all(&app, &visitor, &granted, form).await;
    }
    // No member was chosen, so there is none to report on.
    if form.account.is_empty() {
        return Ok(page::redirect(paths::Grants::of(&granted.school.code)));
    }
    let id = member_id(&form.account)?;
    set(&app, &visitor, &granted, id, &form).await
}

pub async fn submit_of_person(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HandOutGrants>,
    Path((_, id)): Path<(String, MemberId)>,
    Form(form): Form<GrantsForm>,
) -> PageResult {
    set(&app, &visitor, &granted, id, &form).await
}

async fn change_all(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::HandOutGrants>,
    form: GrantsForm,
) -> PageResult {
    let changes = form.changes();
    if changes.is_empty() {
        return Ok(page::redirect(back(granted, &form.q, "grants-unchanged", &[])));
    }
    let who: Vec<MemberId> = changes.iter().map(|change| change.id).collect();
    let Err((refusal, name)) = grants::change_all(granted, app, &changes).await? else {
        return Ok(page::redirect(back(granted, &form.q, "grants-changed", &who)));
    };
    let mut page = grants_page(app, visitor, granted, form.q.clone(), &who).await?;
    page.typed = form.wanted();
    page.faults.add_about("grants", format!("fault-grants-{}", refusal.key()), name);
    refused(&page)
}

/// The page again, which names the people whose grants changed.
fn back(granted: &Granted<may::HandOutGrants>, q: &str, done: &str, who: &[MemberId]) -> String {
    let who: Vec<String> = who.iter().take(NAMED).map(MemberId::to_string).collect();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let pairs = [("q", q), ("done", done), ("who", &who.join(","))];
    query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    paths::Grants::of(&granted.school.code).with_query(&query.finish()).to_string()
}

async fn set(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::HandOutGrants>,
    id: MemberId,
    form: &GrantsForm,
) -> PageResult {
    let wanted: Vec<Grant> =
        Grant::ALL.into_iter().filter(|grant| form.grants.iter().any(|key| key == grant.key())).collect();
    match grants::set(granted, app, id, &wanted).await? {
        Ok(()) => Ok(page::redirect(back(granted, "", "grants-changed", &[id]))),
        Err(refusal) => {
            let mut page = grants_page(app, visitor, granted, String::new(), &[]).await?;
            page.faults = FormErrors::one("grants", format!("fault-{}", refusal.key()));
            refused(&page)
        }
    }
}

fn member_id(id: &str) -> Result<MemberId> {
    id.parse().map_err(|_| Error::NotFound)
}
