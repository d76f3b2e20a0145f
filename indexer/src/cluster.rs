//! A private Postgres: a cluster in our own folder, run with the installed binaries, and reachable only by a
//! Unix socket.

mod binaries;

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, geteuid};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::time::{Instant, sleep};

pub use binaries::{BinariesError, INSTALL_HINT, versions};

/// The database of the indexer, and its owner.
const DATABASE: &str = "ehb";
/// The users to run Postgres as if we are root, because it refuses to run as root: the first that exists.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];
/// The time limit for the start of the server, including recovery after a crash.
const START_MAX: Duration = Duration::from_secs(120);
/// The time limit for the stop of the server.
const STOP_MAX: Duration = Duration::from_secs(30);
/// The interval between polls.
const ASK_EVERY: Duration = Duration::from_millis(20);
/// The longest path of a socket, bytes (`sockaddr_un`), less the name that Postgres appends.
const SOCKET_DIR_BYTES_MAX: usize = 107 - "/.s.PGSQL.5432.lock".len();

/// Why the private cluster does not run.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No usable binaries.
    #[error(transparent)]
    Binaries(#[from] BinariesError),
    /// An error with the folder.
    #[error("the private database in {dir}: {what}: {error}")]
    Folder {
        /// The cluster's folder.
        dir: PathBuf,
        /// The failed action.
        what: &'static str,
        /// The error.
        error: io::Error,
    },
    /// The path is too long for a socket.
    #[error(
        "the folder {0} is too long for a Unix socket ({SOCKET_DIR_BYTES_MAX} bytes with /run): choose another --dir"
    )]
    Path(PathBuf),
    /// `initdb` or the server failed.
    #[error("the private database in {dir} does not start: {reason}")]
    Start {
        /// The cluster's folder.
        dir: PathBuf,
        /// Its error message.
        reason: String,
    },
    /// Other processes use it.
    #[error("other processes use the private database in {0}: stop them first")]
    InUse(PathBuf),
    /// There is no user to run as.
    #[error(
        "Postgres does not run as root, and there is no user 'postgres' or 'nobody' to run it as"
    )]
    NoUser,
    /// The user to run as reaches neither the programs nor the folder, or one of them.
    #[error(
        "Postgres does not run as root, and the user '{user}', as which it would run, cannot reach {program} or {dir}: choose \
         a --dir that all users can reach, and install Postgres where they can, such as by 'scripts/bootstrap postgres'"
    )]
    Unreachable {
        /// The user.
        user: String,
        /// The program.
        program: PathBuf,
        /// The cluster's folder.
        dir: PathBuf,
    },
}

/// A cluster in a folder. All processes that use it share one server: the first starts it and the last ends it, which
/// two locks decide. A process that was killed holds no lock any more.
#[derive(Debug)]
pub struct Cluster {
    dir: PathBuf,
    /// The major version with which it is created; none for the preferred one of this machine.
    major: Option<u32>,
    /// The server, where this process started it: it must be waited for when it ends.
    server: Option<Child>,
    /// Shared by the processes that use the server.
    using: Option<Flock<File>>,
}

