//! A list of several schools in one sheet, handed in by an operator. A column has the code of each row's school; the rows
//! of each become a submission of that school, checked like any other. One in which nothing is wrong is handed in at
//! once; any other stays with the school, to be mended and handed in there.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    io::Cursor,
    net::IpAddr,
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    actions::{self, NewSubmission, SubmitRefusal},
    approval, owners, queue,
};
use crate::{
    access::{Granted, Scope, SignedIn, may},
    app::App,
    db,
    error::{Error, Result},
    ids::{AccountId, PlanId, SchoolId},
    jobs,
    letters::outbox::Letter,
    operator::administered::Administered,
    plan::{
        book::Book,
        model::{Plan, PlanState},
        store as plans,
        upload::{SealedFile, Sealing},
    },
    registry::submissions::{self, SubmissionKind, SubmissionState},
    roster::fields::RosterKind,
    schools::{
        directory,
        settings::{self, RegistrySource},
    },
    sources::{
        import,
        spreadsheet::{FileRefusal, PersonRow, ReadOptions, TableHead, child, write::FailedRows},
    },
    vietnam::text,
    web::{RequestContext, Translator},
};

/// How the column is called, its words run together.
const HEADERS: [&str; 8] =
    ["matruong", "matruonghoc", "macosogiaoduc", "macosogd", "maschool", "schoolcode", "codeofschool", "madonvi"];

/// How many schools one list may be of.
const MOST_SCHOOLS: usize = 300;

/// How many codes or lines a sentence names.
const MOST_NAMED: usize = 10;

/// Why a list is not taken: then nothing of it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListRefusal {
    Unreadable(FileRefusal),
    /// There is no column with the schools' codes.
    NoCodes,
    /// These lines have no code.
    WithoutCode(String),
    /// No school of the operator's provinces has these codes.
    UnknownCodes(String),
    /// These schools keep their registry themselves.
    KeepOwn(String),
    /// Too many files of these schools wait.
    FilesWaiting(String),
    TooManySchools,
    Nobody,
}

impl ListRefusal {
    /// The key of a sentence.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Unreadable(refusal) => format!("refusal-{}", refusal.key()),
            Self::NoCodes => "fault-many-no-codes".to_owned(),
            Self::WithoutCode(_) => "fault-many-without-code".to_owned(),
            Self::UnknownCodes(_) => "fault-many-unknown".to_owned(),
            Self::KeepOwn(_) => "fault-many-keep-own".to_owned(),
            Self::FilesWaiting(_) => "fault-many-files".to_owned(),
            Self::TooManySchools => "fault-many-schools".to_owned(),
            Self::Nobody => "fault-many-nobody".to_owned(),
        }
    }

    /// What the sentence is about.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::WithoutCode(named) | Self::UnknownCodes(named) | Self::KeepOwn(named) | Self::FilesWaiting(named) => {
                named
            }
            Self::Unreadable(_) | Self::NoCodes | Self::TooManySchools | Self::Nobody => "",
        }
    }
}

/// A file of several schools.
pub struct ListOfMany {
    pub kind: SubmissionKind,
    pub file_name: String,
    pub file: Vec<u8>,
}

/// The sheet of one school.
struct SchoolPart {
    school: Administered,
    sheet: FailedRows,
}

