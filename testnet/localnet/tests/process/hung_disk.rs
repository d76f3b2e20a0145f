//! A disk that hangs: writes neither fail nor end.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::net::{Net, copy};
use crate::program::eventually;
use crate::readiness::{await_ready, await_unready};

/// The size of the file system, bytes; the file is sparse.
const BYTES: u64 = 512 << 20;
/// After how long a frozen file system is thawed by another process, seconds: a process that waits for it cannot be
/// killed, so nothing else ends it if the test itself is killed.
const THAWED_AFTER_SECONDS: u32 = 240;

/// A file system of its own on a folder, which can be frozen; taken away with this value.
struct Disk {
    folder: PathBuf,
    thawing: Option<Child>,
}

fn is_done(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    let status = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

impl Disk {
    /// Makes a file system in a file and mounts it. Errors: what cannot be done here.
    fn mount(image: &Path, folder: &Path) -> Result<Self, String> {
        File::create(image).and_then(|file| file.set_len(BYTES)).map_err(|it| it.to_string())?;
        let [image, at] = [image, folder].map(|path| path.to_str().unwrap());
        if !is_done("mkfs.ext4", &["-q", "-F", image]) {
            return Err("mkfs.ext4 makes no file system".to_owned());
        }
        if !is_done("mount", &["-o", "loop", image, at]) {
            return Err("no file can be mounted as a disk; run this test as root".to_owned());
        }
        let disk = Self { folder: folder.to_owned(), thawing: None };
        // Whether it can be frozen is seen now, and not when a node runs on it.
        match is_done("fsfreeze", &["-f", at]) && is_done("fsfreeze", &["-u", at]) {
            true => Ok(disk),
            false => Err("fsfreeze freezes no file system".to_owned()),
        }
    }

    fn freeze(&mut self) {
        let at = self.folder.to_str().unwrap();
        let later = format!("sleep {THAWED_AFTER_SECONDS}; fsfreeze -u '{at}'");
        self.thawing = Some(Command::new("sh").args(["-c", &later]).spawn().unwrap());
        assert!(is_done("fsfreeze", &["-f", at]));
    }

    fn thaw(&mut self) {
        if let Some(mut thawing) = self.thawing.take() {
            assert!(is_done("fsfreeze", &["-u", self.folder.to_str().unwrap()]));
            let _ = thawing.kill();
            let _ = thawing.wait();
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Some(mut thawing) = self.thawing.take() {
            let _ = is_done("fsfreeze", &["-u", self.folder.to_str().unwrap()]);
            let _ = thawing.kill();
            let _ = thawing.wait();
        }
        // Processes that still use it keep it until then.
        let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
    }
}

/// The node says what hangs, the others go on, and it goes on by itself when the disk does.
#[test]
fn a_node_whose_disk_hangs_is_not_ready_until_it_writes_again() {
    let net = Net::up(4);
    net.pay(1, 0);
    net.stop(4);
    let data_dir = net.node(4).data_dir;
    let (db, kept) = (data_dir.join("db"), data_dir.join("kept"));
    copy(&db, &kept);
    let mut disk = match Disk::mount(&data_dir.join("image"), &db) {
        Ok(disk) => disk,
        Err(reason) => {
            eprintln!("left out: {reason}");
            return;
        }
    };
    copy(&kept, &db);
    fs::remove_dir_all(&kept).unwrap();
    let mut node = net.spawn(4);
    await_ready(&net, 4);
    net.pay(4, 1);

    disk.freeze();
    net.pay(1, 2);
    await_unready(&net, 4, "STUCK: the disk has not finished a write for ");
    net.pay(1, 3);
    eventually("the hanging disk is logged", || {
        node.said().contains("the disk has not finished a write").then_some(())
    });
    assert!(net.height(1) > 0 && node.is_running());

    disk.thaw();
    await_ready(&net, 4);
    net.pay(4, 4);
    assert_eq!(net.audit().transactions, 5);
    assert!(node.is_running());
    drop(node);
    drop(disk);
}
