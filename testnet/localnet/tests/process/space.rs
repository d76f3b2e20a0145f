//! A disk without space.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::net::{Net, configure, copy, set};
use crate::program::{eventually, node_start};
use crate::readiness::{await_ready, await_unready};
use crate::unlock::unlock;

/// More than any disk has, MiB.
const HUGE_MIB: i64 = 1 << 40;

#[test]
fn a_node_on_a_full_disk_waits_and_the_others_go_on() {
    let net = Net::up(4);
    net.pay(1, 0);
    net.stop(4);
    let data_dir = net.node(4).data_dir;
    configure(&data_dir, |settings| set(settings, "store", "disk_reserve_mib", HUGE_MIB));
    let node = net.spawn(4);
    net.pay(1, 1);
    eventually("the full disk is logged", || {
        node.said().contains("the disk is full").then_some(())
    });
    net.pay(1, 2);
    let waits_at = net.height(4);
    assert!(waits_at < net.height(1), "nothing is written");
    drop(node);
    configure(&data_dir, |settings| set(settings, "store", "disk_reserve_mib", 16));
    net.start(4);
    net.pay(4, 3);
    assert_eq!(net.audit().transactions, 4);
}

/// Half of the disks are full before anything must be written, and the chain rests: nobody says that it is ready,
/// and a start names the reason soon.
#[test]
fn a_full_disk_is_noticed_before_the_next_write() {
    let net = Net::up(4);
    net.stop(4);
    let data_dir = net.node(4).data_dir;
    configure(&data_dir, |settings| set(settings, "store", "disk_reserve_mib", HUGE_MIB));
    let said = net.testnet(&["start"]).unready().stderr;
    assert!(said.contains("validator-4 is running but not ready: DISK_FULL: "), "{said}");
    assert!(said.contains("not ready: validator-4"), "{said}");
    await_unready(&net, 4, "DISK_FULL: ");
    let shown = net.testnet(&["status"]).ok();
    assert!(shown.contains("validator-4: DISK_FULL: "), "{shown}");
}

#[test]
fn a_first_start_on_a_full_disk_is_reported() {
    let net = Net::created(1);
    let data_dir = net.node(1).data_dir;
    let reserve = |mebibytes: i64| {
        configure(&data_dir, |settings| set(settings, "store", "disk_reserve_mib", mebibytes));
    };
    let reasons = ["the disk is full", "are kept in reserve; make room", "code: DISK"];
    reserve(HUGE_MIB);
    // Trying again is no harm, and with room it is a first start as any other.
    for _ in 0..2 {
        node_start(&data_dir).refused(&reasons);
        assert!(data_dir.join("unused-key").exists(), "the key is still a new one");
    }
    reserve(16);
    net.start_all();
    net.pay(1, 0);
    assert_eq!(net.audit().transactions, 1);
}

#[test]
fn an_unlock_on_a_full_disk_is_reported() {
    let net = Net::created(1);
    let data_dir = net.node(1).data_dir;
    let reserve = |mebibytes: i64| {
        configure(&data_dir, |settings| set(settings, "store", "disk_reserve_mib", mebibytes));
    };
    fs::remove_file(data_dir.join("unused-key")).unwrap();
    reserve(16);
    let node = net.spawn(1);
    eventually("the node answers", || net.status(1));
    drop(node);
    reserve(HUGE_MIB);
    unlock(&data_dir, "1").refused(&["the disk is full", "make room", "code: DISK"]);
    reserve(16);
    unlock(&data_dir, "1").ok();
    net.start_all();
    net.pay(1, 0);
}

/// Set where no file system can be mounted, to leave out the tests that need it.
const WITHOUT_MOUNTS: &str = "EHB_TESTS_WITHOUT_MOUNTS";

