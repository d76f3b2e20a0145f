//! Proposals, votes and their execution.

use ehb_kernel::governance::{self, Proposal, ProposalState};
use ehb_kernel::organisations;
use ehb_types::{
    ADMINISTRATOR, Account, GenesisAccount, GenesisValidator, MANAGER, Network, Policy,
    PolicyConsent, Receipt, Transaction,
};

use super::organisation::halves;
use super::rebuild::Tables;
use super::upgrade::{Ledger, kernel_events, success};
use super::*;

mod actions;
mod modules;
mod outcomes;
mod permission;
mod refused;
mod validators;

/// The administrators of the organisations of [`ORGANISATIONS`].
const ANN: u8 = 60;
const BEN: u8 = 61;
const CLO: u8 = 62;
const DAN: u8 = 63;
/// The organisations that run a validator each.
const ORGANISATIONS: [(&str, u8); 4] =
    [("acme", ANN), ("globex", BEN), ("initech", CLO), ("courier", DAN)];
/// Administers `shop`, which runs no validator.
const SAM: u8 = 64;
/// A manager of `shop`.
const MAX: u8 = 65;
/// Has no role, in `shop`.
const SUE: u8 = 66;
/// Keys without an account.
const NEW: u8 = 70;

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;
const GAS: u64 = 50_000_000;

/// A chain with four organisations that govern it, and the tables that a reader of its receipts has.
struct Council {
    ledger: Ledger,
    tables: Tables,
}

fn member(seed: u8, organisation: &str, roles: &[&str]) -> GenesisAccount {
    GenesisAccount {
        address: text(seed),
        policy: Policy::Key(secret(seed).public_key()),
        organisation: name(organisation),
        roles: roles.iter().map(|role| name(role)).collect(),
        status: Status::Active,
    }
}

