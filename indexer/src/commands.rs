//! Executes the commands that `cli.rs` defines, and maps their errors to stable codes.

use std::time::Duration;

use anyhow::{Context, bail};
use ehb_indexer::database::Database;
use ehb_indexer::index::{self, IndexError, Settings};
use ehb_indexer::progress::Progress;
use ehb_indexer::schema::{organisation, report};
use ehb_indexer::source::Source;
use ehb_indexer::verify::record::{self, Kind};
use ehb_indexer::write::WRITER_LOCK;
use ehb_indexer::{hook, outbox, rebuild, schema, serve, verify};
use ehb_sdk::Client;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::cli::{Command, Db, Http, Index, Reader, Reset, Serve, Sql, Status, Target, Verify};
use crate::webhooks;

/// The interval at which `serve` reads the cursor.
const CURSOR_EVERY: Duration = Duration::from_millis(500);

pub(crate) async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Run(run) => {
            let stop = stop_signal(run.stop_at_stdin_end)?;
            index(run.index, Some(run.http), stop).await
        }
        Command::Index(options) => index(options, None, stop_signal(false)?).await,
        Command::Serve(options) => serve_alone(options).await,
        Command::Rebuild(options) => build_again(options, stop_signal(false)?).await,
        Command::Status(options) => status(options).await,
        Command::Verify(options) => compare(options).await,
        Command::Sql(options) => sql(options).await,
        Command::Migrate(target) | Command::Db(Db::Migrate(target)) => migrate(&target).await,
        Command::Reset(options) | Command::Db(Db::Reset(options)) => reset(options).await,
        Command::Db(Db::Url(target)) => Ok(ehb_console::result(&target.open()?.url())?),
        Command::Db(Db::Stop(target)) => stop(&target).await,
        Command::Db(Db::DropOld(target)) => drop_old(&target).await,
        Command::Db(Db::Reader(options)) => reader(options).await,
        Command::Db(Db::LimitRows(target)) => limit_rows(&target).await,
        Command::Webhook(command) => webhooks::run(command).await,
        Command::Outbox(command) => webhooks::outbox(command).await,
    }
}

/// The stable code of an error.
pub(crate) fn code(error: &anyhow::Error) -> &'static str {
    error.downcast_ref::<IndexError>().map_or("FAILED", IndexError::code)
}

async fn index(
    options: Index,
    http: Option<Http>,
    stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let mut database = options.target.open()?;
    let source = Source::new(&options.endpoints, options.genesis)?;
    let settings = writing(&options);
    let progress = Progress::default();
    let address = database.ready().await.map_err(IndexError::from)?;
    let private_addresses = options.webhooks_to_private_addresses;
    let hooks = hook::Settings { private_addresses, ..hook::Settings::default() };
    let (hooked, mut stopped) = (address.clone(), stop.clone());
    tokio::spawn(async move {
        tokio::select! {
            () = hook::run(hooked, hooks) => {}
            _ = stopped.wait_for(|stop| *stop) => {}
        }
    });
    if !options.nats.is_empty() {
        let published = outbox::Settings {
            servers: options.nats,
            stream: options.nats_stream,
            replicas: options.nats_replicas.into(),
            from_height: options.nats_from,
        };
        let (database, mut stopped) = (address.clone(), stop.clone());
        let progress = progress.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = outbox::run(database, published, progress) => {}
                _ = stopped.wait_for(|stop| *stop) => {}
            }
        });
    }
    if let Some(http) = http {
        let listener = listen(&http).await?;
        let served = settings_of(http, &options.endpoints)?;
        let (progress, mut stopped) = (progress.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = serve::serve(listener, progress, address, served) => {}
                _ = stopped.wait_for(|stop| *stop) => {}
            }
        });
    }
    let ended = index::run(&settings, source, &mut database, &progress, stop).await;
    database.close().await;
    Ok(ended?)
}

fn writing(options: &Index) -> Settings {
    Settings {
        partition_heights: options.partition_heights,
        keep_heights: options.keep_heights,
        ..Settings::default()
    }
}

async fn build_again(options: Index, stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let mut database = options.target.open()?;
    let source = Source::new(&options.endpoints, options.genesis)?;
    let progress = Progress::default();
    let ended = rebuild::run(&writing(&options), source, &mut database, &progress, stop).await;
    database.close().await;
    ended?;
    ehb_console::say("the new tables are in use; 'ehb-indexer db drop-old' drops the old ones");
    Ok(())
}

