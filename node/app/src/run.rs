use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, anyhow};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use ehb_executor::THREAD_STACK_BYTES;
use ehb_kernel::chain;
use ehb_mempool::{Limits, SharedMempool};
use ehb_network::{Network, PROTOCOL_VERSIONS, PeerAddress};
use ehb_replica::Replica;
use ehb_rpc_server::{Backend, Operations, OperationsServer, Server};
use ehb_state::Overlay;
use ehb_types::Genesis;
use tokio::runtime::{Handle, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tracing_subscriber::EnvFilter;

use crate::asked::Asked;
use crate::backend::NodeBackend;
use crate::chain::{Chain, open};
use crate::cli::{LogFormat, Settings};
use crate::code;
use crate::config::{self, Config};
use crate::descriptors::Descriptors;
use crate::driver::{Driver, Inputs, Outputs, now_ms};
use crate::gossips::Gossips;
use crate::init::{GENESIS_FILE, read_genesis};
use crate::intake::Intake;
use crate::interfaces::Interfaces;
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::modules::ModuleInfos;
use crate::network_metrics::NetworkMetrics;
use crate::performer::Performer;
use crate::place::Place;
use crate::priority;
use crate::shared::Shared;
use crate::watch::Watch;
use crate::{wire, workers};

/// Where the node tells the addresses that it listens at, once it is up.
const ENDPOINTS_FILE: &str = "endpoints.json";
/// How many urgent events, and how many others, wait for the replica once they are decoded. Few: what
/// waits before that waits in turns. Their bytes are bounded by the room that they hold in the network.
const URGENT_EVENTS_MAX: usize = 64;
const BULK_EVENTS_MAX: usize = 2;
/// How many submissions wait for the replica; each holds up to a batch of transactions.
const SUBMISSIONS_MAX: usize = 1_024;
/// How many effects wait to be performed.
const EFFECTS_MAX: usize = 4_096;
/// How many requests of peers wait to be served.
const SERVED_MAX: usize = 256;
/// How many accounts' code can wait for being compiled before it is installed.
const COMPILED_MAX: usize = 16;
/// How many threads read and write for clients.
const CLIENTS_THREADS: usize = 2;
/// How many threads do the blocking work of clients at the most; the server's own bounds are below.
const CLIENTS_BLOCKING_THREADS_MAX: usize = 64;
/// How long open requests may take when the node stops.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// Runs a node until it is told to stop, or stops itself to protect the chain.
pub(crate) fn start(settings: &Settings) -> anyhow::Result<()> {
    let mut config = code::step(code::CONFIG, Config::load(settings))?;
    code::step(code::CONFIG, set_up_log(&config.log))?;
    let data_dir = &settings.data_dir;
    let genesis = code::step(code::GENESIS, read_genesis(&data_dir.join(GENESIS_FILE)))?;
    let keys = code::step(code::KEYS, Keys::read(data_dir))?;
    let descriptors = Descriptors::claim()?;
    config.rpc = config.rpc.within(descriptors.clients(config.rpc.connections_max));
    let chain = open(data_dir, &genesis, &config, &descriptors)?;
    warn_of_old_copies(&config, &keys, &chain.store)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(THREAD_STACK_BYTES)
        .enable_all()
        .build()
        .context("cannot start the asynchronous runtime")?;
    let clients = clients_runtime()?;
    let stdin_end = settings.stop_at_stdin_end.then(stdin_end).transpose()?;
    run(data_dir, (&config, &descriptors), (genesis, &keys), chain, (runtime, clients), stdin_end)
}

/// Resolves when standard input ends. The thread that reads it ends with the process.
fn stdin_end() -> anyhow::Result<oneshot::Receiver<()>> {
    let (ended, end) = oneshot::channel();
    std::thread::Builder::new()
        .name("stdin".to_owned())
        .spawn(move || {
            // An error is an end too: nothing more can come.
            let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
            let _ = ended.send(());
        })
        .context("cannot start the thread stdin")?;
    Ok(end)
}

/// Restoring an old copy is what operators do in need, when nobody thinks of what the key signed since.
fn warn_of_old_copies(
    config: &Config,
    keys: &Keys,
    store: &ehb_store::Store,
) -> anyhow::Result<()> {
    let validators = chain::validators(&Overlay::new(store.state()))?;
    let validates = validators.index_of(&keys.consensus.public_key()).is_some();
    if validates && config.store.signer_state.is_none() {
        tracing::warn!(
            "store.signer_state is not set: before its first vote this validator hears from others what \
             they saw of its key, in case this data directory is an old copy; to vote without asking, \
             name a file elsewhere that is never restored"
        );
    }
    Ok(())
}

fn set_up_log(log: &config::Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.filter)
        .with_context(|| format!("log.filter {:?} is not valid", log.filter))?;
    // A log that cannot be written is lost: reporting it where it could not be written would panic.
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .log_internal_errors(false);
    match log.format {
        LogFormat::Json => lines.json().init(),
        LogFormat::Pretty => {
            lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init();
        }
    }
    Ok(())
}

