//! Runs `ehb-node start`: assembles the node, starts its threads and servers, and stops them in order.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, anyhow};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use ehb_executor::THREAD_STACK_BYTES;
use ehb_kernel::chain;
use ehb_mempool::{Limits, SharedMempool};
use ehb_network::{Channel, Network, PROTOCOL_VERSIONS, PeerAddress};
use ehb_replica::Replica;
use ehb_rpc_server::{Backend, Operations, OperationsServer, Server};
use ehb_state::Overlay;
use ehb_types::Genesis;
use tokio::runtime::{Handle, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use crate::asked::Asked;
use crate::backend::NodeBackend;
use crate::cli::{LogFormat, Settings};
use crate::config::{self, Config};
use crate::descriptors::Descriptors;
use crate::driver::{Driver, Inputs, Outputs};
use crate::error_code;
use crate::gossips::Gossips;
use crate::init::genesis_in;
use crate::intake::Intake;
use crate::interfaces::Interfaces;
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::modules::ModuleInfos;
use crate::network_metrics::NetworkMetrics;
use crate::open::{Chain, open};
use crate::performer::{Performer, permitted_nodes};
use crate::place::Place;
use crate::priority;
use crate::published::Published;
use crate::setting::log_filter;
use crate::wall_clock::now_ms;
use crate::watch::Watch;
use crate::{wire, workers};

/// The file in which the node publishes its listening addresses once it is up.
const ENDPOINTS_FILE: &str = "endpoints.json";
/// The maximum number of decoded urgent events, and of others, that wait for the replica. Low, because the
/// queues before it serve peers in turns. Their bytes are limited by the network's memory limits.
const URGENT_EVENTS_MAX: usize = 64;
const BULK_EVENTS_MAX: usize = 2;
/// The maximum number of submissions that wait for the replica; each has up to a batch of transactions.
const SUBMISSIONS_MAX: usize = 1_024;
/// The maximum number of effects that wait to be performed.
const EFFECTS_MAX: usize = 4_096;
/// The maximum number of batches for the mempool, and of blocks, that wait to be verified: the replica asks for the next one
/// when it has the answer.
const VERIFIED_MAX: usize = 1;
/// The maximum number of requests of peers that wait to be served.
const SERVED_MAX: usize = 256;
/// The maximum number of uploads that wait to be compiled before their installation.
const COMPILED_MAX: usize = 16;
/// The number of threads for the I/O of clients.
const CLIENTS_THREADS: usize = 2;
/// The maximum number of threads for the blocking work of clients; the server's own limits are lower.
const CLIENTS_BLOCKING_THREADS_MAX: usize = 64;
/// The time limit for open requests when the node stops.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// Runs a node until it receives a stop signal, or stops itself to protect the chain.
pub(crate) fn start(settings: &Settings) -> anyhow::Result<()> {
    let mut config = error_code::step(error_code::CONFIG, Config::load(settings))?;
    error_code::step(error_code::CONFIG, set_up_log(&config.log))?;
    let data_dir = &settings.data_dir;
    let genesis = genesis_in(data_dir)?;
    let keys = error_code::step(error_code::KEYS, Keys::read(data_dir))?;
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
            // An error also ends the input.
            let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
            let _ = ended.send(());
        })
        .context("cannot start the thread stdin")?;
    Ok(end)
}

