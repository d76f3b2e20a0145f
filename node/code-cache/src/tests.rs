//! The cache of compiled code: reuse, damage, permissions and shared folders.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use ehb_executor::{CompiledCode, InstallError};
use ehb_types::Hash;
use tempfile::tempdir;

use crate::CompiledFiles;

const KEY: Hash = Hash([7; 32]);

/// Asks for the code of a key, and says whether it was compiled for that.
fn is_compiled(files: &CompiledFiles, key: Hash) -> bool {
    let mut compiled = false;
    let code = files.get_or_compile(&key, &mut || {
        compiled = true;
        Ok(code_of(key))
    });
    assert_eq!(code.unwrap(), code_of(key));
    compiled
}

fn code_of(key: Hash) -> Vec<u8> {
    key.as_bytes().repeat(100)
}

fn kept(dir: &Path) -> Vec<PathBuf> {
    let files = dir.read_dir().unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some()).collect()
}

#[test]
fn code_is_compiled_once() {
    let dir = tempdir().unwrap();
    let folder = dir.path().join("not/there/yet");
    assert!(is_compiled(&CompiledFiles::new(folder.clone()), KEY));
    assert!(!is_compiled(&CompiledFiles::new(folder.clone()), KEY));
    assert!(is_compiled(&CompiledFiles::new(folder), Hash([8; 32])));
}

#[test]
fn what_is_not_as_it_was_written_is_compiled_again() {
    type Damage = (&'static str, fn(&mut Vec<u8>));
    let damages: [Damage; 5] = [
        ("emptied", Vec::clear),
        ("cut", |bytes| bytes.truncate(bytes.len() - 1)),
        ("longer", |bytes| bytes.push(0)),
        ("another checksum", |bytes| bytes[0] ^= 1),
        ("another code", |bytes| bytes[40] ^= 1),
    ];
    for (what, damage) in damages {
        let dir = tempdir().unwrap();
        let files = CompiledFiles::new(dir.path().to_owned());
        is_compiled(&files, KEY);
        let [path] = kept(dir.path()).try_into().unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        damage(&mut bytes);
        std::fs::write(&path, bytes).unwrap();
        assert!(is_compiled(&files, KEY), "{what}");
        assert!(!is_compiled(&files, KEY), "{what}: it was not written again");
    }
}

#[test]
fn code_of_another_key_is_not_taken() {
    let dir = tempdir().unwrap();
    let files = CompiledFiles::new(dir.path().to_owned());
    is_compiled(&files, KEY);
    let [path] = kept(dir.path()).try_into().unwrap();
    let other = Hash([8; 32]);
    std::fs::rename(&path, path.with_file_name(format!("{other}.ehbc"))).unwrap();
    assert!(is_compiled(&files, other));
}

#[test]
fn what_others_may_write_is_not_taken() {
    for mode in [0o620, 0o602, 0o666] {
        let dir = tempdir().unwrap();
        let files = CompiledFiles::new(dir.path().to_owned());
        is_compiled(&files, KEY);
        let [path] = kept(dir.path()).try_into().unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        assert!(is_compiled(&files, KEY), "{mode:o}");
        assert!(!is_compiled(&files, KEY), "{mode:o}: it was not written again");
    }
}

#[test]
fn a_folder_that_cannot_be_used_costs_only_time() {
    let dir = tempdir().unwrap();
    let taken = dir.path().join("a file");
    std::fs::write(&taken, "").unwrap();
    let files = CompiledFiles::new(taken);
    assert!(is_compiled(&files, KEY));
    assert!(is_compiled(&files, KEY));
}

#[test]
fn nodes_that_share_a_folder_compile_once() {
    let dir = tempdir().unwrap();
    let compiled = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let files = CompiledFiles::new(dir.path().to_owned());
                let code = files.get_or_compile(&KEY, &mut || {
                    compiled.fetch_add(1, Ordering::Relaxed);
                    Ok(code_of(KEY))
                });
                assert_eq!(code.unwrap(), code_of(KEY));
            });
        }
    });
    assert_eq!(compiled.into_inner(), 1);
}

#[test]
fn old_files_make_room() {
    let dir = tempdir().unwrap();
    let files = CompiledFiles::new(dir.path().to_owned());
    for number in 0..100 {
        is_compiled(&files, Hash([number; 32]));
    }
    assert_eq!(kept(dir.path()).len(), 64);
    assert!(!is_compiled(&files, Hash([99; 32])));
    assert!(is_compiled(&files, Hash([0; 32])));
}

#[test]
fn code_that_cannot_be_compiled_is_refused_and_not_kept() {
    let dir = tempdir().unwrap();
    let files = CompiledFiles::new(dir.path().to_owned());
    let refuse = || Err(InstallError::Malformed("no"));
    assert_eq!(files.get_or_compile(&KEY, &mut { refuse }), refuse());
    assert!(is_compiled(&files, KEY));
}