fn run(
    data_dir: &Path,
    (config, descriptors): (&Config, &Descriptors),
    (genesis, keys): (Genesis, &Keys),
    chain: Chain,
    (runtime, clients): (Runtime, Runtime),
    stdin_end: Option<oneshot::Receiver<()>>,
) -> anyhow::Result<()> {
    let Chain { store, place, executor, recovery } = chain;
    let head = recovery.head.header.height;
    let (network, events) = {
        let limits = config.p2p.limits(descriptors.network_limits());
        let settings = network_settings(config, limits, &genesis, keys, &store)?;
        runtime.block_on(ehb_network::start(settings))?
    };
    let metrics = Arc::new(Metrics::new());
    let mempool = SharedMempool::new(Limits::new(
        config.mempool.transactions_max,
        config.mempool.size_max_mib << 20,
        config.mempool.sender_transactions_max,
    ));
    let settings = ehb_replica::Config {
        chain: genesis.hash(),
        key: Some(keys.consensus.clone()),
        mempool: mempool.clone(),
        bounds: ehb_replica::Bounds::default(),
        record_kept_apart: config.store.signer_state.is_some(),
    };
    let modules = ModuleInfos::new(executor.library().for_reads());
    let (replica, first) = Replica::start(settings, recovery, now_ms())?;
    let shared = Arc::new(Shared::new(replica.status()));

    let (submissions, submissions_out) = bounded(SUBMISSIONS_MAX);
    let backend = NodeBackend {
        genesis_hash: genesis.hash(),
        genesis: Arc::new(genesis),
        consensus_key: keys.consensus.public_key(),
        store: store.clone(),
        interfaces: Interfaces::new(modules.kernel()),
        modules,
        mempool: mempool.clone(),
        network: network.clone(),
        shared: shared.clone(),
        submissions,
    };
    // Before any thread works on the store: what fails here still ends in good order.
    let servers = Servers::bind(
        (&runtime, &clients),
        config,
        Arc::new(backend),
        metrics_text(&metrics, &shared, &mempool, &network, &store),
    )?;
    code::step(code::DISK, servers.tell(data_dir, &network))?;
    metrics.add_clients(servers.rpc.usage());
    metrics.add_network(NetworkMetrics::new(network.clone()));

    let (stop, stopped) = bounded::<()>(0);
    let (answers, answers_out) = unbounded();
    let (urgent, urgent_out) = bounded(URGENT_EVENTS_MAX);
    let (bulk, bulk_out) = bounded(BULK_EVENTS_MAX);
    let (outputs, threads) = spawn_workers(
        &answers,
        (&store, place, &network),
        executor,
        (&metrics, &shared),
        &stopped,
    )?;
    let watch = Watch {
        consensus_key: keys.consensus.public_key(),
        config: config.health,
        mempool_max: (config.mempool.transactions_max, config.mempool.size_max_mib << 20),
        mempool,
        network: network.clone(),
        store: store.clone(),
        shared: shared.clone(),
        metrics: metrics.clone(),
        stop: stopped.clone(),
    };
    let watch = spawn("watch", move || watch.run())?;
    let inputs = Inputs {
        answers: answers_out,
        urgent: urgent_out,
        bulk: bulk_out,
        submissions: submissions_out,
        stop: stopped,
    };
    tracing::info!(height = head, rpc = %servers.rpc.address(), "the node is up");

    let (gossips, asked) = (outputs.gossips.clone(), outputs.asked.clone());
    let driver = Driver::new(replica, inputs, outputs, shared, metrics);
    let (urgent_in, bulk_in) = events.split();
    let votes = Intake { network: network.clone(), gossips, asked, events: urgent };
    let blocks = Intake { events: bulk, ..votes.clone() };
    let intakes = [
        spawn("intake-urgent", move || votes.run(urgent_in))?,
        spawn("intake-bulk", move || blocks.run(bulk_in))?,
    ];
    drop(network);
    let (done, driver_done) = oneshot::channel();
    let driver = spawn("driver", move || {
        // Whoever waits is told why the replica ended, also when nobody waits any more.
        let _ = done.send(driver.run(first));
    })?;
    let outcome = runtime.block_on(servers.serve(driver_done, stop, stdin_end));
    join(driver);
    threads.into_iter().for_each(join);
    join(watch);
    drop(store);
    // The network ends with its runtime, and with it what it logs and what the intakes wait for.
    for runtime in [clients, runtime] {
        runtime.shutdown_timeout(STOP_PATIENCE);
    }
    intakes.into_iter().for_each(join);
    tracing::info!("the node has stopped");
    outcome
}

