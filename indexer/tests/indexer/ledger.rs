//! Money that goes back and forth at random, and what the accounts must have after it: the events of a wallet, from rules
//! of a few lines.

use std::collections::BTreeMap;

use ehb_abi::{Case, Field, Interface, Type};
use ehb_types::{Event, Hash, Outcome};
use serde_json::{Value, json};

use crate::chain::{Done, account, event, sold, text};

pub(crate) const WALLET_CODE: Hash = Hash([3; 32]);
const ASSETS: [&str; 2] = ["EUR", "STEEL-2"];
const ACCOUNTS: u64 = 5;

#[derive(Default)]
pub(crate) struct Ledger {
    seed: u64,
    created: bool,
    /// Available and held.
    pub(crate) balances: BTreeMap<(String, String), (u64, u64)>,
    /// Payer, asset, remaining.
    pub(crate) holds: BTreeMap<u64, (String, String, u64)>,
    pub(crate) payments: BTreeMap<u64, (String, String, u64)>,
    pub(crate) issued: BTreeMap<String, u64>,
    next_id: u64,
}

fn field(name: &str, kind: Type) -> Field {
    Field { name: name.to_owned(), kind }
}

fn record(fields: &[(&str, Type)]) -> Option<Type> {
    Some(Type::Record(fields.iter().map(|(name, kind)| field(name, kind.clone())).collect()))
}

fn option(kind: Type) -> Type {
    Type::Option(Box::new(kind))
}

/// The part of the wallet's interface that the ledger uses.
pub(crate) fn wallet() -> Interface {
    use Type::{Address, Bool, String, U8, U64};
    let policy = Type::Variant(vec![
        Case { name: "unlimited".to_owned(), kind: None },
        Case { name: "capped".to_owned(), kind: Some(U64) },
        Case { name: "closed".to_owned(), kind: None },
    ]);
    let kind = Type::Enum(vec!["issued".to_owned(), "native".to_owned()]);
    let terms = record(&[("kind", kind), ("supply", policy), ("freezable", Bool)]).unwrap();
    let asset =
        [("id", String), ("name", String), ("decimals", U8), ("issuer", Address), ("terms", terms)];
    let issuance = [("asset", String), ("account", Address), ("amount", U64)];
    let payment = [
        ("asset", String),
        ("from", Address),
        ("to", Address),
        ("amount", U64),
        ("reference", option(String)),
    ];
    let hold = [
        ("id", U64),
        ("payer", Address),
        ("controller", Address),
        ("payee", option(Address)),
        ("asset", String),
        ("amount", U64),
        ("remaining", U64),
        ("expires-ms", U64),
        ("reference", String),
    ];
    let hold_payment = [("hold", U64), ("to", Address), ("amount", U64), ("remaining", U64)];
    let hold_return = [("hold", U64), ("amount", U64)];
    let states = ["pending", "paid", "rejected", "cancelled", "expired"];
    let state = Type::Enum(states.map(str::to_owned).to_vec());
    let proposed = [
        ("id", U64),
        ("state", state.clone()),
        ("payer", Address),
        ("payee", Address),
        ("asset", String),
        ("amount", U64),
        ("reference", String),
        ("request", option(U64)),
        ("approvers", Type::List(Box::new(Address))),
        ("role", option(String)),
        ("approvals", U8),
        ("policy-version", U64),
        ("expires-ms", U64),
    ];
    let cases = [
        ("asset-created", record(&asset)),
        ("minted", record(&issuance)),
        ("burned", record(&issuance)),
        ("transferred", record(&payment)),
        ("hold-placed", record(&hold)),
        ("hold-paid", record(&hold_payment)),
        ("hold-released", record(&hold_return)),
        ("payment-proposed", record(&proposed)),
        ("payment-ended", record(&[("payment", U64), ("state", state)])),
        // Nothing that money's tables know.
        ("policy-noted", Some(String)),
    ];
    let cases = cases.map(|(name, kind)| Case { name: name.to_owned(), kind });
    Interface { functions: Vec::new(), event: Some(Type::Variant(cases.to_vec())) }
}

impl Ledger {
    /// One in `of`, by a linear congruential generator: each run is the same.
    fn pick(&mut self, of: u64) -> u64 {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % of
    }

    fn party(&mut self) -> String {
        let number = u8::try_from(self.pick(ACCOUNTS)).unwrap();
        text(account(200 + number))
    }

