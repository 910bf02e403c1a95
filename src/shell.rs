//! The frame of a school's pages: its menu shows what the person may use, in the words and order that schools know.

use crate::{
    access::{Grant, Role, Scope, may},
    paths::{self, Address},
    web::{
        RequestContext, Shell, Translator,
        page::{Brand, Me, MenuEntry, MenuGroup, Search},
    },
};

/// The pages that the menu leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuPage {
    Home,
    MyClasses,
    Accounts,
    /// A teacher creates a pupil.
    NewPupil,
    Import,
    /// Syncing the accounts with the registry.
    Sync,
    /// What the school hands in for the registry.
    Submissions,
    /// The school's part of the registry.
    Registry,
    /// People who registered themselves and wait.
    Waiting,
    Grants,
    /// The hand-out ledger of slips.
    Ledger,
    Classes,
    /// The timetable of the school, for those who make it.
    Timetable,
    /// Everybody's own timetable.
    OwnTimetable,
    /// The exams of the school.
    Exams,
    /// The draft for the coming year.
    NewYear,
    /// The own marks, duties and tasks.
    OwnExams,
    Settings,
    Audit,
    Reports,
}

impl MenuPage {
    fn link(self, code: &str) -> (Address, &'static str, &'static str) {
        match self {
            Self::Home => (paths::School::of(code).into(), "menu-home", "home"),
            Self::MyClasses => (paths::OwnClasses::of(code).into(), "menu-my-classes", "chalkboard"),
            Self::Accounts => (paths::Accounts::of(code).into(), "menu-accounts", "users"),
            Self::NewPupil => (paths::NewStudent::of(code).into(), "form-new-student", "user-plus"),
            Self::Import => (paths::Plans::of(code).into(), "menu-import", "file-spreadsheet"),
            Self::Sync => (paths::AccountsSync::of(code).into(), "menu-sync", "refresh"),
            Self::Submissions => (paths::Submissions::of(code).into(), "menu-submissions", "upload"),
            Self::Registry => (paths::RegistryPeople::of(code).into(), "menu-registry", "list-check"),
            Self::Waiting => (paths::Accounts::of(code).with("status", "pending"), "menu-waiting", "user-check"),
            Self::Ledger => (paths::SlipsLedger::of(code).into(), "menu-ledger", "list-check"),
            Self::Grants => (paths::Grants::of(code).into(), "menu-grants", "shield-check"),
            Self::Settings => (paths::Settings::of(code).into(), "menu-settings", "settings"),
            Self::Audit => (paths::Audit::of(code).into(), "menu-audit", "history"),
            Self::Classes => (paths::Classes::of(code).into(), "menu-classes", "chalkboard"),
            Self::Timetable => (paths::Timetable::of(code).into(), "menu-timetable", "calendar"),
            Self::OwnTimetable => (paths::Timetable::of(code).into(), "menu-own-timetable", "calendar"),
            Self::OwnExams => (paths::OwnExams::of(code).into(), "menu-own-exams", "writing"),
            Self::Exams => (paths::Exams::of(code).into(), "menu-exams", "writing"),
            Self::Reports => (paths::ReportUsers::of(code).into(), "menu-reports", "chart-bar"),
            Self::NewYear => (paths::Rollover::of(code).into(), "menu-new-year", "calendar"),
        }
    }
}

