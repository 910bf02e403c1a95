//! What every page needs, independent of schools: routes that declare their access, the request's visitor, forms,
//! languages, assets, errors as pages, and the guards around them all.

pub mod address_parts;
pub mod again;
pub mod assets;
pub mod chart;
pub mod connections;
pub mod csv_cell;
pub mod errors;
pub mod fill;
pub mod forms;
pub mod frame;
pub mod i18n;
pub mod imsx;
pub mod leaving;
pub mod limits;
pub mod middleware;
pub mod oauth;
pub mod page;
pub mod path;
pub mod problems;
pub mod qr;
pub mod scim;
pub mod visitor;

pub use errors::PageResult;
pub use i18n::Translator;
pub use page::{Shell, html, refused};
pub use visitor::RequestContext;
