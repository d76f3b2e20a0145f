//! Sets up the network for flows: stores with stock, programmes with grants.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use ehb_localnet::{BAD_PLAN, LoadAccounts, coded};
use ehb_sdk::api::OutcomeView;
use ehb_sdk::{Client, Draft, Signer};
use serde_json::{Value, json};

use super::flow::{Flow, Job, Kind, Order, Programme, Shop, Transfer, Usage};
use super::senders::Accounts;
use crate::business::{self, hours_after};

/// The maximum number of stores and programmes; each has its own account.
const SHOPS_MAX: usize = 8;
/// The price of a piece, cents.
const PRICE: u64 = 100;
/// The stock of a variant in a store.
const STOCK: u64 = 1_000_000_000;
/// The credits of each consuming account.
const CREDITS: u64 = 1_000_000_000_000;
/// The number of grants in one transaction.
const GRANTS: usize = 32;

/// The stores and programmes of a load, with its buyers and workers.
pub(crate) struct World {
    accounts: Arc<Accounts>,
    buyers: Vec<usize>,
    shops: Vec<Arc<Shop>>,
    programmes: Vec<Arc<Programme>>,
}

/// The time now, which is about the block time.
pub(crate) fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

impl World {
    /// Sets up the network for flows of these kinds.
    pub(crate) async fn prepare(
        client: &Client,
        accounts: Arc<Accounts>,
        kinds: &[Kind],
    ) -> anyhow::Result<Self> {
        let (sellers, buyers): (Vec<usize>, Vec<usize>) =
            (0..accounts.len()).partition(|place| LoadAccounts::sells(*place));
        let sellers = &sellers[..sellers.len().min(SHOPS_MAX)];
        if sellers.is_empty() || buyers.len() < 2 {
            let text = "the network has too few load accounts: 8 are enough";
            return Err(coded(BAD_PLAN, text.to_owned()));
        }
        let mut world = Self { accounts, buyers, shops: Vec::new(), programmes: Vec::new() };
        for (number, seller) in sellers.iter().enumerate() {
            if kinds.contains(&Kind::Order) {
                let shop = world.open_shop(client, *seller).await;
                world.shops.push(Arc::new(shop.context("cannot open a store")?));
            }
            if kinds.contains(&Kind::Usage) {
                let meter = sellers[(number + 1) % sellers.len()];
                let members: Vec<usize> =
                    world.buyers.iter().copied().skip(number).step_by(sellers.len()).collect();
                let programme = world.open_programme(client, *seller, meter, &members).await;
                world.programmes.push(Arc::new(programme.context("cannot open a programme")?));
            }
        }
        Ok(world)
    }

    /// The flow of a kind with a number, from 0.
    pub(crate) fn flow(&self, kind: Kind, number: usize) -> Flow {
        let place = number % self.buyers.len();
        let (buyer, other) = (self.buyers[place], self.buyers[(place + 1) % self.buyers.len()]);
        match kind {
            Kind::Transfer => {
                let to = self.accounts.text(other).to_owned();
                Flow::Transfer(Transfer { from: buyer, to, is_over: false })
            }
            Kind::Order => {
                let shop = self.shops[number % self.shops.len()].clone();
                Flow::Order(Order::new(shop, buyer))
            }
            Kind::Usage => {
                let programme = self.programmes[place % self.programmes.len()].clone();
                Flow::Usage(Usage::new(programme, buyer, self.accounts.text(buyer)))
            }
            Kind::Job => Flow::Job(Job::new(buyer, other, self.accounts.text(other))),
        }
    }

    async fn open_shop(&self, client: &Client, seller: usize) -> anyhow::Result<Shop> {
        let store = business::store("Load", self.accounts.text(seller));
        let store = self.execute(client, seller, "marketplace", &[("create-store", store)]).await?;
        let store = &store[0];
        let location = json!({ "store": store, "name": "Hall", "place": "", "key": "" });
        let product = business::product(store, "Hammer");
        let made = [
            ("create-location", location),
            ("create-product", product.clone()),
            ("create-product", product),
        ];
        let made = self.execute(client, seller, "marketplace", &made).await?;
        let (location, products) = (made[0].clone(), &made[1..]);
        let mut calls = Vec::new();
        for (number, product) in products.iter().enumerate() {
            let variant = business::variant(product, &format!("H-{number}"), PRICE);
            calls.push(("create-variant", variant));
            calls.push(("set-listing", json!({ "product": product, "state": "listed" })));
        }
        let made = self.execute(client, seller, "marketplace", &calls).await?;
        let variants = [made[0].clone(), made[2].clone()];
        let stock = variants
            .each_ref()
            .map(|variant| ("add-stock", business::stock(variant, &location, STOCK)));
        self.execute(client, seller, "marketplace", &stock).await?;
        let settings = client.read("marketplace", "get-settings", &json!({})).await?;
        let (store, settings_version) = (store.clone(), settings.value["version"].clone());
        Ok(Shop { seller, store, settings_version, location, variants, price: PRICE })
    }

    async fn open_programme(
        &self,
        client: &Client,
        issuer: usize,
        meter: usize,
        members: &[usize],
    ) -> anyhow::Result<Programme> {
        let payout_account = self.accounts.text(issuer);
        let programme =
            json!({ "name": "API", "unit": "token", "payout-account": payout_account, "key": "" });
        let created = [("create-programme", programme)];
        let id = self.execute(client, issuer, "credit", &created).await?[0].clone();
        let meter_text = self.accounts.text(meter).to_owned();
        let metered = json!({ "programme": id, "meter": meter_text, "name": "eu-1" });
        let calls = [("set-price", business::price(&id)), ("register-meter", metered)];
        self.execute(client, issuer, "credit", &calls).await?;
        let expires_ms = hours_after(now_ms(), 30 * 24);
        for members in members.chunks(GRANTS) {
            let grant = |member: &usize| {
                let account = self.accounts.text(*member);
                let grant = business::grant(&id, account, CREDITS, &expires_ms);
                ("grant-credits", grant)
            };
            let grants: Vec<_> = members.iter().map(grant).collect();
            self.execute(client, issuer, "credit", &grants).await?;
        }
        Ok(Programme { id, meter, meter_text })
    }

    async fn execute(
        &self,
        client: &Client,
        sender: usize,
        module: &str,
        calls: &[(&'static str, Value)],
    ) -> anyhow::Result<Vec<Value>> {
        execute(client, self.accounts.signer(sender), module, calls, None).await.map(|done| done.0)
    }
}

/// Makes calls in one transaction, and returns their results and the gas used once it is final. Without a gas limit, it is
/// estimated.
pub(crate) async fn execute(
    client: &Client,
    signer: &Signer,
    module: &str,
    calls: &[(&'static str, Value)],
    gas_limit: Option<u64>,
) -> anyhow::Result<(Vec<Value>, u64)> {
    let mut draft: Option<Draft> = None;
    for (function, arguments) in calls {
        let call = client.call(module, function, arguments).await?;
        draft = Some(match draft {
            None => Draft::new(call),
            Some(draft) => draft.and(call),
        });
    }
    let mut draft = draft.context("there are no calls")?;
    if let Some(gas_limit) = gas_limit {
        draft = draft.gas_limit(gas_limit);
    }
    let located = client.execute(signer, draft).await?;
    match located.receipt.outcome {
        OutcomeView::Success { results } if results.len() == calls.len() => {
            let results = results.into_iter().map(|it| it.value).collect();
            Ok((results, located.receipt.gas_used.0))
        }
        outcome => anyhow::bail!("{module} gave {outcome:?}"),
    }
}