fn network_settings(
    config: &Config,
    limits: ehb_network::Limits,
    genesis: &Genesis,
    keys: &Keys,
    store: &ehb_store::Store,
) -> anyhow::Result<ehb_network::Config> {
    let nodes = chain::nodes(&Overlay::new(store.state()))?;
    let peers = &config.p2p.peers;
    Ok(ehb_network::Config {
        listen: vec![config.p2p.listen],
        node_key: keys.node.clone(),
        chain_id: genesis.chain_id.clone(),
        genesis: genesis.hash(),
        versions: PROTOCOL_VERSIONS,
        kinds: wire::kinds(),
        permitted: nodes.into_iter().map(|(key, _)| key).collect(),
        peers: peers
            .iter()
            .map(|peer| PeerAddress { key: peer.key, address: peer.address.clone() })
            .collect(),
        limits,
    })
}

fn spawn_workers(
    answers: &Sender<ehb_replica::Event>,
    (store, place, network): (&ehb_store::Store, Place, &Network),
    executor: ehb_executor::Executor,
    (metrics, shared): (&Arc<Metrics>, &Arc<Shared>),
    stop: &Receiver<()>,
) -> anyhow::Result<(Outputs, Vec<JoinHandle<()>>)> {
    let (performer, effects) = bounded(EFFECTS_MAX);
    let (verifier, to_verify) = bounded(EFFECTS_MAX);
    let (executing, to_execute) = bounded(EFFECTS_MAX);
    let (serving, to_serve) = bounded(SERVED_MAX);
    let (compiler, to_compile) = bounded(COMPILED_MAX);
    let disk = Performer {
        store: store.clone(),
        place,
        network: network.clone(),
        answers: answers.clone(),
        metrics: metrics.clone(),
        shared: shared.clone(),
        stop: stop.clone(),
    };
    let threads = vec![
        spawn("disk", move || disk.run(&effects))?,
        {
            let answers = answers.clone();
            spawn("verify", move || workers::verify(&to_verify, &answers))?
        },
        {
            let (library, store) = (executor.library().clone(), store.clone());
            spawn("compile", move || workers::compile(&library, &store, &to_compile))?
        },
        {
            let answers = answers.clone();
            spawn("execute", move || {
                workers::execute(executor, &to_execute, &answers, &compiler);
            })?
        },
        {
            let (store, network) = (store.clone(), network.clone());
            spawn("serve", move || workers::serve(&store, &network, &to_serve))?
        },
    ];
    let outputs = Outputs {
        performer,
        verifier,
        executor: executing,
        server: serving,
        network: network.clone(),
        gossips: Arc::new(Gossips::default()),
        asked: Arc::new(Asked::default()),
    };
    Ok((outputs, threads))
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> anyhow::Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .stack_size(THREAD_STACK_BYTES)
        .spawn(body)
        .with_context(|| format!("cannot start the thread {name}"))
}

/// The threads that work for clients: with less priority than those that keep the chain going.
fn clients_runtime() -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(CLIENTS_THREADS)
        .max_blocking_threads(CLIENTS_BLOCKING_THREADS_MAX)
        .thread_name("clients")
        .thread_stack_size(THREAD_STACK_BYTES)
        .on_thread_start(priority::lower)
        .enable_all()
        .build()
        .context("cannot start the runtime for clients")
}

