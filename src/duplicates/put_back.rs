//! The rows beside the two members that go back when a merge is undone.

use sqlx::PgConnection;

use super::{
    planned::PlannedBack,
    snapshot::{RowHandback, RowTakeback, Snapshot, handback, takeback, takeback_of_these, text},
    statements::write_rows,
};
use crate::{access::Scope, error::Result, ids::MemberId};

/// What goes back, table by table.
#[derive(Debug)]
pub(super) struct RowsBack {
    places: RowTakeback,
    stays: RowTakeback,
    grants: RowTakeback,
    guardians: RowTakeback,
    links: RowTakeback,
    closings: RowTakeback,
    names: RowTakeback,
    homerooms: RowTakeback,
    next_homerooms: RowHandback,
    new_homerooms: RowHandback,
    told_apart: RowTakeback,
    drafts: RowTakeback,
    entries: RowTakeback,
    plans: RowTakeback,
    merges: RowHandback,
    aliases: RowHandback,
    planned: PlannedBack,
}

impl RowsBack {
    /// Of the rows before a merge, after it and now.
    pub fn of(before: &Snapshot, after: &Snapshot, now: &Snapshot) -> Self {
        let of_stay = ["member_id", "school_year_id", "class_id", "to_day"];
        Self {
            places: takeback(&before.enrolments, &after.enrolments, &now.enrolments, &["member_id", "school_year_id"]),
            stays: takeback(&before.stays, &after.stays, &now.stays, &of_stay),
            grants: takeback(&before.grants, &after.grants, &now.grants, &["member_id", "grant"]),
            guardians: takeback(&before.guardians, &after.guardians, &now.guardians, &["member_id", "relation"]),
            links: takeback(&before.links, &after.links, &now.links, &["registry_person_id"]),
            closings: takeback(&before.closings, &after.closings, &now.closings, &["member_id"]),
            names: takeback(&before.scim_people, &after.scim_people, &now.scim_people, &["member_id"]),
            homerooms: takeback(&before.homerooms, &after.homerooms, &now.homerooms, &["id"]),
            next_homerooms: handback(
                &before.next_homerooms,
                &after.next_homerooms,
                &now.next_homerooms,
                &["rollover_id", "name"],
                "homeroom_member_id",
            ),
            new_homerooms: handback(
                &before.new_homerooms,
                &after.new_homerooms,
                &now.new_homerooms,
                &["plan_id", "name"],
                "homeroom_member_id",
            ),
            told_apart: takeback_of_these(&before.told_apart, &after.told_apart, &now.told_apart, &["a", "b"]),
            drafts: takeback_of_these(&before.drafts, &after.drafts, &now.drafts, &["rollover_id", "member_id"]),
            entries: takeback_of_these(&before.entries, &after.entries, &now.entries, &["member_id", "hour"]),
            plans: takeback_of_these(&before.plans, &after.plans, &now.plans, &["id"]),
            merges: handback(&before.merges, &after.merges, &now.merges, &["id"], "kept_id"),
            aliases: handback(&before.aliases, &after.aliases, &now.aliases, &["merge_id"], "member_id"),
            planned: PlannedBack::of(&before.planned, &after.planned, &now.planned),
        }
    }

    /// What stays, by the keys of words.
    pub fn what_stays(&self) -> Vec<String> {
        let [exams, timetable] = self.planned.stays();
        let counted = [
            ("classes", self.places.stays + self.stays.stays),
            ("grants", self.grants.stays),
            ("guardians", self.guardians.stays),
            ("registry", self.links.stays),
            ("closing", self.closings.stays),
            ("scim", self.names.stays),
            ("homerooms", self.homerooms.stays + self.next_homerooms.stays + self.new_homerooms.stays),
            ("draft", self.drafts.stays),
            ("exams", exams),
            ("timetable", timetable),
        ];
        counted.into_iter().filter(|(_, stays)| *stays > 0).map(|(what, _)| what.to_owned()).collect()
    }

