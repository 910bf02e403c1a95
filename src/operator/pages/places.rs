//! The choices for where a school belongs: provinces, and under each its units.

use crate::{
    app::App,
    error::Result,
    operator::{
        model::{ProvinceChoice, Unit},
        store,
    },
};

/// What an operator may choose.
pub struct Places {
    pub provinces: Vec<ProvinceChoice>,
    /// The units of a province, below its name.
    pub groups: Vec<(String, Vec<Unit>)>,
}

impl Places {
    pub async fn read(app: &App, bounds: Option<&[String]>) -> Result<Self> {
        let provinces = store::provinces(app.db.pool(), bounds).await?;
        let units = store::units(app.db.pool(), bounds, None).await?;
        let mut groups: Vec<(String, Vec<Unit>)> = Vec::new();
        for unit in units {
            match groups.last_mut().filter(|(province, _)| *province == unit.province) {
                Some((_, units)) => units.push(unit),
                None => groups.push((unit.province.clone(), vec![unit])),
            }
        }
        Ok(Self { provinces, groups })
    }
}
