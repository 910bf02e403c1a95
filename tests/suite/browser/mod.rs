//! What a person does in a real browser, with and without JavaScript.

mod driver;
mod grid;
mod imports;
mod journey;