/// Begins the submissions; gives how many schools they are of.
///
/// # Errors
/// [`Error::Forbidden`] for an account that is no operator; the inner error is why nothing is taken.
pub async fn begin(
    app: &App,
    visitor: &RequestContext,
    list: ListOfMany,
) -> Result<std::result::Result<usize, ListRefusal>> {
    let signed_in = visitor.signed_in()?;
    let ListOfMany { kind, file_name, file } = list;
    let parts = match split(app, visitor, signed_in, kind, file).await? {
        Ok(parts) => parts,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(refusal) = refusal(app, &parts).await? {
        return Ok(Err(refusal));
    }
    let mut sealed = Vec::with_capacity(parts.len());
    for part in parts {
        sealed.push(seal(app, part).await?);
    }
    begin_all(app, signed_in.account_id, kind, &file_name, sealed).await
}

/// As lists of this kind are read, whatever the kind of school: the rows are read once more for each.
fn roster_kind(kind: SubmissionKind) -> RosterKind {
    match kind {
        SubmissionKind::Classes => RosterKind::Classes,
        SubmissionKind::Staff => RosterKind::Teachers,
        SubmissionKind::Pupils => RosterKind::Students,
    }
}

/// The rows of each school, in a sheet of its own. Rows are written as they come, so that memory does not grow with them.
async fn split(
    app: &App,
    visitor: &RequestContext,
    signed_in: &SignedIn,
    kind: SubmissionKind,
    file: Vec<u8>,
) -> Result<std::result::Result<Vec<SchoolPart>, ListRefusal>> {
    let options = ReadOptions::new(roster_kind(kind), app.clock.today());
    let (head, mut rows) = match child::read_guarded(&app.program, Cursor::new(file), &options).await {
        Ok(read) => read,
        Err(refusal) => return Ok(Err(ListRefusal::Unreadable(refusal))),
    };
    let is_codes = |header: &str| HEADERS.contains(&text::words(header).concat().as_str());
    let Some(place) = head.columns.iter().position(|column| is_codes(&column.header)) else {
        return Ok(Err(ListRefusal::NoCodes));
    };
    let mut splitter = Splitter {
        app,
        signed_in,
        address: visitor.address,
        l: visitor.l,
        kind: options.kind,
        head: &head,
        found: SchoolsInList::default(),
    };
    loop {
        match rows.next().await {
            Ok(Some(row)) => {
                if rows.begins_anew() {
                    splitter.found = SchoolsInList::default();
                }
                splitter.add(row, place).await?;
                if let Some(refusal) = splitter.found.too_many() {
                    return Ok(Err(refusal));
                }
            }
            Ok(None) => break,
            Err(refusal) => return Ok(Err(ListRefusal::Unreadable(refusal))),
        }
    }
    Ok(splitter.found.settled())
}

/// The schools that the rows so far name.
#[derive(Default)]
struct SchoolsInList {
    /// The schools by the codes of the list, today's or old ones, in lower case.
    schools: BTreeMap<String, SchoolId>,
    parts: BTreeMap<SchoolId, SchoolPart>,
    unknown: BTreeSet<String>,
    without_code: Vec<u32>,
}

impl SchoolsInList {
    /// Why the rest need not be read.
    fn too_many(&self) -> Option<ListRefusal> {
        if self.parts.len() > MOST_SCHOOLS {
            return Some(ListRefusal::TooManySchools);
        }
        // Each of them was looked for.
        (self.unknown.len() > MOST_SCHOOLS).then(|| ListRefusal::UnknownCodes(named(&self.unknown)))
    }

    fn settled(self) -> std::result::Result<Vec<SchoolPart>, ListRefusal> {
        if !self.without_code.is_empty() {
            return Err(ListRefusal::WithoutCode(named(self.without_code)));
        }
        if !self.unknown.is_empty() {
            return Err(ListRefusal::UnknownCodes(named(self.unknown)));
        }
        if self.parts.is_empty() { Err(ListRefusal::Nobody) } else { Ok(self.parts.into_values().collect()) }
    }
}

struct Splitter<'a> {
    app: &'a App,
    signed_in: &'a SignedIn,
    /// Where the operator is, for the record.
    address: Option<IpAddr>,
    l: Translator,
    kind: RosterKind,
    head: &'a TableHead,
    found: SchoolsInList,
}

impl Splitter<'_> {
    async fn add(&mut self, row: PersonRow, place: usize) -> Result<()> {
        let code = row.cells.get(place).map(|cell| text::clean(cell)).unwrap_or_default();
        let folded = code.to_lowercase();
        if folded.is_empty() {
            self.found.without_code.push(row.line);
            return Ok(());
        }
        if !self.found.schools.contains_key(&folded) && !self.found.unknown.contains(&code) {
            match Administered::find(self.app, self.signed_in, self.address, &folded).await {
                Ok(school) => self.begin_part(folded.clone(), school)?,
                Err(Error::NotFound) => drop(self.found.unknown.insert(code)),
                Err(error) => return Err(error),
            }
        }
        let school_id = self.found.schools.get(&folded);
        match school_id.and_then(|id| self.found.parts.get_mut(id)) {
            Some(part) => part.sheet.push(&row, "").map_err(internal),
            None => Ok(()),
        }
    }

    fn begin_part(&mut self, code: String, school: Administered) -> Result<()> {
        let (l, id) = (self.l, school.school_id());
        self.found.schools.insert(code, id);
        if let Entry::Vacant(place) = self.found.parts.entry(id) {
            let sheet = FailedRows::new(self.kind, &self.head.columns, &|key| l.t(key)).map_err(internal)?;
            place.insert(SchoolPart { school, sheet });
        }
        Ok(())
    }
}

fn internal(fault: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Internal(anyhow::Error::new(fault))
}