async fn drop_old(target: &Target) -> anyhow::Result<()> {
    let mut database = target.open()?;
    let dropped = rebuild::drop_old(&mut database).await;
    database.close().await;
    ehb_console::say(if dropped? { "dropped" } else { "there is none" });
    Ok(())
}

async fn listen(http: &Http) -> anyhow::Result<TcpListener> {
    let listener = serve::bind(http.listen).await;
    let listener = listener.with_context(|| format!("cannot listen at {}", http.listen))?;
    ehb_console::say(&format!("serving at http://{}", listener.local_addr()?));
    Ok(listener)
}

/// The folder of the dashboard beside this program.
const DASHBOARD: &str = "dashboard";

/// The options of the server; pages of the dashboard can ask these nodes, too.
fn settings_of(http: Http, nodes: &[String]) -> anyhow::Result<serve::Settings> {
    let beside = || Some(std::env::current_exe().ok()?.with_file_name(DASHBOARD));
    let folder = http.dashboard.or_else(|| beside().filter(|it| it.is_dir()));
    let nodes = [nodes, http.proof_nodes.as_slice()].concat();
    let dashboard = folder.map(|it| serve::Dashboard::read(&it, &nodes)).transpose();
    let limits = serve::Limits {
        connections_per_client: http.connections_per_client,
        streams_per_client: http.live_streams_per_client,
        ..serve::Limits::default()
    };
    Ok(serve::Settings {
        allowed_hosts: http.allowed_hosts,
        access: http.access.into(),
        limits,
        dashboard: dashboard.context("cannot read the dashboard")?,
    })
}

async fn serve_alone(options: Serve) -> anyhow::Result<()> {
    let mut database = options.target.open()?;
    let progress = Progress::default();
    let mut stop = stop_signal(false)?;
    let listener = listen(&options.http).await?;
    let settings = settings_of(options.http, &[])?;
    let address = database.ready().await?;
    tokio::select! {
        () = serve::serve(listener, progress.clone(), address, settings) => {}
        _ = stop.wait_for(|stop| *stop) => {}
        () = follow_cursor(&mut database, &progress) => {}
    }
    database.close().await;
    Ok(())
}

/// Updates the progress from the database.
async fn follow_cursor(database: &mut Database, progress: &Progress) {
    loop {
        let read = async {
            let mut connection = database.connect().await?;
            loop {
                serve::follow(&mut connection, progress).await?;
                sleep(CURSOR_EVERY).await;
            }
        };
        let ended: anyhow::Result<()> = read.await;
        if let Err(error) = ended {
            progress.fail(&error.to_string());
        }
        sleep(CURSOR_EVERY).await;
    }
}

/// A flag that SIGINT and SIGTERM set, and on request the end of the standard input.
fn stop_signal(at_stdin_end: bool) -> anyhow::Result<watch::Receiver<bool>> {
    let (set, stop) = watch::channel(false);
    if at_stdin_end {
        let set = set.clone();
        // A thread of its own: the runtime would wait for a read of its own at the end.
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
            let _ = set.send(true);
        });
    }
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::spawn(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        let _ = set.send(true);
    });
    Ok(stop)
}

async fn migrate(target: &Target) -> anyhow::Result<()> {
    let mut database = target.open()?;
    let migrated = async {
        let mut connection = database.connect().await?;
        Ok::<_, anyhow::Error>(schema::migrate(&mut connection).await?)
    };
    let migrated = migrated.await;
    database.close().await;
    let steps = migrated?;
    let text = if steps.is_empty() { "nothing to do".to_owned() } else { steps.join(", ") };
    ehb_console::say(&format!("migrated: {text}"));
    Ok(())
}

async fn reset(options: Reset) -> anyhow::Result<()> {
    if !options.yes {
        bail!("this drops all tables of the indexer: confirm with --yes");
    }
    let mut database = options.target.open()?;
    let done = async {
        let mut connection = database.connect().await?;
        Ok::<_, anyhow::Error>(schema::reset(&mut connection).await?)
    };
    let done = done.await;
    database.close().await;
    done
}

async fn reader(options: Reader) -> anyhow::Result<()> {
    let mut database = options.target.open()?;
    let granted = async {
        let mut connection = database.connect().await?;
        schema::check(&mut connection).await?;
        let password = options.password.as_deref();
        Ok::<_, anyhow::Error>(report::grant(&mut connection, &options.role, password).await?)
    };
    let granted = granted.await;
    database.close().await;
    granted?;
    ehb_console::say(&format!("{} can read the views of the schema report", options.role));
    Ok(())
}

