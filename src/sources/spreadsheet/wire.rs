//! The format of the child's answers on its pipe: each as its length and its bytes in postcard, which costs a fraction
//! of what JSON does.

use std::borrow::Cow;
use std::io::{Error, ErrorKind, Result, Write};

use serde::{Deserialize, Serialize};

use super::{FileRefusal, Findings, PersonRow, TableHead};

/// What a child sends.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChildMessage<'a> {
    Head(Cow<'a, TableHead>),
    Row(Cow<'a, PersonRow>),
    /// The rows so far are void: they come again, read differently.
    Again,
    End(Findings),
    Refused(FileRefusal),
}

/// The most bytes of an answer: 200 cells and values of 2,000 characters, and their faults.
pub const ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// The bytes of the length before an answer: a 32-bit number, the lowest byte first.
pub const LENGTH_BYTES: usize = size_of::<u32>();

/// Writes an answer. The buffer is reused for the next one.
///
/// # Errors
/// Those of the output.
pub fn write(out: &mut impl Write, answer: &ChildMessage<'_>, buffer: &mut Vec<u8>) -> Result<()> {
    buffer.clear();
    *buffer = postcard::to_extend(answer, std::mem::take(buffer)).map_err(Error::other)?;
    let length = u32::try_from(buffer.len()).map_err(Error::other)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(buffer)
}

/// The first answer in the received bytes, and how many bytes it takes there; nothing when it is incomplete.
///
/// # Errors
/// The bytes are not an answer.
pub fn first(bytes: &[u8]) -> Result<Option<(ChildMessage<'static>, usize)>> {
    let Some((length, rest)) = bytes.split_first_chunk() else { return Ok(None) };
    let length = length_of(*length)?;
    let Some(answer) = rest.get(..length) else { return Ok(None) };
    Ok(Some((decode(answer)?, LENGTH_BYTES + length)))
}

/// # Errors
/// The length is impossible for an answer.
pub fn length_of(length: [u8; LENGTH_BYTES]) -> Result<usize> {
    let length = u32::from_le_bytes(length) as usize;
    if length <= ANSWER_BYTES { Ok(length) } else { Err(ErrorKind::FileTooLarge.into()) }
}

/// # Errors
/// The bytes are not an answer.
pub fn decode(answer: &[u8]) -> Result<ChildMessage<'static>> {
    postcard::from_bytes(answer).map_err(Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::fields::{Fault, Field};

    #[test]
    fn answers_come_as_they_went() {
        let row = PersonRow {
            line: 70_000,
            values: [(Field::FullName, "Nguyễn Văn Đạt".to_owned()), (Field::Status, "active".to_owned())].into(),
            cells: vec![String::new(), "NGUYỄN VĂN ĐẠT".to_owned()],
            faults: vec![Fault::new(Field::BirthDate, "date-impossible", "31/02/2011")],
            ..PersonRow::default()
        };
        let answers = [
            ChildMessage::Row(Cow::Owned(row)),
            ChildMessage::Refused(FileRefusal::TooManyRows),
            ChildMessage::End(Findings::default()),
        ];
        let (mut pipe, mut buffer) = (Vec::new(), Vec::new());
        for answer in &answers {
            write(&mut pipe, answer, &mut buffer).unwrap();
        }
        let mut rest = pipe.as_slice();
        for answer in answers {
            assert_eq!(first(&rest[..LENGTH_BYTES]).unwrap(), None);
            let (came, bytes) = first(rest).unwrap().unwrap();
            assert_eq!(came, answer);
            rest = &rest[bytes..];
        }
        assert!(rest.is_empty());
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        assert!(first(&[0xFF; 16]).is_err());
        assert!(first(&[1, 0, 0, 0, 9]).is_err());
    }
}