/// Operators restore old copies in emergencies, when they do not think of what the key signed since.
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
    let filter = log_filter(&log.filter)?;
    // A log line that cannot be written is dropped: reporting the failure to the same output would panic.
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
    let published = Arc::new(Published::new(replica.status()));

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
        published: published.clone(),
        submissions,
    };
    // Before any thread uses the store, so that a failure here still stops cleanly.
    let servers = Servers::bind(
        (&runtime, &clients),
        config,
        Arc::new(backend),
        metrics_text(&metrics, &published, &mempool, &network, &store),
    )?;
    error_code::step(error_code::DISK, servers.write_addresses(data_dir, &network))?;
    metrics.add_clients(servers.rpc.usage());
    metrics.add_network(NetworkMetrics::new(network.clone()));

    let (stop, stopped) = bounded::<()>(0);
    let (answers, answers_out) = unbounded();
    let (urgent, urgent_out) = bounded(URGENT_EVENTS_MAX);
    let (bulk, bulk_out) = bounded(BULK_EVENTS_MAX);
    let (outputs, asked, threads) = spawn_workers(
        &answers,
        (&store, place, &network),
        executor,
        (&metrics, &published),
        &stopped,
    )?;
    let watch = Watch {
        consensus_key: keys.consensus.public_key(),
        node_key: keys.node.public_key(),
        has_peers: !config.p2p.peers.is_empty(),
        config: config.health,
        mempool_max: (config.mempool.transactions_max, config.mempool.size_max_mib << 20),
        mempool,
        network: network.clone(),
        store: store.clone(),
        published: published.clone(),
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

    let gossips = outputs.gossips.clone();
    let driver = Driver::new(replica, inputs, outputs, published, metrics);
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
        // Reports why the replica ended, even if nothing waits for it any more.
        let _ = done.send(driver.run(first));
    })?;
    let outcome = runtime.block_on(servers.serve(driver_done, stop, stdin_end));
    join(driver);
    threads.into_iter().for_each(join);
    join(watch);
    drop(store);
    // The network stops with its runtime, including its log lines and the events that the intakes wait for.
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
    let peers = &config.p2p.peers;
    Ok(ehb_network::Config {
        listen: vec![config.p2p.listen],
        node_key: keys.node.clone(),
        chain_id: genesis.chain_id.clone(),
        genesis: genesis.hash(),
        versions: PROTOCOL_VERSIONS,
        kinds: wire::kinds(),
        permitted: permitted_nodes(store)?,
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
    (metrics, published): (&Arc<Metrics>, &Arc<Published>),
    stop: &Receiver<()>,
) -> anyhow::Result<(Outputs, Arc<Asked>, Vec<JoinHandle<()>>)> {
    let (performer, effects) = bounded(EFFECTS_MAX);
    let (verifier, to_verify) = bounded(VERIFIED_MAX);
    let (body_verifier, bodies) = bounded(VERIFIED_MAX);
    let (executing, to_execute) = bounded(EFFECTS_MAX);
    let (serving, to_serve) = bounded(SERVED_MAX);
    let (compiler, to_compile) = bounded(COMPILED_MAX);
    let asked = Arc::new(Asked::default());
    let disk = Performer {
        store: store.clone(),
        place,
        network: network.clone(),
        asked: asked.clone(),
        answers: answers.clone(),
        metrics: metrics.clone(),
        published: published.clone(),
        stop: stop.clone(),
    };
    let threads = vec![
        spawn("disk", move || disk.run(&effects))?,
        {
            let answers = answers.clone();
            spawn("verify", move || workers::verify(&to_verify, &answers))?
        },
        {
            let (answers, network) = (answers.clone(), network.clone());
            let charge = move |peer: &_, spent| network.charge(peer, Channel::Blocks, spent);
            spawn("verify-bodies", move || workers::verify_bodies(&bodies, &answers, charge))?
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
        body_verifier,
        executor: executing,
        server: serving,
        network: network.clone(),
        gossips: Arc::new(Gossips::default()),
    };
    Ok((outputs, asked, threads))
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> anyhow::Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .stack_size(THREAD_STACK_BYTES)
        .spawn(body)
        .with_context(|| format!("cannot start the thread {name}"))
}

/// The threads that serve clients, with lower priority than those of the chain.
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
    published: &Arc<Published>,
    mempool: &SharedMempool,
    network: &Network,
    store: &ehb_store::Store,
) -> Arc<dyn Fn() -> String + Send + Sync> {
    let (metrics, published) = (metrics.clone(), published.clone());
    let (mempool, network, store) = (mempool.clone(), network.clone(), store.clone());
    Arc::new(move || {
        let disk_bytes = store.usage().map_or(0, |usage| usage.disk_bytes);
        let pending_bytes = mempool.read().bytes();
        metrics.text(&published.status(), network.peers().len(), pending_bytes, disk_bytes)
    })
}

/// The listeners that clients and operators use.
struct Servers {
    rpc: Server,
    operations: OperationsServer,
    /// Serves clients, separately from the network and from operators' requests.
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
        let operations = error_code::step(error_code::LISTEN, operations)?;
        Ok(Self { rpc, operations, clients: clients.handle().clone() })
    }

    /// Writes the addresses into the data directory, in one step.
    fn write_addresses(&self, data_dir: &Path, network: &Network) -> anyhow::Result<()> {
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
        let path = data_dir.join(ENDPOINTS_FILE);
        ehb_console::replace_file(&path, &serde_json::to_string_pretty(&endpoints)?)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Serves until a signal arrives or the replica ends. Dropping `stop` ends the replica.
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
                Err(error_code::coded(error_code::HALTED, error))
            }
            Err(_) => Err(anyhow!("the replica's thread panicked")),
        }
    }
}

async fn ended_or_never(end: Option<oneshot::Receiver<()>>) {
    match end {
        // A dropped sender ends the wait as well.
        Some(end) => drop(end.await),
        None => std::future::pending().await,
    }
}