async fn limit_rows(target: &Target) -> anyhow::Result<()> {
    let mut database = target.open()?;
    let limited = async {
        let mut connection = database.connect().await?;
        schema::check(&mut connection).await?;
        Ok::<_, anyhow::Error>(organisation::limit(&mut connection).await?)
    };
    let limited = limited.await;
    database.close().await;
    limited?;
    ehb_console::say("rows are limited for clients of 'serve --access organisation'");
    Ok(())
}

async fn stop(target: &Target) -> anyhow::Result<()> {
    match target.open()? {
        Database::Url(url, _) => bail!("the database at {url} is not a private one"),
        Database::Private(mut cluster) => {
            let text = if cluster.stop_left().await? { "stopped" } else { "it does not run" };
            ehb_console::say(text);
            Ok(())
        }
    }
}

async fn compare(options: Verify) -> anyhow::Result<()> {
    let mut database = options.target.open()?;
    let compared = async {
        let mut connection = database.connect().await?;
        schema::check(&mut connection).await?;
        let url = options.endpoints.first().context("no endpoint is given")?;
        let client = Client::connect(url).await?;
        if let Some(height) = options.at {
            let patience = Duration::from_secs(options.patience);
            verify::wait_for(&mut connection, height, patience).await?;
        }
        let scope = verify::Scope { at: options.at, since: options.since };
        let reads = |height| verify::NodeReads::new(client, height);
        let report = verify::run(&mut connection, reads, scope).await?;
        let kind = match scope {
            verify::Scope { at: None, since: None } => Kind::Full,
            _ => Kind::Part,
        };
        record::write(&mut connection, &report, kind).await?;
        Ok::<_, anyhow::Error>(report)
    };
    let compared = compared.await;
    database.close().await;
    let report = compared?;
    if options.json {
        ehb_console::json(&report)?;
    } else {
        let text = format!(
            "height {}: {} rows compared, {} skipped, {} sums checked, {} differences",
            report.height, report.compared, report.skipped, report.sums, report.differing
        );
        let lines = std::iter::once(text).chain(report.differences.iter().cloned());
        ehb_console::result(&lines.collect::<Vec<_>>().join("\n"))?;
    }
    if report.differing == 0 { Ok(()) } else { bail!("the tables differ from the chain") }
}

async fn sql(options: Sql) -> anyhow::Result<()> {
    let mut database = options.target.open()?;
    let rows = async {
        let mut connection = database.connect().await?;
        query(&mut connection, &options.query).await
    };
    let rows = rows.await;
    database.close().await;
    for row in rows? {
        ehb_console::result(&row)?;
    }
    Ok(())
}

/// The rows of one read-only query, each as a JSON object in the order of its columns.
async fn query(connection: &mut PgConnection, sql: &str) -> anyhow::Result<Vec<String>> {
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql("set transaction read only").execute(&mut *transaction).await?;
    let sql = format!(
        "select row_to_json(q)::text from ({}\n) q",
        sql.trim_end_matches([';', ' ', '\n'])
    );
    Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *transaction).await?)
}

async fn status(options: Status) -> anyhow::Result<()> {
    let mut database = options.target.open()?;
    let read = async {
        let mut connection = database.connect().await?;
        schema::check(&mut connection).await?;
        let sql =
            "select c.genesis_hash as genesis, c.network, (select min(height) from chain.block) as \"firstHeight\",
                c.height, c.block_hash as \"blockHash\",
                c.block_time as \"blockTime\", c.projection,
                pg_size_pretty(pg_database_size(current_database())) as size,
                current_setting('server_version') as postgres,
                (select count(distinct module) from chain.module_version) as modules,
                exists (
                    select from pg_locks where locktype = 'advisory' and granted and objsubid = 1
                        and database = (select oid from pg_database where datname = current_database())
                        and (classid::bigint << 32 | objid::bigint) = {WRITER_LOCK}
                ) as writing
            from chain.cursor c";
        query(&mut connection, &sql.replace("{WRITER_LOCK}", &WRITER_LOCK.to_string())).await
    };
    let read = read.await;
    database.close().await;
    let row = read?.pop();
    let mut value: Value = match row {
        Some(row) => serde_json::from_str(&row)?,
        None => json!({"height": null}),
    };
    value["url"] = database.url().into();
    if options.json {
        return Ok(ehb_console::json(&value)?);
    }
    let lines = value.as_object().into_iter().flatten().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{name:<10} {text}")
    });
    Ok(ehb_console::result(&lines.collect::<Vec<_>>().join("\n"))?)
}