/// A small file system in memory on a folder; taken away with this value.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` if mounting is not permitted and the environment variable confirms it: a skipped test must not
    /// look like a passed one.
    fn mount(folder: &Path, size: &str) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", size, "none"]).arg(folder).stderr(Stdio::null());
        let mounted = mount.status().is_ok_and(|status| status.success());
        assert!(
            mounted || std::env::var_os(WITHOUT_MOUNTS).is_some(),
            "no file system can be mounted here: run this test as root, or set {WITHOUT_MOUNTS}=1 to \
             leave it out"
        );
        mounted.then(|| Self(folder.to_owned()))
    }

    /// Stops a node and moves its database onto one. `None`: left out.
    fn under(net: &Net, number: usize, size: &str) -> Option<Self> {
        net.stop(number);
        let data_dir = net.node(number).data_dir;
        let (db, kept) = (data_dir.join("db"), data_dir.join("kept"));
        copy(&db, &kept);
        let disk = Self::mount(&db, size);
        match disk {
            Some(_) => copy(&kept, &db),
            None => eprintln!("left out: {WITHOUT_MOUNTS} is set"),
        }
        disk
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    /// Creates files until this many more can be created.
    fn use_up_files(&self, leave: u64) {
        fs::create_dir(self.filler()).unwrap();
        let found = nix::sys::statvfs::statvfs(&self.0).unwrap();
        for number in leave..found.files_available() {
            fs::write(self.filler().join(number.to_string()), "").unwrap();
        }
    }

    /// Fills it until so much is free.
    fn fill(&self, leave_bytes: u64) {
        let found = nix::sys::statvfs::statvfs(&self.0).unwrap();
        let free = found.blocks_available() * found.fragment_size();
        fs::write(self.filler(), vec![1; usize::try_from(free - leave_bytes).unwrap()]).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Processes that still use it keep it until then.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_node_goes_on_by_itself_when_there_is_space_again() {
    let net = Net::up(4);
    net.pay(1, 0);
    let Some(disk) = SmallDisk::under(&net, 4, "size=256m") else { return };
    let data_dir = net.node(4).data_dir;
    configure(&data_dir, |settings| set(settings, "store", "disk_reserve_mib", 64));
    let mut node = net.spawn(4);
    eventually("the node is up", || net.status(4));
    net.pay(4, 1);

    disk.fill(32 << 20);
    net.pay(1, 2);
    eventually("the full disk is logged", || {
        node.said().contains("the disk is full").then_some(())
    });
    await_unready(&net, 4, "DISK_FULL: ");
    net.pay(1, 3);
    assert!(net.height(4) < net.height(1), "nothing is written");
    assert!(node.is_running());
    fs::remove_file(disk.filler()).unwrap();
    net.pay(4, 4);
    await_ready(&net, 4);
    assert_eq!(net.audit().transactions, 5);
    assert!(node.is_running());
    drop(node);
    drop(disk);
}

/// A disk can have space and no inodes: then no file can be created, and RocksDB needs new ones.
#[test]
fn a_node_without_inodes_waits_and_goes_on_by_itself() {
    let net = Net::up(4);
    net.pay(1, 0);
    let Some(disk) = SmallDisk::under(&net, 4, "size=512m,nr_inodes=300") else { return };
    let mut node = net.spawn(4);
    await_ready(&net, 4);

    disk.use_up_files(0);
    // RocksDB may remove a file of its own at any moment, so the number that is left is not always 0.
    await_unready(&net, 4, "DISK_FULL: the disk is full: ");
    await_unready(&net, 4, "more files can be created (free inodes) and 32 are kept in reserve");
    net.pay(1, 1);
    eventually("the full disk is logged", || {
        node.said().contains("waiting for space; the node signs nothing").then_some(())
    });
    net.pay(1, 2);
    assert!(net.height(4) < net.height(1), "nothing is written");
    assert!(node.is_running());
    fs::remove_dir_all(disk.filler()).unwrap();
    net.pay(4, 3);
    await_ready(&net, 4);
    assert_eq!(net.audit().transactions, 4);
    assert!(node.is_running());
    drop(node);
    drop(disk);
}
