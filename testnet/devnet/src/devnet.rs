//! The handle that tests hold: it starts the chain, moves its time and produces blocks.

use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use crossbeam_channel::{Sender, bounded};
use ehb_executor::THREAD_STACK_BYTES;
use ehb_rpc_server::Backend;
use ehb_types::{Genesis, Hash, SecretKey};
use tokio::runtime::Runtime;

use crate::backend::MemoryBackend;
use crate::builder::Builder;
use crate::chain::Chain;
use crate::driver::{Command, Done, Driver};
use crate::{Account, DevNetError, Endpoint, genesis};

/// How many requests wait for the replica; each holds up to a batch of transactions.
const COMMANDS_MAX: usize = 1_024;
/// How many threads serve clients.
const CLIENTS_THREADS: usize = 2;

/// A running chain. It ends when this is dropped.
///
/// Methods block for as long as the chain takes, which is milliseconds; they can be called inside of an asynchronous
/// runtime and outside of one.
pub struct DevNet {
    chain: Arc<Chain>,
    backend: Arc<MemoryBackend>,
    accounts: Vec<Account>,
    endpoint: Endpoint,
    commands: Sender<Command>,
    /// Gone once this is dropped.
    runtime: Option<Runtime>,
}

impl DevNet {
    /// Starts a network on which `alice` and `bob` have 1,000.00 EUR each, issued by `bank`, with all modules and a
    /// virtual clock.
    pub fn start() -> Result<Self, DevNetError> {
        Builder::usual().start()
    }

    /// A network of one's own making, which has the account `bank` with the role `issuer` and nothing else.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn of(builder: Builder) -> Result<Self, DevNetError> {
        let (listen, accounts) = (builder.listen, builder.accounts.clone());
        let (commands, to_driver) = bounded(COMMANDS_MAX);
        let (ready, started) = mpsc::sync_channel(1);
        // Modules run here, genesis included, on a stack that is large enough for them.
        std::thread::Builder::new()
            .name("devnet".to_owned())
            .stack_size(THREAD_STACK_BYTES)
            .spawn(move || match Driver::new(&builder) {
                Ok(driver) => {
                    let _ = ready.send(Ok(driver.chain().clone()));
                    driver.run(&to_driver);
                }
                Err(error) => drop(ready.send(Err(error))),
            })?;
        let gone = |_| DevNetError::Halted("its thread panicked".to_owned());
        let chain = started.recv().map_err(gone)??;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(CLIENTS_THREADS)
            .thread_name("devnet-clients")
            .thread_stack_size(THREAD_STACK_BYTES)
            .enable_all()
            .build()?;
        let backend = Arc::new(MemoryBackend { chain: chain.clone(), commands: commands.clone() });
        let endpoint = Endpoint::open(runtime.handle(), listen, backend.clone())?;
        Ok(Self { chain, backend, accounts, endpoint, commands, runtime: Some(runtime) })
    }

    /// Where clients connect, for example `http://127.0.0.1:40123`; WebSockets are on the same port.
    pub fn url(&self) -> &str {
        self.endpoint.url()
    }

    /// Opens another endpoint of the same chain, which looks like another node of it. Port 0 chooses a free one.
    pub fn endpoint(&self, listen: SocketAddr) -> Result<Endpoint, DevNetError> {
        self.serve(listen, self.backend())
    }

    /// Opens an endpoint that answers from another backend, such as one that lies about [`Self::backend`].
    pub fn serve(
        &self,
        listen: SocketAddr,
        backend: Arc<dyn Backend>,
    ) -> Result<Endpoint, DevNetError> {
        let runtime = self.runtime.as_ref().map(Runtime::handle);
        let gone = || DevNetError::Halted("it has been stopped".to_owned());
        Ok(Endpoint::open(runtime.ok_or_else(gone)?, listen, backend)?)
    }

    /// The backend from which the network answers clients.
    pub fn backend(&self) -> Arc<dyn Backend> {
        self.backend.clone()
    }

    /// The genesis that the builder made.
    pub fn genesis(&self) -> &Genesis {
        &self.chain.genesis
    }

    /// The key that decides all blocks.
    pub fn validator_key(&self) -> SecretKey {
        genesis::validator_key()
    }

    /// An account of genesis by its name, for example `alice`.
    pub fn account(&self, name: &str) -> Result<&Account, DevNetError> {
        let found = self.accounts.iter().find(|it| it.name == name);
        found.ok_or_else(|| DevNetError::UnknownAccount(name.to_owned()))
    }

    /// All accounts of genesis.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The last decided height.
    pub fn height(&self) -> u64 {
        self.chain.height()
    }

    /// Whether a transaction waits in the mempool.
    pub fn is_pending(&self, id: &Hash) -> bool {
        self.chain.mempool.read().get(id).is_some()
    }

    /// How many transactions wait in the mempool.
    pub fn pending(&self) -> usize {
        self.chain.mempool.read().len()
    }

    /// From now on a block becomes final only with [`Self::produce_block`]. Submitted transactions are pending until
    /// then.
    pub fn hold_blocks(&self) -> Result<(), DevNetError> {
        self.ask(|done| Command::Hold { hold: true, done }).map(drop)
    }

    /// Blocks become final by themselves again, those that were held at once.
    pub fn release_blocks(&self) -> Result<(), DevNetError> {
        self.ask(|done| Command::Hold { hold: false, done }).map(drop)
    }

    /// Lets one block become final, and returns the height after it. Where nothing is pending it is an empty one, for
    /// which the clock goes on to the moment at which an idle chain decides it.
    ///
    /// Of transactions that arrive while blocks are held, those of the first submission are in the first block, as many
    /// as its gas and bytes allow, and the others in the next one.
    pub fn produce_block(&self) -> Result<u64, DevNetError> {
        self.ask(|done| Command::Produce { done })
    }

    /// Lets time pass on the network's clock. What is due meanwhile happens, such as the empty block after a block with
    /// transactions.
    pub fn advance(&self, time: Duration) -> Result<(), DevNetError> {
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.ask(|done| Command::Advance { ms, done }).map(drop)
    }

    /// The network's clock, milliseconds since 1970.
    pub fn now_ms(&self) -> u64 {
        self.chain.clock.now_ms()
    }

    /// Ends the network: its endpoints refuse connections from then on.
    pub fn stop(self) {}

    fn ask(&self, command: impl FnOnce(Done) -> Command) -> Result<u64, DevNetError> {
        let (done, answer) = mpsc::sync_channel(1);
        let gone = || DevNetError::Halted("its thread has ended".to_owned());
        self.commands.send(command(done)).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }
}

impl Drop for DevNet {
    fn drop(&mut self) {
        // Waiting for threads is not allowed inside of an asynchronous runtime. Once the runtime is gone, nobody can
        // ask the driver for anything, and it ends as well.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