fn join(thread: JoinHandle<()>) {
    let name = thread.thread().name().unwrap_or_default().to_owned();
    if thread.join().is_err() {
        tracing::error!(name, "a thread panicked");
    }
}

fn metrics_text(
    metrics: &Arc<Metrics>,
    shared: &Arc<Shared>,
    mempool: &SharedMempool,
    network: &Network,
    store: &ehb_store::Store,
) -> Arc<dyn Fn() -> String + Send + Sync> {
    let (metrics, shared) = (metrics.clone(), shared.clone());
    let (mempool, network, store) = (mempool.clone(), network.clone(), store.clone());
    Arc::new(move || {
        let disk_bytes = store.usage().map_or(0, |usage| usage.disk_bytes);
        let pending_bytes = mempool.read().bytes();
        metrics.text(&shared.status(), network.peers().len(), pending_bytes, disk_bytes)
    })
}

/// The listeners that clients and operators use.
struct Servers {
    rpc: Server,
    operations: OperationsServer,
    /// Runs what clients ask for, apart from the network and from what operators ask.
    clients: Handle,
}

impl Servers {
    fn bind(
        (runtime, clients): (&Runtime, &Runtime),
        config: &Config,
        backend: Arc<NodeBackend>,
        metrics: Arc<dyn Fn() -> String + Send + Sync>,
    ) -> anyhow::Result<Self> {
        let rpc = clients.block_on(Server::bind(config.rpc.server_config(), backend.clone()))?;
        let readiness = Arc::new(move || backend.readiness());
        let listen = config.metrics.listen;
        let operations = OperationsServer::bind(listen, Operations { metrics, readiness });
        let operations = runtime
            .block_on(operations)
            .with_context(|| format!("cannot listen for metrics and health at {listen}"));
        let operations = code::step(code::LISTEN, operations)?;
        Ok(Self { rpc, operations, clients: clients.handle().clone() })
    }

    /// Writes the addresses into the data directory, in one step.
    fn tell(&self, data_dir: &Path, network: &Network) -> anyhow::Result<()> {
        let address = self.rpc.address();
        let endpoints = serde_json::json!({
            "pid": std::process::id(),
            "rpc": format!("http://{address}"),
            "ws": format!("ws://{address}"),
            "metrics": format!("http://{}/metrics", self.operations.address()),
            "health": format!("http://{}/health", self.operations.address()),
            "readiness": format!("http://{}/readyz", self.operations.address()),
            "p2p": network.local_addresses(),
        });
        let mut file = tempfile::NamedTempFile::new_in(data_dir)
            .with_context(|| format!("cannot write into {}", data_dir.display()))?;
        serde_json::to_writer_pretty(&mut file, &endpoints)?;
        file.persist(data_dir.join(ENDPOINTS_FILE))?;
        Ok(())
    }

    /// Serves until a signal comes or the replica ends. Dropping `stop` ends the replica.
    async fn serve(
        self,
        mut driver_done: oneshot::Receiver<Result<(), String>>,
        stop: Sender<()>,
        stdin_end: Option<oneshot::Receiver<()>>,
    ) -> anyhow::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (stop_rpc, rpc_stopped) = oneshot::channel::<()>();
        let rpc = self.clients.spawn(self.rpc.run(async {
            let _ = rpc_stopped.await;
        }));
        let operations = tokio::spawn(self.operations.run());
        let ended = tokio::select! {
            ended = &mut driver_done => Some(ended),
            _ = terminate.recv() => None,
            _ = interrupt.recv() => None,
            () = ended_or_never(stdin_end) => None,
        };
        tracing::info!("stopping");
        drop(stop_rpc);
        operations.abort();
        if tokio::time::timeout(STOP_PATIENCE, rpc).await.is_err() {
            tracing::warn!("some requests were still open");
        }
        drop(stop);
        let ended = match ended {
            Some(ended) => ended,
            None => driver_done.await,
        };
        match ended {
            Ok(Ok(())) => Ok(()),
            Ok(Err(reason)) => {
                let error = anyhow!("the node halted to protect the chain: {reason}");
                Err(code::coded(code::HALTED, error))
            }
            Err(_) => Err(anyhow!("the replica's thread panicked")),
        }
    }
}

async fn ended_or_never(end: Option<oneshot::Receiver<()>>) {
    match end {
        // A sender that is gone without a word ends the wait as well.
        Some(end) => drop(end.await),
        None => std::future::pending().await,
    }
}