fn named(each: impl IntoIterator<Item = impl ToString>) -> String {
    let mut each = each.into_iter().map(|each| each.to_string());
    let shown: Vec<String> = each.by_ref().take(MOST_NAMED).collect();
    let more = if each.next().is_some() { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// What is asked of every school before a submission of any begins.
async fn refusal(app: &App, parts: &[SchoolPart]) -> Result<Option<ListRefusal>> {
    let (mut keep_own, mut full) = (Vec::new(), Vec::new());
    for part in parts {
        let (granted, code): (Granted<may::ManageRegistry>, _) = (part.school.grant()?, &part.school.school.code);
        let mut tx = app.db.begin_in(granted.school_id()).await?;
        let source = settings::registry_source(&granted, &mut tx).await?;
        tx.commit().await?;
        if source == RegistrySource::Own {
            keep_own.push(code);
        } else if !import::has_room(&granted, app, Book::Registry).await? {
            full.push(code);
        }
    }
    Ok(match (keep_own.is_empty(), full.is_empty()) {
        (false, _) => Some(ListRefusal::KeepOwn(named(keep_own))),
        (true, false) => Some(ListRefusal::FilesWaiting(named(full))),
        (true, true) => None,
    })
}

/// The list of one school, ready to be kept.
async fn seal(app: &App, part: SchoolPart) -> Result<(Administered, SealedFile)> {
    let SchoolPart { school, sheet } = part;
    let written = tokio::task::spawn_blocking(move || {
        let mut file = Vec::new();
        sheet.finish(Cursor::new(&mut file)).map(|()| file)
    });
    let written = written.await.map_err(anyhow::Error::new)?.map_err(internal)?;
    let mut sealing = Sealing::begin(app)?;
    sealing.push(&written).await?;
    Ok((school, sealing.finish().await?))
}

/// One transaction for all schools, each in its own scope: a list that is sent again after a failure doubles nothing.
async fn begin_all(
    app: &App,
    account_id: AccountId,
    kind: SubmissionKind,
    file_name: &str,
    lists: Vec<(Administered, SealedFile)>,
) -> Result<std::result::Result<usize, ListRefusal>> {
    let count = lists.len();
    let Some((first, _)) = lists.first() else { return Ok(Err(ListRefusal::Nobody)) };
    let mut tx = app.db.begin_lasting_in(first.school_id()).await?;
    for (school, file) in lists {
        let granted: Granted<may::ManageRegistry> = school.grant()?;
        let school_id = granted.school_id();
        db::switch_scope(&mut tx, school_id).await?;
        let new = NewSubmission { kind, file_name, file, year_id: None, token_id: None };
        // They were asked before; what has changed in this moment is answered alike.
        let plan_id = match actions::begin_in(&granted, app, &mut tx, new).await {
            Ok(plan_id) => plan_id,
            Err(Error::Forbidden) => return Ok(Err(ListRefusal::KeepOwn(school.school.code.clone()))),
            Err(Error::FilesWaiting) => return Ok(Err(ListRefusal::FilesWaiting(school.school.code.clone()))),
            Err(error) => return Err(error),
        };
        jobs::enqueue(&mut tx, &HandInForSchool { school_id, plan_id, account_id }).await?;
    }
    tx.commit().await?;
    Ok(Ok(count))
}

/// Hand in the submission of this plan, which an operator has begun, once it has been checked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HandInForSchool {
    school_id: SchoolId,
    plan_id: PlanId,
    account_id: AccountId,
}

impl jobs::Job for HandInForSchool {
    const NAME: &'static str = "hand_in_for_school";
    const MAX_ATTEMPTS: i16 = 10;
    const LANE: jobs::Lane = jobs::Lane::Files;

    fn queue(&self) -> Option<String> {
        // Behind the job that reads the file.
        Some(format!("files:{}", self.school_id))
    }
}

impl jobs::Handle<App> for HandInForSchool {
    async fn handle(self, app: Arc<App>, attempt: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        let system = Scope::system(school);
        let Some(scope) = approval::scope_of(&system, &app, self.account_id).await? else { return Ok(()) };
        let mut tx = app.db.begin_in(self.school_id).await?;
        let plan = plans::find_in(&scope, &mut tx, Book::Registry, self.plan_id).await?;
        let submission = submissions::find(&scope, &mut tx, self.plan_id).await?;
        if plan.state == PlanState::Reading && !attempt.is_last {
            // Behind the attempt at reading that is still to come: the jobs of a queue run one after another.
            jobs::enqueue(&mut tx, &self).await?;
            tx.commit().await?;
            return Ok(());
        }
        tx.commit().await?;
        if plan.state != PlanState::Ready || submission.state != SubmissionState::Draft {
            return Ok(());
        }
        if plan.counts.left_out() == 0 {
            let handed_in = actions::submit(&scope.grant()?, &app, self.plan_id, false).await?;
            if matches!(handed_in, Ok(()) | Err(SubmitRefusal::Nothing | SubmitRefusal::NotOpen)) {
                return Ok(());
            }
        }
        Ok(leave_with_school(&scope, &app, &plan, submission.kind).await?)
    }
}

/// What keeps a list back is told on the school's page: its owners get a mail, and the operator sees that it is theirs.
async fn leave_with_school(scope: &Scope, app: &App, plan: &Plan, kind: SubmissionKind) -> Result<()> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    if queue::leave_with_school(scope, &mut tx, plan, kind, app.clock.now()).await? {
        owners::tell(scope, app, &mut tx, |name| Letter::SubmissionToCorrect {
            name,
            school: scope.school.name.clone(),
            school_code: scope.school.code.clone(),
            plan_id: plan.id,
            rows: plan.counts.left_out(),
        })
        .await?;
    }
    tx.commit().await?;
    Ok(())
}
