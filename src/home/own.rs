//! The homes of teachers and pupils: their classes, what waits there, their account.

use askama::Template;
use chrono::NaiveDate;

use super::{
    figures::{self, OwnPlace},
    today::{self, Today},
};
use crate::{
    access::{Granted, may},
    accounts::closing,
    app::App,
    exams::{
        self,
        own::{ComingDay, NextPaper, OwnCorrection, OwnDuty},
    },
    identity::devices,
    schools::{
        class_figures::{self, ClassFigures},
        years,
    },
    shell::{self, MenuPage},
    timetable::lessons::LessonsOf,
    web::{
        PageResult, RequestContext, Shell, Translator,
        chart::{Bars, Share},
        html,
    },
};

#[derive(Template)]
#[template(path = "home/teacher.html")]
struct TeacherHomePage {
    l: Translator,
    shell: Shell,
    code: String,
    school: String,
    line: String,
    name: String,
    login: String,
    classes: Vec<ClassFigures>,
    chart: Bars,
    /// Those who assign classes, where there is none.
    owners: String,
    creates_pupils: bool,
    today: Option<Today>,
    /// Exams that they invigilate next.
    duties: Vec<OwnDuty>,
    /// The next days on which exams are sat.
    exam_days: Vec<ComingDay>,
}

impl TeacherHomePage {
    fn waiting(&self) -> i64 {
        self.classes.iter().map(|class| class.waiting).sum()
    }

    fn never(&self) -> i64 {
        self.classes.iter().map(|class| class.never).sum()
    }
}

pub(super) async fn show_teacher(app: &App, visitor: &RequestContext, granted: &Granted<may::Enter>) -> PageResult {
    let l = visitor.l;
    let member = granted.member();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let classes = match member {
        Some(member) if member.has_homeroom => {
            class_figures::of_year(granted, &mut tx, year.id, Some(member.id)).await?
        }
        _ => Vec::new(),
    };
    let today = match member {
        Some(member) => today::read(granted, app, &mut tx, LessonsOf::Teacher(member.id)).await?,
        None => None,
    };
    let duties = exams::own::next_duties(granted, &mut tx, visitor.now).await?;
    let exam_days = exams::own::coming_days(granted, &mut tx, visitor.now).await?;
    let owners = if classes.is_empty() { figures::owners(granted, &mut tx).await? } else { Vec::new() };
    tx.commit().await?;
    html(&TeacherHomePage {
        l,
        shell: shell::of_school(visitor, granted, MenuPage::Home),
        code: granted.school.code.clone(),
        school: granted.school.name.clone(),
        line: l.t1("accounts-year", "year", year.label()),
        name: member.map(|member| member.full_name.clone()).unwrap_or_default(),
        login: visitor.signed_in()?.login.clone(),
        chart: chart(l, &classes),
        classes,
        owners: l.one_of(&owners),
        creates_pupils: granted.may::<may::CreatePupils>(),
        today,
        duties,
        exam_days,
    })
}

fn chart(l: Translator, classes: &[ClassFigures]) -> Bars {
    let share =
        |class: &ClassFigures| Share { label: class.name.clone(), part: class.signed_in(), whole: class.pupils };
    Bars {
        l,
        id: "own",
        title: l.t("home-own-signed-in"),
        heads: ["accounts-class", "home-chart-signed-in", "home-chart-pupils"].map(|key| l.t(key)),
        shares: classes.iter().filter(|class| class.pupils > 0).map(share).collect(),
    }
}

#[derive(Template)]
#[template(path = "home/pupil.html")]
struct PupilPage {
    l: Translator,
    shell: Shell,
    code: String,
    school: String,
    line: String,
    name: String,
    login: String,
    today: Option<Today>,
    place: Option<OwnPlace>,
    devices: usize,
    /// The day on which the account is closed, where they have finished school.
    closes_on: Option<NaiveDate>,
    corrections: Vec<OwnCorrection>,
    /// The papers that they sit next.
    papers: Vec<NextPaper>,
}

pub(super) async fn show_pupil(app: &App, visitor: &RequestContext, granted: &Granted<may::Enter>) -> PageResult {
    let l = visitor.l;
    let signed_in = visitor.signed_in()?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let place = match granted.member() {
        Some(member) => figures::place_of(granted, &mut tx, year.id, member.id).await?,
        None => None,
    };
    let today = match &place {
        Some(place) => today::read(granted, app, &mut tx, LessonsOf::Class(place.class_id)).await?,
        None => None,
    };
    let closes_on = match granted.member() {
        Some(member) => closing::of_member(granted, &mut tx, member.id).await?,
        None => None,
    };
    let corrections = exams::own::corrections(granted, &mut tx, visitor.now).await?;
    let papers = exams::own::next_papers(granted, &mut tx, visitor.now).await?;
    tx.commit().await?;
    html(&PupilPage {
        closes_on,
        l,
        shell: shell::of_school(visitor, granted, MenuPage::Home),
        code: granted.school.code.clone(),
        school: granted.school.name.clone(),
        today,
        line: l.t1("accounts-year", "year", year.label()),
        name: granted.member().map(|member| member.full_name.clone()).unwrap_or_default(),
        login: signed_in.login.clone(),
        place,
        devices: devices::of_account(&app.db, signed_in, visitor.now).await?.len(),
        corrections,
        papers,
    })
}