    /// Takes away what the merge has given, before the member who went is there again.
    pub async fn take_away(&self, scope: &Scope, tx: &mut PgConnection) -> Result<()> {
        write_rows!(scope, tx;
            "DELETE FROM enrolments t USING jsonb_populate_recordset(NULL::enrolments, $2) g
             WHERE t.school_id = $1 AND t.member_id = g.member_id AND t.school_year_id = g.school_year_id"
                => self.places.delete;
            "DELETE FROM past_stays t USING jsonb_populate_recordset(NULL::past_stays, $2) g
             WHERE t.school_id = $1 AND t.member_id = g.member_id AND t.school_year_id = g.school_year_id
                 AND t.class_id = g.class_id AND t.to_day = g.to_day" => self.stays.delete;
            r#"DELETE FROM grants t USING jsonb_populate_recordset(NULL::grants, $2) g
               WHERE t.school_id = $1 AND t.member_id = g.member_id AND t."grant" = g."grant""# => self.grants.delete;
            "DELETE FROM guardians t USING jsonb_populate_recordset(NULL::guardians, $2) g
             WHERE t.school_id = $1 AND t.member_id = g.member_id AND t.relation = g.relation" => self.guardians.delete;
            "DELETE FROM registry_links t USING jsonb_populate_recordset(NULL::registry_links, $2) g
             WHERE t.school_id = $1 AND t.registry_person_id = g.registry_person_id" => self.links.delete;
        );
        self.take_away_notes(scope, tx).await
    }

    async fn take_away_notes(&self, scope: &Scope, tx: &mut PgConnection) -> Result<()> {
        write_rows!(scope, tx;
            "DELETE FROM closings t USING jsonb_populate_recordset(NULL::closings, $2) g
             WHERE t.school_id = $1 AND t.member_id = g.member_id" => self.closings.delete;
            "DELETE FROM scim_people t USING jsonb_populate_recordset(NULL::scim_people, $2) g
             WHERE t.school_id = $1 AND t.member_id = g.member_id" => self.names.delete;
            "DELETE FROM told_apart t USING jsonb_populate_recordset(NULL::told_apart, $2) g
             WHERE t.school_id = $1 AND t.a = g.a AND t.b = g.b" => self.told_apart.delete;
            "DELETE FROM rollover_pupils t USING jsonb_populate_recordset(NULL::rollover_pupils, $2) g
             WHERE t.school_id = $1 AND t.member_id = g.member_id AND t.rollover_id = g.rollover_id"
                => self.drafts.delete;
            "DELETE FROM entries t USING jsonb_populate_recordset(NULL::entries, $2) g
             WHERE t.school_id = $1 AND t.member_id = g.member_id AND t.hour = g.hour" => self.entries.delete;
        );
        Ok(())
    }

    /// Gives both what they had, once both are there.
    pub async fn give(&self, scope: &Scope, tx: &mut PgConnection, kept: MemberId) -> Result<()> {
        self.give_places(scope, tx).await?;
        self.give_standing(scope, tx).await?;
        self.give_notes(scope, tx).await?;
        self.give_deeds(scope, tx).await?;
        self.give_homerooms(scope, tx).await?;
        self.planned.write(scope, tx, kept).await
    }

    async fn give_places(&self, scope: &Scope, tx: &mut PgConnection) -> Result<()> {
        write_rows!(scope, tx;
            "INSERT INTO enrolments SELECT g.* FROM jsonb_populate_recordset(NULL::enrolments, $2) g
             JOIN classes c ON c.school_id = $1 AND c.id = g.class_id WHERE g.school_id = $1 ON CONFLICT DO NOTHING"
                => self.places.insert;
            "INSERT INTO past_stays SELECT g.* FROM jsonb_populate_recordset(NULL::past_stays, $2) g
             JOIN classes c ON c.school_id = $1 AND c.id = g.class_id WHERE g.school_id = $1 ON CONFLICT DO NOTHING"
                => self.stays.insert;
            "INSERT INTO rollover_pupils SELECT g.* FROM jsonb_populate_recordset(NULL::rollover_pupils, $2) g
             JOIN rollovers r ON r.school_id = $1 AND r.id = g.rollover_id
             WHERE g.school_id = $1 AND (g.target IS NULL OR EXISTS (
                 SELECT FROM rollover_targets t
                 WHERE t.school_id = $1 AND t.rollover_id = g.rollover_id AND t.name = g.target)) ON CONFLICT DO NOTHING"
                => self.drafts.insert;
        );
        Ok(())
    }

