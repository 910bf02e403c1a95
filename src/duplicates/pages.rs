//! The pages: probable pairs and recent merges; two members side by side, to merge them or tell them apart.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use axum::extract::{Path, State};
use sqlx::PgConnection;

use super::{
    belongings::{Belongings, CountedBelongings, belongings},
    merge::{self, MergeChoice, UNDO_DAYS},
    pairs::{self, COMPARED, Pair},
    undo::{self, Merge, Undone},
};
use crate::{
    access::{Action, Granted, MemberAction, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::{MemberId, MergeId},
    paths, plan,
    roster::{
        fields::Field,
        model::Status,
        store::{self as members, MemberRecord},
        subject,
    },
    routes::{Access, Routes},
    schools::years,
    shell::{self, MenuPage},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[must_use]
pub fn routes() -> Routes {
    let accounts = Access::School(Action::ManageAccounts);
    Routes::new()
        .get(paths::LikelyPairs::PATH, accounts, list)
        .get(paths::LikelyPair::PATH, accounts, pair)
        .post(paths::PairMerge::PATH, accounts, submit)
        .post(paths::PairDismissal::PATH, accounts, dismiss)
        .post(paths::MergeUndo::PATH, accounts, take_back)
}

#[derive(Template)]
#[template(path = "duplicates/list.html")]
struct DuplicatesPage {
    l: Translator,
    shell: Shell,
    code: String,
    pairs: Vec<Pair>,
    merges: Vec<Merge>,
}

impl DuplicatesPage {
    fn days(&self) -> i64 {
        UNDO_DAYS
    }

    fn labels(&self, fields: &[Field]) -> String {
        labels(&self.l, fields)
    }

    fn name(&self, known: &MemberRecord) -> String {
        shown(&self.l, known, Field::FullName)
    }

    fn class(&self, known: &MemberRecord) -> String {
        shown(&self.l, known, Field::Class)
    }

    fn stays(&self, merge: &Merge) -> String {
        merge.stays.iter().map(|what| self.l.tk("merge-stays", what)).collect::<Vec<_>>().join(", ")
    }
}

fn labels(l: &Translator, fields: &[Field]) -> String {
    fields.iter().map(|field| l.t(field.label_key())).collect::<Vec<_>>().join(", ")
}

fn shown(l: &Translator, known: &MemberRecord, field: Field) -> String {
    plan::shown(l, field, known.values.get(&field).map_or("", String::as_str))
}

async fn list(State(app): State<App>, visitor: RequestContext, granted: Granted<may::ManageAccounts>) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let pairs = pairs::find(&granted, &mut tx, year.id).await?;
    let merges = undo::lately(&granted, &mut tx, visitor.now).await?;
    tx.commit().await?;
    html(&DuplicatesPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, MenuPage::Accounts),
        code: granted.school.code.clone(),
        pairs,
        merges,
    })
}

#[derive(Template)]
#[template(path = "duplicates/pair.html")]
struct PairPage {
    l: Translator,
    shell: Shell,
    code: String,
    pair: Pair,
    has: [Belongings; 2],
    /// Both are below the actor.
    may_merge: bool,
    form: HashMap<String, String>,
    faults: FormErrors,
}

impl PairPage {
    fn fields(&self) -> Vec<Field> {
        let is_there =
            |field: &Field| [&self.pair.a, &self.pair.b].iter().any(|known| known.values.contains_key(field));
        // What is not listed stays as the one who stays has it.
        let is_other = |field: &Field| {
            !COMPARED.contains(field) && !matches!(field, Field::Username | Field::Password | Field::Status)
        };
        COMPARED.into_iter().chain(Field::ALL.into_iter().filter(is_other)).filter(is_there).collect()
    }

    fn value(&self, known: &MemberRecord, field: &Field) -> String {
        shown(&self.l, known, *field)
    }

    fn differs(&self, field: &Field) -> bool {
        self.pair.differ.contains(field)
    }

    /// Whether one chooses between the two values. A class that only one of them has goes over by itself.
    fn is_choice(&self, field: &Field) -> bool {
        let is_login = *field == Field::Email && (self.pair.a.signs_in_by_email || self.pair.b.signs_in_by_email);
        let value = |known: &MemberRecord| known.values.get(field).cloned();
        let (a, b) = (value(&self.pair.a), value(&self.pair.b));
        !is_login && a.is_some() && b.is_some() && a != b
    }

    fn is_kept(&self, known: &MemberRecord) -> bool {
        match self.form.get("keep") {
            Some(keep) => *keep == known.id.to_string(),
            None => known.id == self.pair.a.id,
        }
    }

    fn is_chosen(&self, name: &str, letter: &str, default: &str) -> bool {
        self.form.get(name).map_or(default, String::as_str) == letter
    }

    fn days(&self) -> i64 {
        UNDO_DAYS
    }

    fn both(&self) -> [&MemberRecord; 2] {
        [&self.pair.a, &self.pair.b]
    }

    fn has_grants(&self) -> bool {
        self.has.iter().any(|each| !each.grants.is_empty())
    }

    fn has_homerooms(&self) -> bool {
        self.has.iter().any(|each| !each.homerooms.is_empty())
    }

    /// The one who stays keeps their own, unless the other's was chosen.
    fn is_field(&self, field: &Field, letter: &str) -> bool {
        self.is_chosen(&format!("field_{}", field.key()), letter, self.kept_letter())
    }