/// The shell of a school's page.
#[must_use]
pub fn of_school(visitor: &RequestContext, scope: &Scope, active: MenuPage) -> Shell {
    let l = visitor.l;
    let code = &scope.school.code;
    let waiting = scope.member().map_or(0, |member| member.waiting);
    let entry = |entry: MenuPage| {
        let (href, key, icon) = entry.link(code);
        let count = if entry == MenuPage::Waiting { waiting } else { 0 };
        MenuEntry { href: href.into(), label: l.t(key), icon, is_active: entry == active, count }
    };
    let group = |label: Option<&str>, entries: &[(MenuPage, bool)]| MenuGroup {
        label: label.map(|key| l.t(key)),
        entries: entries.iter().filter(|(_, may)| *may).map(|(shown, _)| entry(*shown)).collect(),
    };
    let manages_accounts = scope.may::<may::ManageAccounts>();
    let makes_timetable = scope.may::<may::ManageTimetable>();
    let groups = [
        group(
            None,
            &[
                (MenuPage::Home, true),
                (MenuPage::MyClasses, scope.member().is_some_and(|member| member.has_homeroom)),
                (MenuPage::OwnTimetable, scope.member().is_some() && !makes_timetable),
                (MenuPage::OwnExams, !scope.may::<may::ManageExams>() && !manages_accounts),
            ],
        ),
        group(
            Some("menu-group-accounts"),
            &[
                (MenuPage::Accounts, manages_accounts),
                (MenuPage::NewPupil, !manages_accounts && scope.may::<may::CreatePupils>()),
                (MenuPage::Import, manages_accounts),
                (MenuPage::Sync, manages_accounts),
                (MenuPage::Ledger, scope.may::<may::PrintSlips>()),
                (MenuPage::Waiting, manages_accounts),
                (MenuPage::Grants, scope.may::<may::HandOutGrants>()),
            ],
        ),
        group(
            Some("menu-group-teaching"),
            &[
                (MenuPage::Classes, scope.may::<may::ManageClasses>()),
                (MenuPage::NewYear, scope.may::<may::ManageClasses>()),
                (MenuPage::Timetable, makes_timetable),
                (MenuPage::Exams, scope.may::<may::ManageExams>()),
            ],
        ),
        group(
            Some("menu-group-registry"),
            &[
                (MenuPage::Submissions, scope.may::<may::ManageRegistry>()),
                (MenuPage::Registry, scope.may::<may::ManageRegistry>()),
            ],
        ),
        group(Some("menu-group-reports"), &[(MenuPage::Reports, scope.may::<may::SeeReports>())]),
        group(
            Some("menu-group-system"),
            &[
                (MenuPage::Settings, scope.may::<may::ChangeSettings>()),
                (MenuPage::Audit, scope.may::<may::SeeAudit>()),
            ],
        ),
    ];
    Shell {
        brand: Some(Brand {
            href: paths::School::of(code).to_string(),
            title: scope.school.name.clone(),
            subtitle: l.t1("shell-school-code", "code", scope.school.code.as_str()),
            logo: scope.school.logo_address(),
            tone: scope.school.tone(),
            elsewhere: scope.member().map_or_else(Vec::new, |member| {
                member
                    .elsewhere
                    .iter()
                    .map(|each| (paths::School::of(&each.code).to_string(), each.name.clone()))
                    .collect()
            }),
        }),
        me: scope.member().map(|member| Me { name: member.full_name.clone(), role: role_label(&l, scope) }),
        menu: groups.into_iter().filter(|group| !group.entries.is_empty()).collect(),
        search: manages_accounts.then(|| Search { action: paths::Search::of(code).to_string(), value: String::new() }),
        ..Shell::plain(visitor)
    }
}

/// The person's role in the school, in one word.
fn role_label(l: &Translator, scope: &Scope) -> String {
    let Some(member) = scope.member() else { return String::new() };
    l.t(match (member.authority.role, member.authority.grants.contains(&Grant::Owner)) {
        (_, true) => "grant-owner",
        (Role::Manager, _) => "role-manager",
        (Role::Teacher, _) => "role-teacher",
        (Role::Student, _) => "role-student",
    })
}

/// The pages that an operator's menu leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorEntry {
    Schools,
    Submissions,
    Companies,
    Units,
    Clients,
    Reports,
}

/// The shell of an operator's pages.
#[must_use]
pub fn of_operator(visitor: &RequestContext, active: OperatorEntry) -> Shell {
    let l = visitor.l;
    let operator = visitor.signed_in.as_ref().and_then(|signed_in| signed_in.operator.as_ref());
    let entry = |entry: OperatorEntry, href: &str, key: &str, icon: &'static str| MenuEntry {
        href: href.to_owned(),
        label: l.t(key),
        icon,
        is_active: entry == active,
        count: if entry == OperatorEntry::Companies { visitor.waiting_companies } else { 0 },
    };
    let mut entries = vec![
        entry(OperatorEntry::Schools, paths::OperatorSchools::PATH, "menu-schools", "school"),
        entry(OperatorEntry::Submissions, paths::OperatorSubmissions::PATH, "menu-operator-submissions", "list-check"),
        entry(OperatorEntry::Units, paths::OperatorUnits::PATH, "menu-units", "map-pin"),
        entry(OperatorEntry::Clients, paths::OperatorClients::PATH, "menu-clients", "key"),
        entry(OperatorEntry::Reports, paths::OperatorReports::PATH, "menu-reports", "chart-bar"),
    ];
    if operator.is_some_and(|operator| operator.is_national) {
        entries.push(entry(OperatorEntry::Companies, paths::OperatorCompanies::PATH, "menu-companies", "building"));
    }
    Shell {
        brand: Some(Brand {
            href: paths::OperatorSchools::PATH.to_owned(),
            title: "Schoolgate".to_owned(),
            subtitle: l.t("shell-operator"),
            logo: None,
            tone: None,
            elsewhere: Vec::new(),
        }),
        me: operator.map(|operator| Me { name: operator.name.clone(), role: l.t("shell-operator") }),
        menu: vec![MenuGroup { label: None, entries }],
        ..Shell::plain(visitor)
    }
}
