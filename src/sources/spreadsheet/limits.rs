//! How much of a file is read. Anything beyond is refused or cut, never guessed at.

use std::time::Duration;

/// The largest file that is taken, in bytes.
pub const FILE_BYTES: usize = 20 * 1024 * 1024;

/// The most filled rows that a sheet may have.
pub const ROWS: u32 = 100_000;

/// The highest line number of a row: far beyond what any program has, and an integer in every database.
pub const LINES: u32 = 1 << 30;

/// Where several sheets are read together, the lines of each begin behind so many of the one before: more than any
/// program has in a sheet, and with [`SHEETS`] of them still an integer in every database.
pub const LINES_OF_SHEET: u32 = 2_000_000;

/// The most filled rows that are read, people or not, however a file declares them: repeats are counted before they are
/// expanded.
pub const FILLED_ROWS: usize = 2 * ROWS as usize;

/// The most filled cells that repeats may expand to.
pub const REPEATED_CELLS: usize = 10_000_000;

/// Sheets beyond this one are not read.
pub const SHEETS: usize = 200;

/// How many hidden rows are listed by their lines.
pub const HIDDEN_TOLD: u32 = 50;

/// Columns beyond this one are not read; a table whose header reaches further is refused.
pub const COLUMNS: usize = 200;

/// Characters that are kept of one cell.
pub const CELL_CHARS: usize = 2_000;

/// What all parts of a zipped file together may inflate to, in bytes.
pub const INFLATED_BYTES: u64 = 400 * 1024 * 1024;

/// What one part that has to be held in memory as a whole (shared strings, styles) may inflate to, in bytes.
pub const INFLATED_PART_BYTES: u64 = 128 * 1024 * 1024;

/// A part this many times larger than its packed size is a bomb: honest sheets, empty rows with borders included, stay
/// below a tenth of this.
pub const INFLATION_RATIO: u64 = 400;

/// Parts up to this size, in bytes, may have any ratio: a sheet of nothing but empty rows packs very well.
pub const INFLATION_RATIO_FROM: u64 = 16 * 1024 * 1024;

/// Filled rows that are read to find the table.
pub const PREVIEW_ROWS: usize = 120;

/// Address space of the child process, in bytes.
pub const CHILD_MEMORY: u64 = 256 * 1024 * 1024;

/// Processor time of the child process, in seconds.
pub const CHILD_CPU_SECONDS: u64 = 60;

/// Wall-clock limit of the child process.
pub const CHILD_TIME: Duration = Duration::from_secs(120);

/// The most output of the child process, in bytes.
pub const CHILD_OUTPUT: u64 = 512 * 1024 * 1024;