    fn is_account(&self, is_first: &bool) -> bool {
        self.is_chosen("account", if *is_first { "a" } else { "b" }, self.account_letter())
    }

    /// The account that is proposed: that of a member who has left only where the other has none.
    fn account_letter(&self) -> &'static str {
        let has_left = |known: &MemberRecord| known.status == Status::Left || known.account_id.is_none();
        match (has_left(&self.pair.a), has_left(&self.pair.b)) {
            (true, false) => "b",
            (false, true) => "a",
            _ => self.kept_letter(),
        }
    }

    fn kept_letter(&self) -> &'static str {
        if self.is_kept(&self.pair.a) { "a" } else { "b" }
    }

    fn status(&self, known: &MemberRecord) -> String {
        self.l.tk("status", known.status.key())
    }

    /// Whether one of them has any of it.
    fn has_any(&self, count: fn(&CountedBelongings) -> i64) -> bool {
        self.has.iter().any(|each| count(&each.counted) > 0)
    }

    fn has_plans(&self) -> bool {
        self.has_any(|counted| counted.plans)
    }

    fn has_lessons(&self) -> bool {
        self.has_any(|counted| counted.lessons)
    }

    fn has_exams(&self) -> bool {
        self.has_any(|counted| counted.exams)
    }

    fn grants(&self, has: &Belongings) -> String {
        has.grants.iter().map(|grant| self.l.tk("grant", grant)).collect::<Vec<_>>().join(", ")
    }
}

type Pairing = Path<(String, MemberId, MemberId)>;

async fn pair(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, a, b)): Pairing,
) -> PageResult {
    html(&pair_page(&app, &visitor, &granted, a, b).await?)
}

async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, a, b)): Pairing,
    Form(form): Form<HashMap<String, String>>,
) -> PageResult {
    let page = pair_page(&app, &visitor, &granted, a, b).await?;
    let keep: Option<MemberId> = form.get("keep").and_then(|keep| keep.parse().ok());
    let Some(kept) = keep.filter(|keep| [a, b].contains(keep)) else {
        return refused(&PairPage { form, faults: FormErrors::one("keep", "fault-merge-keep"), ..page });
    };
    let (gone, letter_of_gone) = if kept == a { (b, "b") } else { (a, "a") };
    let is_of_gone = |name: &str| form.get(name).is_some_and(|letter| letter == letter_of_gone);
    let of_gone: BTreeSet<Field> =
        Field::ALL.into_iter().filter(|field| is_of_gone(&format!("field_{}", field.key()))).collect();
    let choice = MergeChoice {
        kept,
        gone,
        of_gone,
        account_of_gone: is_of_gone("account"),
        ends_login: form.get("login").is_some_and(|login| login == "end"),
    };
    match merge::merge(&granted, &app, &choice).await? {
        Ok(_) => {
            let list = paths::LikelyPairs::of(&granted.school.code).with("done", "merged");
            Ok(page::redirect(list.to_string()))
        }
        Err(refusal) => refused(&PairPage { form, faults: FormErrors::one("keep", refusal.key()), ..page }),
    }
}

/// The two are two people: remembered for good.
async fn dismiss(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, a, b)): Pairing,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    two(&app, &granted, &mut tx, a, b).await?;
    pairs::tell_apart(&granted, &app, &mut tx, a, b).await?;
    let event = Event::about(AuditAction::ToldApart { other: b }, a.uuid());
    audit::record(&granted, &app, &mut tx, event).await?;
    tx.commit().await?;
    let list = paths::LikelyPairs::of(&granted.school.code).with("done", "told-apart");
    Ok(page::redirect(list.to_string()))
}

async fn take_back(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MergeId)>,
) -> PageResult {
    let done = match undo::undo(&granted, &app, id).await? {
        Undone::Done(stays) if stays.is_empty() => "merge-undone",
        Undone::Done(_) => "merge-undone-in-part",
        Undone::Over => "merge-not-undone",
        Undone::Behind => "merge-behind",
        Undone::Taken => "merge-taken",
    };
    Ok(page::redirect(paths::LikelyPairs::of(&granted.school.code).with("done", done).to_string()))
}

/// Two members of the school.
async fn two(
    app: &App,
    scope: &Scope,
    tx: &mut PgConnection,
    a: MemberId,
    b: MemberId,
) -> Result<(MemberRecord, MemberRecord)> {
    let year = years::current(scope, tx, app.clock.today()).await?;
    let mut known = members::known(scope, tx, year.id, &[a, b]).await?;
    let place = known.iter().position(|known| known.id == a).ok_or(Error::NotFound)?;
    let one = known.swap_remove(place);
    let other = known.pop().filter(|known| known.id == b).ok_or(Error::NotFound)?;
    Ok((one, other))
}

async fn pair_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    a: MemberId,
    b: MemberId,
) -> Result<PairPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let (one, other) = two(app, granted, &mut tx, a, b).await?;
    let has = [belongings(granted, &mut tx, &one).await?, belongings(granted, &mut tx, &other).await?];
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let mut may_merge = true;
    for known in [&one, &other] {
        let target = subject::target(granted, &mut tx, year.id, known).await?;
        may_merge &= granted.permits(MemberAction::Leave, &target);
    }
    tx.commit().await?;
    Ok(PairPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Accounts),
        code: granted.school.code.clone(),
        pair: pairs::compared(&one, &other),
        has,
        may_merge,
        form: HashMap::new(),
        faults: FormErrors::new(),
    })
}
