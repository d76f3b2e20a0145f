//! Reads texts up to a size, and replaces files at once.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

/// The prefix of files that [`replace_file`] has not written completely. A killed program leaves one.
pub const UNFINISHED: &str = ".new-";

/// Reads a text of at most `bytes_max` bytes. Errors: those of the reader, a longer text, and one that is not UTF-8.
pub fn read_text(reader: impl Read, bytes_max: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        let text = format!("it has more than {bytes_max} bytes");
        return Err(io::Error::new(ErrorKind::FileTooLarge, text));
    }
    let wrong = |error: std::string::FromUtf8Error| {
        io::Error::new(ErrorKind::InvalidData, error.utf8_error())
    };
    String::from_utf8(bytes).map_err(wrong)
}

/// Writes a file, or replaces it by one with another content and the same permissions. After a crash it is the old one,
/// if there was one, or the new one; once this returns, the new one is durable. Only its owner can read a new file.
pub fn replace_file(path: &Path, text: &str) -> io::Result<()> {
    let permissions = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        found => Some(found?.permissions()),
    };
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Temporary files are made with mode 0600.
    let mut file =
        tempfile::Builder::new().prefix(UNFINISHED).suffix(".tmp").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(folder)?.sync_all()
}