    async fn give_standing(&self, scope: &Scope, tx: &mut PgConnection) -> Result<()> {
        write_rows!(scope, tx;
            "INSERT INTO grants SELECT g.* FROM jsonb_populate_recordset(NULL::grants, $2) g
             WHERE g.school_id = $1 ON CONFLICT DO NOTHING" => self.grants.insert;
            "INSERT INTO guardians SELECT g.* FROM jsonb_populate_recordset(NULL::guardians, $2) g
             WHERE g.school_id = $1 ON CONFLICT DO NOTHING" => self.guardians.insert;
            "INSERT INTO registry_links SELECT g.* FROM jsonb_populate_recordset(NULL::registry_links, $2) g
             JOIN registry_people p ON p.school_id = $1 AND p.id = g.registry_person_id
             WHERE g.school_id = $1 ON CONFLICT DO NOTHING" => self.links.insert;
            "INSERT INTO closings SELECT g.* FROM jsonb_populate_recordset(NULL::closings, $2) g
             WHERE g.school_id = $1 ON CONFLICT DO NOTHING" => self.closings.insert;
            "INSERT INTO scim_people SELECT g.* FROM jsonb_populate_recordset(NULL::scim_people, $2) g
             WHERE g.school_id = $1 ON CONFLICT DO NOTHING" => self.names.insert;
        );
        Ok(())
    }

    async fn give_notes(&self, scope: &Scope, tx: &mut PgConnection) -> Result<()> {
        write_rows!(scope, tx;
            "INSERT INTO told_apart SELECT g.* FROM jsonb_populate_recordset(NULL::told_apart, $2) g
             JOIN members a ON a.school_id = $1 AND a.id = g.a JOIN members b ON b.school_id = $1 AND b.id = g.b
             WHERE g.school_id = $1 ON CONFLICT DO NOTHING" => self.told_apart.insert;
            "UPDATE merges t SET kept_id = g.kept_id FROM jsonb_populate_recordset(NULL::merges, $2) g
             WHERE t.school_id = $1 AND t.id = g.id" => self.merges.owner;
            "UPDATE member_aliases t SET member_id = g.member_id
             FROM jsonb_populate_recordset(NULL::member_aliases, $2) g
             WHERE t.school_id = $1 AND t.merge_id = g.merge_id" => self.aliases.owner;
        );
        Ok(())
    }

    async fn give_deeds(&self, scope: &Scope, tx: &mut PgConnection) -> Result<()> {
        write_rows!(scope, tx;
            "INSERT INTO entries SELECT g.* FROM jsonb_populate_recordset(NULL::entries, $2) g
             WHERE g.school_id = $1 ON CONFLICT DO NOTHING" => self.entries.insert;
            "UPDATE plans t SET created_by = g.created_by, applied_by = g.applied_by, undone_by = g.undone_by
             FROM jsonb_populate_recordset(NULL::plans, $2) g WHERE t.school_id = $1 AND t.id = g.id"
                => self.plans.insert;
        );
        Ok(())
    }

    async fn give_homerooms(&self, scope: &Scope, tx: &mut PgConnection) -> Result<()> {
        for row in &self.homerooms.insert {
            sqlx::query!(
                "UPDATE classes SET homeroom_member_id = $3::text::uuid WHERE school_id = $1 AND id = $2::text::uuid",
                scope.school_id(),
                text(row, "id"),
                text(row, "homeroom_member_id"),
            )
            .execute(&mut *tx)
            .await?;
        }
        write_rows!(scope, tx;
            "UPDATE rollover_targets t SET homeroom_member_id = g.homeroom_member_id
             FROM jsonb_populate_recordset(NULL::rollover_targets, $2) g
             WHERE t.school_id = $1 AND t.rollover_id = g.rollover_id AND t.name = g.name" => self.next_homerooms.owner;
            "UPDATE plan_classes t SET homeroom_member_id = g.homeroom_member_id
             FROM jsonb_populate_recordset(NULL::plan_classes, $2) g
             WHERE t.school_id = $1 AND t.plan_id = g.plan_id AND t.name = g.name" => self.new_homerooms.owner;
        );
        Ok(())
    }
}
