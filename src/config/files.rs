//! The files that settings stand in: `.env` in the folder or one above it, and the package's.

use std::{
    collections::HashMap,
    env, fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// Folders of installed programs, below the folder that the system or its image is in.
const INSTALLED: [&str; 2] = ["usr/bin", "usr/local/bin"];

const DATA_DIR: &str = "SCHOOLGATE_DATA_DIR";

/// What systemd sets for each start of a service.
const OF_SERVICE: &str = "INVOCATION_ID";

/// What the package's file says.
#[derive(Debug, Default)]
pub(super) struct PackageSettings {
    values: HashMap<String, String>,
    /// Where the package keeps its data; nothing where its file is not there.
    pub(super) data_dir: Option<PathBuf>,
}

impl PackageSettings {
    /// Reads the file that belongs to a program: `/etc/schoolgate/schoolgate.env` for an installed one. A program
    /// elsewhere has none: on a machine of a school, a rehearsal, `make run` or a test would work on the school's data.
    ///
    /// # Errors
    /// When the file is there and cannot be read. Nothing is known then.
    pub(super) fn of(program: &Path, faults: &mut Vec<String>) -> Result<Self, String> {
        let Some(root) = root_of(program) else { return Ok(Self::default()) };
        Self::read(&root.join("etc/schoolgate/schoolgate.env"), root.join("var/lib/schoolgate"), faults)
    }

    fn read(file: &Path, data_dir: PathBuf, faults: &mut Vec<String>) -> Result<Self, String> {
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(unreadable(file, &error)),
        };
        let mut values = HashMap::new();
        // The service has them from systemd, which reads more ways of writing them than this does.
        let text = if env::var_os(OF_SERVICE).is_some() { String::new() } else { text };
        for (number, line) in text.lines().enumerate() {
            match setting(line) {
                Ok(setting) => values.extend(setting),
                // The line may hold a secret.
                Err(()) => faults.push(format!("{}: line {} is not NAME=value", file.display(), number + 1)),
            }
        }
        // The service runs in that folder.
        if let Some(named) = values.get_mut(DATA_DIR).filter(|named| !named.trim().is_empty()) {
            *named = data_dir.join(named.trim()).to_string_lossy().into_owned();
        }
        Ok(Self { values, data_dir: Some(data_dir) })
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
}

/// The folder above `usr/bin` or `usr/local/bin`.
fn root_of(program: &Path) -> Option<&Path> {
    let folder = program.parent()?;
    let below = INSTALLED.iter().map(Path::new).find(|below| folder.ends_with(below))?;
    folder.ancestors().nth(below.components().count())
}

fn unreadable(file: &Path, error: &io::Error) -> String {
    let file = file.display();
    if error.kind() == ErrorKind::PermissionDenied {
        format!(
            "{file}: holds the settings of this machine, and your account may not read it. \
             Run the command as root or as schoolgate (sudo -u schoolgate schoolgate …)"
        )
    } else {
        format!("{file}: cannot be read: {error}")
    }
}

/// A setting on a line of its own, as systemd reads it, which hands the same file to the service; values over several lines are
/// not read. A line that is none is refused: without its address, a command would run on a database of its own.
fn setting(line: &str) -> Result<Option<(String, String)>, ()> {
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', ';']) {
        return Ok(None);
    }
    let (name, value) = line.split_once('=').ok_or(())?;
    let name = name.trim_end();
    let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let value = unquoted(value.trim_start()).filter(|_| is_name).ok_or(())?;
    Ok(Some((name.to_owned(), value)))
}

/// A value without quotes and escapes; nothing where a quote does not close at the end.
fn unquoted(text: &str) -> Option<String> {
    let (inner, quote) = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => (text.get(1..)?.strip_suffix(quote)?, Some(quote)),
        _ => (text, None),
    };
    let mut value = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        if letter == '\\' && quote != Some('\'') {
            let escaped = letters.next()?;
            // Between double quotes it stands for itself before anything else.
            if quote.is_some() && !matches!(escaped, '"' | '\\' | '`' | '$') {
                value.push('\\');
            }
            value.push(escaped);
        } else if Some(letter) == quote {
            return None;
        } else {
            value.push(letter);
        }
    }
    Some(value)
}

