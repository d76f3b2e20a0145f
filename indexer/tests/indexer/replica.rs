//! The HTTP API on a streaming replica, which cannot write anything.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use ehb_indexer::serve::{Access, Settings};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, geteuid};
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use tokio::time::{Instant, sleep};

use crate::chain::TestChain;
use crate::database::{PATIENCE, TestDatabase, execute, index_to, one};
use crate::http::Site;
use crate::node::TestNode;

/// A replica of the tests' server, which ends with its owner.
struct Replica {
    dir: PathBuf,
    server: Child,
}

impl Drop for Replica {
    fn drop(&mut self) {
        let pid = Pid::from_raw(i32::try_from(self.server.id()).unwrap());
        kill(pid, Signal::SIGINT).unwrap();
        self.server.wait().unwrap();
        fs::remove_dir_all(&self.dir).unwrap();
    }
}

/// Where the programs of the server are that the tests use.
fn programs(data: &Path) -> PathBuf {
    if let Some(dir) = std::env::var_os("EHB_POSTGRES_BIN") {
        return dir.into();
    }
    let version = fs::read_to_string(data.join("PG_VERSION")).unwrap();
    Path::new("/usr/lib/postgresql").join(version.trim()).join("bin")
}

/// A program that runs as the user whose folders these are; Postgres does not run as root.
fn program(path: PathBuf, dir: &Path) -> Command {
    let mut command = Command::new(path);
    command.current_dir(dir).stdin(Stdio::null());
    if geteuid().is_root() {
        let user = User::from_name("postgres").unwrap().or(User::from_name("nobody").unwrap());
        let user = user.unwrap();
        chown(dir, Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command
}

impl Replica {
    /// Copies the server that listens in a folder, and follows it. None where the installation has no program for the copy.
    fn start(primary: &Path) -> Option<Self> {
        let programs = programs(&primary.with_file_name("data"));
        let backup = programs.join("pg_basebackup");
        if !backup.exists() {
            return None;
        }
        let dir = primary.with_file_name(format!("replica-{}", std::process::id()));
        drop(fs::remove_dir_all(&dir));
        fs::create_dir(&dir).unwrap();
        let copied = program(backup, &dir)
            .args(["-R", "-c", "fast", "-U", "ehb", "-D", "data", "-h"])
            .arg(primary)
            .output()
            .unwrap();
        assert!(copied.status.success(), "{copied:?}");
        let log = fs::File::create(dir.join("log")).unwrap();
        let server = program(programs.join("postgres"), &dir)
            .args(["-D", "data", "-c", "listen_addresses=", "-k"])
            .arg(&dir)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Some(Self { dir, server })
    }
}

#[tokio::test]
async fn a_replica_serves_what_the_primary_indexed_and_nothing_writes_there() {
    let test = TestDatabase::new("replica").await;
    let chain = TestChain::busy("replica", 20);
    let node = TestNode::new("a", &chain);
    let first = TestNode::at_height("a", &chain, 5);
    index_to(&mut test.database(), &[&first], 5).await.unwrap();
    // Other tests write meanwhile, and what they write must not push out what the replica has not read.
    let mut connection = test.connect().await;
    execute(&mut connection, "alter system set wal_keep_size = '1GB'").await;
    execute(&mut connection, "select pg_reload_conf()").await;
    let Some(replica) = Replica::start(test.options.get_socket().unwrap()) else {
        return test.end().await;
    };
    let options: PgConnectOptions = test.options.clone().socket(&replica.dir);
    // The replica follows what is indexed from now on.
    index_to(&mut test.database(), &[&node], 18).await.unwrap();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let height = match options.connect().await {
            Ok(mut connection) => one(&mut connection, "select height from chain.cursor").await,
            Err(_) => None,
        };
        if height.as_deref() == Some("18") {
            break;
        }
        assert!(
            Instant::now() < deadline,
            "{}",
            fs::read_to_string(replica.dir.join("log")).unwrap()
        );
        sleep(std::time::Duration::from_millis(50)).await;
    }
    let site = Site::start(&options, Settings::default()).await;
    let primary = Site::start(&test.options, Settings::default()).await;
    for path in ["/v1/blocks?limit=200", "/v1/entries?limit=200", "/v1/search?q=item"] {
        let (ours, theirs) = (site.get(path).await, primary.get(path).await);
        assert_eq!((ours.status, &ours.json()["data"]), (200, &theirs.json()["data"]), "{path}");
    }
    // A page begins on one server and goes on at the other.
    let page = primary.get("/v1/events?limit=3").await.json();
    let next = format!("/v1/events?limit=3&cursor={}", page["next"].as_str().unwrap());
    assert_eq!(site.get(&next).await.json()["data"], primary.get(&next).await.json()["data"]);
    assert!(site.get("/v1/blocks?format=csv").await.body.lines().count() > 18);
    let mut live = site.open("GET /v1/live?after=10", "host: localhost\r\n").await;
    crate::live::read_until(&mut live, "id: 18\n").await;
    let closed = Settings { access: Access::SignedIn, ..Settings::default() };
    let closed = Site::start(&options, closed).await;
    assert_eq!(closed.get("/v1/challenge?account=ehbt1x").await.status, 200);
    let mut connection = options.connect().await.unwrap();
    let written =
        sqlx::raw_sql("update chain.cursor set height = 1").execute(&mut connection).await;
    assert!(written.unwrap_err().to_string().contains("read-only"));
    drop((connection, replica));
    test.end().await;
}
