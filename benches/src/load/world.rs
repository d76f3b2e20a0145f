//! What flows need on the network before they begin: stores with stock, programmes with grants.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use ehb_localnet::LoadAccounts;
use ehb_sdk::api::OutcomeView;
use ehb_sdk::{Client, Draft};
use serde_json::{Value, json};

use super::flow::{Flow, Job, Kind, Order, Programme, Shop, Transfer, Usage};
use super::senders::Accounts;

pub(crate) const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;
/// A document that lies nowhere.
const CID: &str = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";

/// How many stores and programmes there are at most; each is run by an account of its own.
const SHOPS_MAX: usize = 8;
/// What a piece costs, cents.
const PRICE: u64 = 100;
/// How many pieces of a variant a store has.
const STOCK: u64 = 1_000_000_000;
/// The credits of each account that uses some.
const CREDITS: u64 = 1_000_000_000_000;
/// How many grants one transaction makes.
const GRANTS: usize = 32;

/// The stores and programmes of a load, and who buys and works.
pub(crate) struct World {
    accounts: Arc<Accounts>,
    buyers: Vec<usize>,
    shops: Vec<Arc<Shop>>,
    programmes: Vec<Arc<Programme>>,
}

/// Block time in some hours.
pub(crate) fn in_hours(hours: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    now_ms.saturating_add(hours * HOUR_MS).to_string()
}

pub(crate) fn document() -> Value {
    json!({ "cid": CID, "media-type": "image/jpeg", "size": "1000" })
}

/// How disputes would be led: by any arbiter.
pub(crate) fn dispute_terms() -> Value {
    let hour = HOUR_MS.to_string();
    let windows = json!({
        "response-ms": hour,
        "evidence-ms": hour,
        "offer-ms": hour,
        "ruling-ms": hour,
        "appeal-ms": hour,
    });
    json!({ "arbiter": "role", "default-to-first": 5000, "windows": windows })
}

impl World {
    /// Sets up what flows of these kinds need.
    pub(crate) async fn prepare(
        client: &Client,
        accounts: Arc<Accounts>,
        kinds: &[Kind],
    ) -> anyhow::Result<Self> {
        let (sellers, buyers): (Vec<usize>, Vec<usize>) =
            (0..accounts.len()).partition(|place| LoadAccounts::sells(*place));
        let sellers = &sellers[..sellers.len().min(SHOPS_MAX)];
        ensure!(
            !sellers.is_empty() && buyers.len() >= 2,
            "the network has too few load accounts: 8 are enough"
        );
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
        let hour = HOUR_MS.to_string();
        let terms = json!({
            "accept-window-ms": hour,
            "ship-window-ms": hour,
            "delivery-window-ms": hour,
            "inspection-window-ms": hour,
            "answer-window-ms": hour,
            "return-window-ms": hour,
            "receipt-window-ms": hour,
            "cancel-penalty": null,
            "restocking-fee": 0,
            "clerk-refund-max": "100",
        });
        let payout = self.accounts.text(seller);
        let store = json!({ "name": "Load", "payout": payout, "terms": terms, "key": "" });
        let store = self.execute(client, seller, "marketplace", &[("create-store", store)]).await?;
        let store = &store[0];
        let location = json!({ "store": store, "name": "Hall", "place": "", "key": "" });
        let details = json!({
            "category": "1", "title": "Hammer", "summary": "", "attributes": [], "documents": [],
        });
        let product = json!({ "store": store, "details": details, "key": "" });
        let made = [
            ("create-location", location),
            ("create-product", product.clone()),
            ("create-product", product),
        ];
        let made = self.execute(client, seller, "marketplace", &made).await?;
        let (location, products) = (made[0].clone(), &made[1..]);
        let amount = PRICE.to_string();
        let price = json!({ "asset": "EUR", "amount": amount, "from-ms": "0", "until-ms": null });
        let mut calls = Vec::new();
        for (number, product) in products.iter().enumerate() {
            let variant = json!({
                "product": product,
                "sku": format!("H-{number}"),
                "attributes": [],
                "prices": [price],
                "key": "",
            });
            calls.push(("create-variant", variant));
            calls.push(("set-listing", json!({ "product": product, "state": "listed" })));
        }
        let made = self.execute(client, seller, "marketplace", &calls).await?;
        let variants = [made[0].clone(), made[2].clone()];
        let stock = variants.each_ref().map(|variant| {
            let stock = json!({
                "variant": variant,
                "location": location,
                "quantity": STOCK.to_string(),
                "reason": "",
                "key": "",
            });
            ("add-stock", stock)
        });
        self.execute(client, seller, "marketplace", &stock).await?;
        Ok(Shop { seller, location, variants, price: PRICE })
    }

    async fn open_programme(
        &self,
        client: &Client,
        issuer: usize,
        meter: usize,
        members: &[usize],
    ) -> anyhow::Result<Programme> {
        let treasury = self.accounts.text(issuer);
        let programme = json!({ "name": "API", "unit": "token", "treasury": treasury, "key": "" });
        let created = [("create-programme", programme)];
        let id = self.execute(client, issuer, "credit", &created).await?[0].clone();
        let price = json!({
            "programme": id, "item": Usage::ITEM, "credits": "3", "per": "10", "from-ms": null,
        });
        let meter_text = self.accounts.text(meter).to_owned();
        let metered = json!({ "programme": id, "meter": meter_text, "name": "eu-1" });
        let calls = [("set-price", price), ("register-meter", metered)];
        self.execute(client, issuer, "credit", &calls).await?;
        let expires_ms = in_hours(30 * DAY_MS / HOUR_MS);
        for members in members.chunks(GRANTS) {
            let grant = |member: &usize| {
                let grant = json!({
                    "programme": id,
                    "account": self.accounts.text(*member),
                    "credits": CREDITS.to_string(),
                    "effective-ms": null,
                    "expires-ms": expires_ms,
                    "priority": 0,
                    "reference": "",
                    "key": "",
                });
                ("grant-credits", grant)
            };
            let grants: Vec<_> = members.iter().map(grant).collect();
            self.execute(client, issuer, "credit", &grants).await?;
        }
        Ok(Programme { id, meter, meter_text })
    }

    /// Makes calls in one transaction, and gives their results once it is final.
    async fn execute(
        &self,
        client: &Client,
        sender: usize,
        module: &str,
        calls: &[(&'static str, Value)],
    ) -> anyhow::Result<Vec<Value>> {
        let mut draft: Option<Draft> = None;
        for (function, arguments) in calls {
            let call = client.call(module, function, arguments).await?;
            draft = Some(match draft {
                None => Draft::new(call),
                Some(draft) => draft.and(call),
            });
        }
        let draft = draft.context("there is nothing to be called")?;
        let located = client.execute(self.accounts.signer(sender), draft).await?;
        match located.receipt.outcome {
            OutcomeView::Success { results } if results.len() == calls.len() => {
                Ok(results.into_iter().map(|it| it.value).collect())
            }
            outcome => anyhow::bail!("{module} gave {outcome:?}"),
        }
    }
}