impl Cluster {
    /// The cluster in a folder, created at the first start.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), major: None, server: None, using: None }
    }

    /// The same, created with a major version of [`versions`].
    pub fn with_version(self, major: u32) -> Self {
        Self { major: Some(major), ..self }
    }

    /// How to connect to the database.
    pub fn options(&self) -> PgConnectOptions {
        self.options_of(DATABASE)
    }

    /// The same as a URL.
    pub fn url(&self) -> String {
        let dir = self.socket_dir();
        format!("postgresql:///{DATABASE}?host={}&user={DATABASE}", dir.display())
    }

    fn options_of(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.socket_dir())
            .username(DATABASE)
            .database(database)
            .disable_statement_logging()
    }

    /// Creates and starts the cluster if it is not running, and waits until it answers.
    pub async fn start(&mut self) -> Result<(), ClusterError> {
        fs::create_dir_all(&self.dir).map_err(|error| self.folder("cannot create it", error))?;
        self.dir = self.dir.canonicalize().map_err(|error| self.folder("cannot find it", error))?;
        if self.socket_dir().as_os_str().len() > SOCKET_DIR_BYTES_MAX {
            return Err(ClusterError::Path(self.dir.clone()));
        }
        // One process at a time starts or ends the server.
        let _turn = self.turn().await?;
        if !self.runs() {
            let version = fs::read_to_string(self.data_dir().join("PG_VERSION")).ok();
            let needed = version.clone().or_else(|| self.major.map(|it| it.to_string()));
            let binaries = binaries::find(needed.as_deref().map(str::trim))?;
            let user = self.user()?;
            self.own(user.as_ref())?;
            if version.is_none() {
                self.init(&binaries, user.as_ref()).await?;
            }
            self.spawn(&binaries, user.as_ref())?;
        }
        self.await_ready().await?;
        if self.using.is_none() {
            let shared = self.lock("users.lock", FlockArg::LockSharedNonblock)?;
            // Only the process whose turn it is locks it exclusively.
            self.using = shared;
        }
        Ok(())
    }

    /// Stops the server, unless other processes use it, and waits until it has stopped.
    pub async fn stop(&mut self) {
        let Some(using) = self.using.take() else { return };
        let Ok(_turn) = self.turn().await else { return };
        drop(using);
        if let Ok(Some(_last)) = self.lock("users.lock", FlockArg::LockExclusiveNonblock) {
            self.end().await;
        }
    }

    /// Stops a server that a killed process has left. Returns whether there was one. Errors: others use it.
    pub async fn stop_left(&mut self) -> Result<bool, ClusterError> {
        if !self.runs() {
            return Ok(false);
        }
        let _turn = self.turn().await?;
        if self.lock("users.lock", FlockArg::LockExclusiveNonblock)?.is_none() {
            return Err(ClusterError::InUse(self.dir.clone()));
        }
        self.end().await;
        Ok(true)
    }

    async fn end(&mut self) {
        let Some(pid) = self.server_pid() else { return };
        // SIGINT is Postgres' fast shutdown: connections are closed, everything is written.
        let _ = kill(pid_of(pid), Signal::SIGINT);
        let deadline = Instant::now() + STOP_MAX;
        while self.runs() && Instant::now() < deadline {
            sleep(ASK_EVERY).await;
        }
        if self.runs() {
            tracing::warn!("the private database has not ended after {} s", STOP_MAX.as_secs());
        }
    }

    /// Whether the server's process is alive.
    fn runs(&mut self) -> bool {
        // A child that has ended stays in the table of processes until it is waited for.
        if self.server.as_mut().is_some_and(|it| !matches!(it.try_wait(), Ok(None))) {
            self.server = None;
        }
        let Some(pid) = self.server_pid() else { return false };
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        name.starts_with("postgres") && kill(pid_of(pid), None).is_ok()
    }

    async fn turn(&self) -> Result<Flock<File>, ClusterError> {
        let deadline = Instant::now() + START_MAX;
        loop {
            if let Some(lock) = self.lock("start.lock", FlockArg::LockExclusiveNonblock)? {
                return Ok(lock);
            }
            if Instant::now() > deadline {
                return Err(ClusterError::InUse(self.dir.clone()));
            }
            sleep(ASK_EVERY).await;
        }
    }

    /// A lock on a file of the folder; none if another process holds it.
    fn lock(&self, name: &str, how: FlockArg) -> Result<Option<Flock<File>>, ClusterError> {
        let file = File::options().create(true).append(true).open(self.dir.join(name));
        let file = file.map_err(|error| self.folder("cannot open a lock", error))?;
        match Flock::lock(file, how) {
            Ok(lock) => Ok(Some(lock)),
            Err((_, nix::errno::Errno::EWOULDBLOCK)) => Ok(None),
            Err((_, error)) => Err(self.folder("cannot lock it", error.into())),
        }
    }

    /// The process that the server's own file names.
    fn server_pid(&self) -> Option<u32> {
        let text = fs::read_to_string(self.data_dir().join("postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    /// The user to run Postgres as; none for the current user.
    fn user(&self) -> Result<Option<User>, ClusterError> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let found = UNPRIVILEGED.iter().find_map(|name| User::from_name(name).ok().flatten());
        found.map(Some).ok_or(ClusterError::NoUser)
    }

    /// Creates the folders, accessible only to that user.
    fn own(&self, user: Option<&User>) -> Result<(), ClusterError> {
        for dir in [self.dir.clone(), self.data_dir(), self.socket_dir()] {
            fs::create_dir_all(&dir).map_err(|error| self.folder("cannot create it", error))?;
            if let Some(user) = user {
                let owned = chown(&dir, Some(user.uid.as_raw()), Some(user.gid.as_raw()));
                owned.map_err(|error| self.folder("cannot change its owner", error))?;
            }
            let permitted = fs::set_permissions(&dir, Permissions::from_mode(0o700));
            permitted.map_err(|error| self.folder("cannot set its permissions", error))?;
        }
        Ok(())
    }

    async fn init(
        &self,
        binaries: &binaries::Binaries,
        user: Option<&User>,
    ) -> Result<(), ClusterError> {
        let mut command = self.command(&binaries.initdb(), user);
        command.arg("-D").arg(self.data_dir()).args(["-U", DATABASE, "-A", "trust", "-N"]);
        command.args(["--encoding=UTF8", "--locale=C"]).stdin(Stdio::null());
        let output = tokio::process::Command::from(command).output().await;
        let failed = |error| self.not_run("cannot run initdb", &binaries.initdb(), user, error);
        let output = output.map_err(failed)?;
        if output.status.success() {
            return Ok(());
        }
        let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(ClusterError::Start { dir: self.dir.clone(), reason })
    }

    fn spawn(
        &mut self,
        binaries: &binaries::Binaries,
        user: Option<&User>,
    ) -> Result<(), ClusterError> {
        let log = File::create(self.log_file());
        let log = log.map_err(|error| self.folder("cannot create the log", error))?;
        let errors =
            log.try_clone().map_err(|error| self.folder("cannot create the log", error))?;
        let mut command = self.command(&binaries.postgres(), user);
        command.arg("-D").arg(self.data_dir()).arg("-k").arg(self.socket_dir());
        command.args(["-c", "listen_addresses=", "-c", "unix_socket_permissions=0700"]);
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        // Ctrl-C in a terminal must not stop the server directly: we stop it at our end.
        command.process_group(0);
        let server = command.spawn();
        let failed = |error| self.not_run("cannot run postgres", &binaries.postgres(), user, error);
        let server = server.map_err(failed)?;
        self.server = Some(server);
        Ok(())
    }

    async fn await_ready(&mut self) -> Result<(), ClusterError> {
        let deadline = Instant::now() + START_MAX;
        loop {
            if let Ok(mut connection) = self.options_of("postgres").connect().await {
                return self.make_database(&mut connection).await;
            }
            let ended = self.server.is_some() && !self.runs() && self.server.is_none();
            if ended || Instant::now() > deadline {
                let log = fs::read_to_string(self.log_file()).unwrap_or_default();
                let lines: Vec<&str> = log.lines().rev().take(8).collect();
                let reason = lines.into_iter().rev().collect::<Vec<_>>().join("\n");
                return Err(ClusterError::Start { dir: self.dir.clone(), reason });
            }
            sleep(ASK_EVERY).await;
        }
    }

    async fn make_database(&self, connection: &mut PgConnection) -> Result<(), ClusterError> {
        let there = sqlx::query_scalar::<_, i32>("select 1 from pg_database where datname = $1")
            .bind(DATABASE)
            .fetch_optional(&mut *connection)
            .await;
        let made = match there {
            Ok(Some(_)) => Ok(()),
            Ok(None) => {
                sqlx::raw_sql("create database ehb").execute(&mut *connection).await.map(drop)
            }
            Err(error) => Err(error),
        };
        made.map_err(|error| ClusterError::Start {
            dir: self.dir.clone(),
            reason: format!("cannot create the database: {error}"),
        })
    }

    fn command(&self, program: &Path, user: Option<&User>) -> Command {
        let mut command = Command::new(program);
        // Environment variables for another server must not apply.
        for variable in ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGOPTIONS"] {
            command.env_remove(variable);
        }
        command.current_dir(&self.dir);
        if let Some(user) = user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    fn data_dir(&self) -> PathBuf {
        self.dir.join("data")
    }

    fn socket_dir(&self) -> PathBuf {
        self.dir.join("run")
    }

    fn log_file(&self) -> PathBuf {
        self.dir.join("postgres.log")
    }

    /// A program did not begin.
    fn not_run(
        &self,
        what: &'static str,
        program: &Path,
        user: Option<&User>,
        error: io::Error,
    ) -> ClusterError {
        match user {
            Some(user) if error.kind() == io::ErrorKind::PermissionDenied => {
                let (user, program, dir) =
                    (user.name.clone(), program.to_owned(), self.dir.clone());
                ClusterError::Unreachable { user, program, dir }
            }
            _ => self.folder(what, error),
        }
    }

    fn folder(&self, what: &'static str, error: io::Error) -> ClusterError {
        ClusterError::Folder { dir: self.dir.clone(), what, error }
    }
}

/// Process ids of this system fit.
fn pid_of(pid: u32) -> Pid {
    Pid::from_raw(i32::try_from(pid).unwrap_or(i32::MAX))
}