/// Puts into the environment what a `.env` names and the environment does not. Gives what is wrong with the file.
pub(super) fn read_dotenv(folder: &Path) -> Option<String> {
    let file = find_dotenv(folder)?;
    let fault = match dotenvy::from_path(&file).err()? {
        // The line may hold a secret.
        dotenvy::Error::LineParse(..) => {
            "a line is not NAME=value; a value with spaces or quotes has to be between quotes".to_owned()
        }
        error => error.to_string(),
    };
    Some(format!("{}: {fault}", file.display()))
}

/// The nearest one. A folder that is closed to this account has none for it: root's, where a command is run as another.
fn find_dotenv(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(".env")).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (PackageSettings, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("schoolgate.env");
        fs::write(&file, text).unwrap();
        let mut faults = Vec::new();
        let settings = PackageSettings::read(&file, PathBuf::from("/var/lib/schoolgate"), &mut faults).unwrap();
        (settings, faults)
    }

    #[test]
    fn lines_are_read_as_systemd_reads_them() {
        let (settings, faults) = read(
            "# a word\n; another\n\n  A=postgres://a:$x#y@db/z  \nB = Schoolgate <a@b.vn>\nC='a \\ $b'\nD=\"a \\\"b\\\" \\n\"\n\
             E=\nF=a\\ b\nA2=one\nA2=two\r\n",
        );
        assert_eq!(faults, [] as [&str; 0]);
        for (name, value) in [
            ("A", "postgres://a:$x#y@db/z"),
            ("B", "Schoolgate <a@b.vn>"),
            ("C", "a \\ $b"),
            ("D", "a \"b\" \\n"),
            ("E", ""),
            ("F", "a b"),
            ("A2", "two"),
        ] {
            assert_eq!(settings.get(name), Some(value), "{name}");
        }
        assert_eq!(settings.get("G"), None);
    }

    #[test]
    fn a_line_that_says_nothing_is_told_without_its_text() {
        let (_, faults) = read("A=b\nSECRET\nexport B=secret\nC=\"secret\nD='a' secret\n=secret\n");
        assert_eq!(faults.len(), 5, "{faults:?}");
        assert!(faults[0].ends_with("schoolgate.env: line 2 is not NAME=value"), "{faults:?}");
        assert!(!faults.concat().to_lowercase().contains("secret"), "{faults:?}");
    }

    #[test]
    fn the_data_are_where_the_service_has_them() {
        let folder = |text| {
            let settings = read(text).0;
            settings.get(DATA_DIR).map(PathBuf::from).or(settings.data_dir).unwrap()
        };
        assert_eq!(folder(""), Path::new("/var/lib/schoolgate"));
        assert_eq!(folder("SCHOOLGATE_DATA_DIR=/srv/schools"), Path::new("/srv/schools"));
        assert_eq!(folder("SCHOOLGATE_DATA_DIR=data"), Path::new("/var/lib/schoolgate/data"));
    }

    #[test]
    fn only_an_installed_program_belongs_to_a_machine() {
        for (program, root) in [
            ("/usr/bin/schoolgate", Some("/")),
            ("/usr/local/bin/schoolgate", Some("/")),
            ("/tmp/image/usr/bin/schoolgate", Some("/tmp/image")),
            ("/home/me/schoolgate/target/release/schoolgate", None),
            ("/opt/bin/schoolgate", None),
        ] {
            assert_eq!(root_of(Path::new(program)), root.map(Path::new), "{program}");
        }
    }

    #[test]
    fn the_nearest_file_counts() {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("a/b");
        fs::create_dir_all(folder.join(".env")).unwrap();
        fs::write(above.path().join(".env"), "").unwrap();
        assert_eq!(find_dotenv(&folder), Some(above.path().join(".env")), "a folder of that name is no file");
        fs::write(above.path().join("a/.env"), "").unwrap();
        assert_eq!(find_dotenv(&folder), Some(above.path().join("a/.env")));
    }
}