    /// A transaction in which some money moves.
    pub(crate) fn step(&mut self) -> Done {
        let mut events: Vec<Event> = Vec::new();
        let mut emit = |value: &Value| events.push(event(&wallet(), "wallet", 0, value));
        if !self.created {
            self.created = true;
            for asset in ASSETS {
                let terms = json!({"kind": "issued", "supply": "unlimited", "freezable": true});
                let issuer = text(account(1));
                emit(&json!({"asset-created": {"id": asset, "name": asset, "decimals": 2,
                    "issuer": issuer, "terms": terms}}));
            }
        }
        for _ in 0..=self.pick(3) {
            self.act(&mut emit);
        }
        let mut done = sold(account(60), "nothing", 0);
        done.outcome = Outcome::Success(vec![0u64.to_le_bytes().to_vec()]);
        done.events = events;
        done
    }

    fn act(&mut self, emit: &mut impl FnMut(&Value)) {
        let asset = ASSETS[usize::from(self.pick(2) == 1)].to_owned();
        let (from, to) = (self.party(), self.party());
        let available = self.balances.get(&(from.clone(), asset.clone())).map_or(0, |it| it.0);
        let amount = self.pick(available.max(1)) + 1;
        let kind = if available < amount { 0 } else { self.pick(7) };
        let id = self.next_id;
        match kind {
            0 => {
                let amount = 1 << (40 + self.pick(10));
                self.balance(&from, &asset).0 += amount;
                *self.issued.entry(asset.clone()).or_default() += amount;
                emit(&json!({"minted": {"asset": asset, "account": from, "amount": amount}}));
            }
            1 => {
                self.balance(&from, &asset).0 -= amount;
                *self.issued.entry(asset.clone()).or_default() -= amount;
                emit(&json!({"burned": {"asset": asset, "account": from, "amount": amount}}));
            }
            2 => {
                self.balance(&from, &asset).0 -= amount;
                self.balance(&to, &asset).0 += amount;
                emit(
                    &json!({"transferred": {"asset": asset, "from": from, "to": to, "amount": amount,
                    "reference": "rent"}}),
                );
                emit(&json!({"policy-noted": "nothing"}));
            }
            3 => {
                self.next_id += 1;
                self.set_aside(&from, &asset, amount);
                self.holds.insert(id, (from.clone(), asset.clone(), amount));
                emit(
                    &json!({"hold-placed": {"id": id, "payer": from, "controller": to, "payee": null,
                    "asset": asset, "amount": amount, "remaining": amount, "expires-ms": u64::MAX, "reference": ""}}),
                );
            }
            4 => self.resolve_hold(&to, emit),
            5 => {
                self.next_id += 1;
                self.set_aside(&from, &asset, amount);
                self.payments.insert(id, (from.clone(), asset.clone(), amount));
                emit(
                    &json!({"payment-proposed": {"id": id, "state": "pending", "payer": from, "payee": to,
                    "asset": asset, "amount": amount, "reference": "", "request": null, "approvers": [to],
                    "role": null, "approvals": 1,
                    "policy-version": 1, "expires-ms": u64::MAX}}),
                );
            }
            _ => {
                let Some((id, (payer, asset, amount))) = self.payments.pop_first() else { return };
                let balance = self.balance(&payer, &asset);
                (balance.0, balance.1) = (balance.0 + amount, balance.1 - amount);
                emit(&json!({"payment-ended": {"payment": id, "state": "cancelled"}}));
            }
        }
    }

    fn resolve_hold(&mut self, to: &str, emit: &mut impl FnMut(&Value)) {
        let Some((id, (payer, asset, remaining))) = self.holds.pop_first() else { return };
        self.balance(&payer, &asset).1 -= remaining;
        if self.pick(2) == 0 {
            self.balance(&payer, &asset).0 += remaining;
            emit(&json!({"hold-released": {"hold": id, "amount": remaining}}));
            return;
        }
        let part = self.pick(remaining) + 1;
        let rest = remaining - part;
        self.balance(to, &asset).0 += part;
        self.balance(&payer, &asset).1 += rest;
        emit(&json!({"hold-paid": {"hold": id, "to": to, "amount": part, "remaining": rest}}));
        if rest > 0 {
            self.holds.insert(id, (payer, asset, rest));
        }
    }

    fn set_aside(&mut self, account: &str, asset: &str, amount: u64) {
        let balance = self.balance(account, asset);
        (balance.0, balance.1) = (balance.0 - amount, balance.1 + amount);
    }

    fn balance(&mut self, account: &str, asset: &str) -> &mut (u64, u64) {
        self.balances.entry((account.to_owned(), asset.to_owned())).or_default()
    }
}
