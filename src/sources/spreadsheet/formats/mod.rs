//! The formats, each converted to [`super::cell::Workbook`].

mod binary;
pub mod excel;
mod hidden;
pub mod html;
pub mod ods;
pub mod sheetml;
pub mod text;
pub mod xls;
pub mod xml;
