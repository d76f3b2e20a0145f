//! Each module's main story over JSON-RPC, on a network of real nodes, by its accounts for people.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use ehb_sdk::api::OutcomeView;
use ehb_sdk::{Client, Draft, Signer};
use ehb_wallet::keystore::{Passphrase, read_key_file};
use serde_json::{Value, json};

use crate::net::Net;
use crate::program::{program, run};

const HOUR_MS: u64 = 3_600_000;
const CID: &str = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";

/// A network of one validator, and its people.
struct World {
    net: Net,
    client: Client,
    people: BTreeMap<String, Signer>,
}

impl World {
    fn new() -> Self {
        let net = Net::up(1);
        let manifest = net.manifest();
        let passphrase = std::fs::read_to_string(&manifest.passphrase_file).unwrap();
        let passphrase = Passphrase::new(passphrase.trim_end()).unwrap();
        let signer = |account: &ehb_localnet::AccountEntry| {
            let file = read_key_file(&account.keystore).unwrap();
            (account.name.to_string(), Signer::of_key(file.open(&passphrase).unwrap()))
        };
        let people = manifest.accounts.iter().map(signer).collect();
        let client = net.client(1);
        Self { net, client, people }
    }

    /// Arguments in which `@alice` stands for her address.
    fn with_addresses(&self, arguments: &Value) -> Value {
        let mut text = arguments.to_string();
        for (name, signer) in &self.people {
            let address = signer.address().to_text(ehb_sdk::Network::Test);
            text = text.replace(&format!("\"@{name}\""), &format!("\"{address}\""));
        }
        serde_json::from_str(&text).unwrap()
    }

    /// Calls a function in a transaction of somebody's, and returns its result once it is final.
    fn done(&self, who: &str, module: &str, function: &str, arguments: Value) -> Value {
        let arguments = self.with_addresses(&arguments);
        let located = self.net.runtime().block_on(async {
            let call = self.client.call(module, function, &arguments).await?;
            self.client.execute(&self.people[who], Draft::new(call)).await
        });
        let receipt = located.unwrap_or_else(|error| panic!("{who} {function}: {error}")).receipt;
        match receipt.outcome {
            OutcomeView::Success { results } => results[0].value.clone(),
            failure @ OutcomeView::Failure { .. } => panic!("{who} {function}: {failure:?}"),
        }
    }

    fn read(&self, module: &str, function: &str, arguments: Value) -> Value {
        let arguments = self.with_addresses(&arguments);
        self.net.runtime().block_on(self.client.read(module, function, &arguments)).unwrap().value
    }

    /// What somebody can spend, in cents.
    fn balance(&self, who: &str) -> u64 {
        self.net.balance(1, &self.people[who].address())
    }
}

impl World {
    /// Stops the node and audits what it leaves; returns the number of checked escrows.
    fn audit(self) -> u64 {
        let data_dir = self.net.node(1).data_dir;
        let audit = |arguments: &[&str]| {
            let mut command = program("ehb-node");
            command.arg("audit").arg("--data-dir").arg(&data_dir).args(arguments);
            run(command)
        };
        audit(&[]).refused(&["in use by another process"]);
        let head = self.net.height(1);
        self.net.stop(1);
        let output = audit(&[]).ok();
        assert!(output.contains("are in order"), "{output}");
        let output: Value = serde_json::from_str(&audit(&["--json"]).ok()).unwrap();
        assert_eq!((&output["ok"], &output["violations"]), (&json!(true), &json!([])), "{output}");
        assert!(output["height"].as_u64().unwrap() >= head, "{output}");
        assert_eq!(output["blocks"], output["height"]);
        assert!(output["transactions"].as_u64().unwrap() > 0, "{output}");
        // The node goes on where it was.
        self.net.start(1);
        self.net.pay(1, 0);
        output["escrows"].as_u64().unwrap()
    }
}

fn in_hours(hours: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    (u64::try_from(now.as_millis()).unwrap() + hours * HOUR_MS).to_string()
}

fn document() -> Value {
    json!({ "cid": CID, "media-type": "image/jpeg", "size": "1000" })
}

#[test]
fn an_order_is_placed_shipped_confirmed_and_paid() {
    let world = World::new();
    let hour = HOUR_MS.to_string();
    let terms = json!({
        "accept-window-ms": hour,
        "ship-window-ms": hour,
        "delivery-window-ms": hour,
        "inspection-window-ms": hour,
        "return-approval-window-ms": hour,
        "return-shipping-window-ms": hour,
        "return-receipt-window-ms": hour,
        "cancellation-fee": null,
        "restocking-fee": 0,
        "free-cancellations-max": 10,
        "reserve-share-max": 10_000,
        "notice-ms": hour,
    });
    let details = json!({
        "category": "1", "title": "Hammer", "summary": "", "attributes": [], "documents": [],
    });
    let price = json!({ "asset": "EUR", "amount": "1000", "effective-ms": "0", "until-ms": null });
    let shipment = json!({
        "sub-order": "1",
        "lines": [{ "line": 0, "quantity": 2 }],
        "carrier": "Courier",
        "carrier-account": "@dave",
        "tracking": "C-1",
        "key": "",
    });
    let order = json!({
        "asset": "EUR",
        "lines": [{ "variant": "1", "location": "1", "quantity": 2 }],
        "total-max": "2000",
        "terms": [{ "store": "1", "version": 1 }],
        "settings-version": 0,
        "destination": null,
        "reference": "PO 7",
        "key": "",
    });
    for (who, function, arguments) in [
        (
            "alice",
            "create-store",
            json!({ "name": "Acme", "payout-account": "@alice", "terms": terms, "key": "" }),
        ),
        (
            "alice",
            "create-location",
            json!({ "store": "1", "name": "Hall", "place": "", "key": "" }),
        ),
        ("alice", "create-product", json!({ "store": "1", "details": details, "key": "" })),
        (
            "alice",
            "create-variant",
            json!({
                "product": "1", "sku": "H-1", "attributes": [], "prices": [price], "key": "",
            }),
        ),
        ("alice", "set-listing", json!({ "product": "1", "state": "listed" })),
        (
            "alice",
            "add-stock",
            json!({
                "variant": "1", "location": "1", "quantity": "9", "reason": "", "key": "",
            }),
        ),
        ("bob", "place-order", order),
        ("alice", "accept-order", json!({ "sub-order": "1" })),
        ("alice", "ship-order", shipment),
        (
            "dave",
            "record-delivery",
            json!({ "sub-order": "1", "shipment": 1, "proof": document() }),
        ),
        ("bob", "confirm-order", json!({ "sub-order": "1", "key": "" })),
    ] {
        world.done(who, "marketplace", function, arguments);
    }
    let ended = world.read("marketplace", "get-sub-order", json!({ "sub-order": "1" }));
    assert_eq!(ended["state"], "completed");
    assert_eq!((world.balance("alice"), world.balance("bob")), (1_002_000, 998_000));
    assert_eq!(world.audit(), 1);
}