impl Council {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Genesis)) -> Self {
        Self::with_code(&code(), change)
    }

    /// With the code of further modules, by hash.
    fn with_code(code: &BTreeMap<Hash, Vec<u8>>, change: impl FnOnce(&mut Genesis)) -> Self {
        let mut genesis = genesis();
        genesis.validators.clear();
        for (place, (organisation, administrator)) in ORGANISATIONS.into_iter().enumerate() {
            let seed = 1 + place as u8;
            genesis.validators.push(GenesisValidator {
                name: name(&format!("v{seed}")),
                organisation: name(organisation),
                consensus_key: secret(seed).public_key(),
                node_key: secret(100 + seed).public_key(),
                power: 1,
            });
            genesis.accounts.push(member(administrator, organisation, &[ADMINISTRATOR]));
        }
        genesis.accounts.push(member(SAM, "shop", &[ADMINISTRATOR]));
        genesis.accounts.push(member(MAX, "shop", &[MANAGER]));
        genesis.accounts.push(member(SUE, "shop", &[]));
        change(&mut genesis);
        let first = GenesisState::build(&Engine::new().unwrap(), &genesis, code).unwrap();
        let ledger = Ledger::of(&genesis, code);
        let mut tables = Tables::default();
        tables.read(ledger.chain.executor.library().kernel(), &first.receipts);
        Self { ledger, tables }
    }

    /// Executes a block; the tables follow.
    fn block(&mut self, transactions: &[(u8, Transaction)]) -> Vec<Receipt> {
        let receipts = self.ledger.block(transactions);
        self.ledger.chain.header.height += 1;
        self.tables.read(self.ledger.chain.executor.library().kernel(), &receipts);
        let height = self.ledger.chain.header.height;
        self.tables.check(&self.ledger.state(), height, &[]);
        receipts
    }

    fn transaction(&mut self, from: u8, function: &'static str, arguments: Value) -> Transaction {
        self.ledger.transaction(from, GAS, &[("kernel", function, arguments)])
    }

    fn run(&mut self, from: u8, function: &'static str, arguments: Value) -> Receipt {
        let transaction = self.transaction(from, function, arguments);
        self.block(&[(from, transaction)]).remove(0)
    }

    /// The name of the error with which a call is refused; empty if it is not.
    fn refusal(&mut self, from: u8, function: &'static str, arguments: Value) -> String {
        let receipt = self.run(from, function, arguments);
        self.refusal_in(function, &receipt)
    }

    fn refusal_in(&self, function: &str, receipt: &Receipt) -> String {
        let Outcome::Failure(failure) = &receipt.outcome else { return String::new() };
        let Some(error) = &failure.error else { panic!("{function}: {failure:?}") };
        let kernel = self.ledger.chain.executor.library().kernel();
        let declared = kernel.function(function).unwrap();
        match declared.error_to_json(Network::Test, &error.data).unwrap() {
            Value::Object(case) => case.keys().next().unwrap().clone(),
            other => other.as_str().unwrap().to_owned(),
        }
    }

    /// Proposes actions, and returns the number of the proposal.
    fn propose(&mut self, from: u8, actions: Value) -> u64 {
        let receipt = self.run(from, "propose", proposal(actions));
        success(&receipt);
        governance::count(&self.ledger.state()).unwrap()
    }

    /// Votes for a proposal as some administrators.
    fn accept(&mut self, id: u64, voters: &[u8]) {
        for voter in voters {
            success(&self.run(*voter, "vote", vote(id, true)));
        }
    }

    /// A proposal that was proposed, accepted by three quarters, and executed after its lock.
    fn pass(&mut self, actions: Value) -> ProposalState {
        let id = self.propose(ANN, actions);
        self.accept(id, &[ANN, BEN, CLO]);
        if let ProposalState::Accepted(_) = self.proposal(id).state {
            self.wait(DAY_MS);
            success(&self.run(SUE, "execute-proposal", number(id)));
        }
        self.proposal(id).state
    }

    fn proposal(&self, id: u64) -> Proposal {
        governance::proposal(&self.ledger.state(), id).unwrap().unwrap()
    }

    fn parameters(&self) -> Parameters {
        ehb_kernel::chain::parameters(&self.ledger.state()).unwrap()
    }

    fn account(&self, seed: u8) -> Account {
        organisations::acting_account(&self.ledger.state(), &address(seed)).unwrap().unwrap()
    }

    fn wait(&mut self, milliseconds: u64) {
        self.ledger.chain.header.timestamp_ms += milliseconds;
    }

    fn read(&self, function: &str, arguments: Value) -> Value {
        let library = self.ledger.chain.executor.library();
        let declared = library.kernel().function(function).unwrap().clone();
        let arguments = declared.arguments_from_json(Network::Test, &arguments).unwrap();
        let (state, head) = (self.ledger.chain.parent.state.clone(), &self.ledger.chain.header);
        let names = ("kernel", function);
        let answer =
            call(&library.for_reads(), state, head, address(BOB), names, &arguments).unwrap();
        declared.output_to_json(Network::Test, &answer.output).unwrap()
    }

    /// The invitation of an organisation, with the consent of a key to administer another one.
    fn invitation(&self, organisation: &str, consents_to: &str, key: u8) -> Value {
        let policy = Policy::Key(secret(key).public_key());
        let consent = PolicyConsent::of_new_account(name(consents_to), policy);
        let signed = consent.sign(&self.ledger.chain.header.chain, &[&secret(key)]);
        let consents: Value = signed
            .iter()
            .map(|it| json!({ "key": it.key, "signature": halves(&it.signature) }))
            .collect();
        let policy = json!({ "key": secret(key).public_key() });
        let invitation =
            json!({ "organisation": organisation, "policy": policy, "consents": consents });
        json!([{ "invite-organisation": invitation }])
    }
}

fn proposal(actions: Value) -> Value {
    json!({ "reason": "agreed on the phone", "actions": actions })
}

fn vote(id: u64, accepts: bool) -> Value {
    json!({ "proposal": id.to_string(), "accepts": accepts })
}

fn number(id: u64) -> Value {
    json!({ "proposal": id.to_string() })
}

fn set(parameter: &str, value: u64) -> Value {
    let new = json!({ "name": parameter, "value": value.to_string() });
    json!([{ "set-parameter": new }])
}

fn of_name(action: &str, name: &str) -> Value {
    json!([{ action: name }])
}

fn freeze(account: u8) -> Value {
    of_name("freeze-account", &text(account))
}

fn grant(account: u8, role: &str, until_ms: Option<u64>) -> Value {
    let until_ms = until_ms.map(|it| it.to_string());
    let role = json!({ "account": text(account), "role": role, "until-ms": until_ms });
    json!([{ "grant-network-role": role }])
}

fn revoke(account: u8, role: &str) -> Value {
    json!([{ "revoke-network-role": { "account": text(account), "role": role } }])
}

/// Several lists of actions as one.
fn all(lists: &[Value]) -> Value {
    lists.iter().flat_map(|list| list.as_array().unwrap().clone()).collect()
}

/// The action that made a proposal fail, and its error.
fn failed(state: &ProposalState) -> (u32, &str) {
    match state {
        ProposalState::Failed(failed) => (failed.action, &failed.error),
        other => panic!("{other:?}"),
    }
}