#[test]
fn a_job_is_posted_funded_submitted_approved_and_paid() {
    let world = World::new();
    let details = json!({
        "title": "Paint the hall",
        "summary": "",
        "skills": ["painting"],
        "place": "",
        "documents": [],
        "visibility": "public",
        "requirements": [],
        "asset": "EUR",
        "budget": "5000",
        "positions": 1,
        "apply-until-ms": in_hours(1),
        "decide-until-ms": in_hours(2),
    });
    let posting = world.done("bob", "jobs", "post-job", json!({ "details": details, "key": "" }));
    let application =
        json!({ "posting": posting, "note": "", "price": "5000", "documents": [], "key": "" });
    world.done("carol", "jobs", "submit-application", application);
    let hour = HOUR_MS.to_string();
    let windows = json!({
        "response-ms": hour,
        "evidence-ms": hour,
        "offer-ms": hour,
        "ruling-ms": hour,
        "appeal-ms": hour,
    });
    let terms = json!({
        "asset": "EUR",
        "specification": null,
        "review-window-ms": hour,
        "revision-window-ms": hour,
        "payment-window-ms": hour,
        "idle-window-ms": hour,
        "revisions-max": 2,
        "dispute": { "arbiter": "registered", "fee": 100, "default-to-payer": 5000, "windows": windows },
    });
    let offer = json!({
        "posting": posting,
        "contractor": "@carol",
        "terms": terms,
        "milestones": [{ "title": "All of it", "amount": "5000", "due-ms": in_hours(9) }],
        "accept-until-ms": in_hours(1),
        "key": "",
    });
    let offer = world.done("bob", "jobs", "make-offer", offer);
    let contract =
        world.done("carol", "jobs", "accept-offer", json!({ "offer": offer, "key": "" }));
    let described = world.read("jobs", "get-contract", json!({ "contract": contract }));
    let milestone = &described["milestones"][0];
    let keyed = json!({ "milestone": milestone, "key": "" });
    let work = json!({ "milestone": milestone, "deliverable": document() });
    world.done("bob", "jobs", "fund-milestone", keyed.clone());
    world.done("carol", "jobs", "submit-milestone", work);
    world.done("bob", "jobs", "approve-milestone", json!({ "milestone": milestone }));
    world.done("bob", "jobs", "pay-milestone", keyed);
    assert_eq!((world.balance("bob"), world.balance("carol")), (995_000, 1_005_000));
    assert_eq!(world.audit(), 1);
}

#[test]
fn credits_are_bought_used_and_settled() {
    let world = World::new();
    let programme =
        json!({ "name": "API", "unit": "token", "payout-account": "@alice", "key": "" });
    let programme = world.done("alice", "credit", "create-programme", programme);
    let price = json!({
        "programme": programme, "service": "gpt", "credits": "3", "per": "10", "effective-ms": null,
    });
    let sale = json!({
        "asset": "EUR",
        "price": "5",
        "per": "10",
        "credits-min": "10",
        "credits-max": "1000",
        "validity-ms": "2592000000",
        "priority": 0,
        "refund-window-ms": "604800000",
        "refund-fee": 1000,
        "breakage": 5000,
    });
    world.done("alice", "credit", "set-price", price);
    world.done(
        "alice",
        "credit",
        "set-sale-terms",
        json!({ "programme": programme, "sale-terms": sale }),
    );
    let meter = json!({ "programme": programme, "meter": "@dave", "name": "eu-1" });
    world.done("alice", "credit", "register-meter", meter);
    let purchase = json!({
        "programme": programme, "account": null, "credits": "100", "price-max": "50", "key": "",
    });
    let grant = world.done("bob", "credit", "purchase-credits", purchase);
    let usage = json!({
        "programme": programme,
        "account": "@bob",
        "service": "gpt",
        "quantity-max": "100",
        "meter": "@dave",
        "capture-window-ms": HOUR_MS.to_string(),
        "reference": "call 7",
        "key": "",
    });
    let usage = world.done("bob", "credit", "authorise-usage", usage);
    let capture = json!({ "usage": usage, "quantity": "50", "key": "" });
    assert_eq!(world.done("dave", "credit", "capture-usage", capture), "15");
    let settled = json!({ "grant": grant, "key": "" });
    assert_eq!(world.done("carol", "credit", "settle-purchase", settled), "7");
    assert_eq!((world.balance("alice"), world.balance("bob")), (1_000_007, 999_950));
    assert_eq!(world.audit(), 1);
}
