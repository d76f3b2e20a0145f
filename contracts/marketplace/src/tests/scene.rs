//! The accounts, and a shop with goods.

use ehb_contract::common::RoleLimit;
use ehb_contract::table::{Cast, one_of};
use ehb_contract::{Address, Host};
use ehb_contract_wallet::scene as wallet;
use ehb_dispute::types::{Arbiter, Document, Terms as DisputeTerms, Windows};

use crate::bindings::ehb::marketplace::types::{
    Error, ListingState, Price, ProductDetails, Settings, Terms,
};
use crate::rules;

/// `sam` (seller), `carl` (clerk), `tess` (treasurer) and `till` (where the money goes) are of the
/// organisation acme; `nina` (seller and treasurer) of nord; `alice` and `bob` buy, and `ben`
/// (buyer), `rose` (receiver) and `fay` (treasurer) are of alice's organisation, `wanda` (warehouse) of acme; `fast` carries;
/// `judge` and `jury` rule; `plat` gets the fee; `nobody` has no account.
pub(super) const CAST: Cast = Cast(&[
    "bank",
    "admin",
    "sam",
    "carl",
    "tess",
    "till",
    "nina",
    "alice",
    "ben",
    "rose",
    "fay",
    "wanda",
    "bob",
    "fast",
    "judge",
    "jury",
    "plat",
    "stranger",
    "nobody",
    "marketplace!",
]);

/// The CID of a document.
const CID: &str = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";

/// The first balance of each buyer.
pub(super) const PURSE: u64 = 1_000_000;

pub(super) fn address(name: &str) -> Address {
    CAST.address(name)
}

/// A chain with the people, at block time 1000, on which both buyers have a million euro cents.
pub(super) fn scene() -> Host {
    let mut host = Host::for_module("marketplace");
    for (person, organisation, roles) in [
        ("bank", "bank", &["issuer"][..]),
        ("admin", "platform", &["platform-admin"]),
        ("plat", "platform", &[]),
        ("sam", "acme", &["seller"]),
        ("carl", "acme", &["clerk"]),
        ("tess", "acme", &["treasurer"]),
        ("till", "acme", &[]),
        ("nina", "nord", &["seller", "treasurer"]),
        ("alice", "home", &[]),
        ("ben", "home", &["buyer"]),
        ("rose", "home", &["receiver"]),
        ("fay", "home", &["treasurer"]),
        ("wanda", "acme", &["warehouse"]),
        ("bob", "club", &[]),
        ("fast", "courier", &[]),
        ("judge", "court", &["arbiter"]),
        ("jury", "appeals", &["arbiter"]),
        ("stranger", "elsewhere", &[]),
    ] {
        host.register(address(person), organisation);
        roles.iter().for_each(|role| host.grant(address(person), role));
    }
    host.set_block(1, 1_000);
    host.act_as(address("bank"));
    let to = [(address("alice"), PURSE), (address("bob"), PURSE)];
    wallet::issue_euros(&mut host, &to).unwrap();
    host.act_as(address("admin"));
    rules::set_rating_minimum(&mut host, "EUR".to_owned(), Some(1)).unwrap();
    host.act_as(address("judge"));
    rules::set_arbiter(&mut host, address("judge"), true).unwrap();
    host
}

/// As [`scene`], and acme and nord sell:
///
/// | Variant | Store | Price | Stock |
/// |---|---|---|---|
/// | 1 | 1, acme, with the terms `std` | 1000 | 100 at location 1, 10 at location 2 |
/// | 2 | 1 | 333 | 100 at location 1 |
/// | 3 | 2, nord, with the terms `strict` | 500 | 100 at location 3 |
///
/// The platform takes 2.5 %, and acme's clerks give away up to 100 at a time, 300 a day.
pub(super) fn shop() -> Host {
    let mut host = scene();
    open_shop(&mut host).unwrap();
    host
}

fn open_shop(host: &mut Host) -> Result<(), Error> {
    let key = String::new;
    host.act_as(address("admin"));
    rules::set_settings(host, settings(250))?;
    rules::create_category(host, None, "Tools".to_owned(), key())?;
    host.act_as(address("sam"));
    rules::create_store(host, "Acme".to_owned(), address("till"), terms("std"), key())?;
    for name in ["Hall", "Yard"] {
        rules::create_location(host, 1, name.to_owned(), String::new(), key())?;
    }
    rules::create_product(host, 1, details("Hammer"), key())?;
    for (sku, price) in [("H-1", 1_000), ("H-2", 333)] {
        rules::create_variant(host, 1, sku.to_owned(), Vec::new(), prices(price), key())?;
    }
    rules::set_listing(host, 1, ListingState::Listed)?;
    for (variant, location, quantity) in [(1, 1, 100), (1, 2, 10), (2, 1, 100)] {
        rules::add_stock(host, variant, location, quantity, String::new(), key())?;
    }
    host.act_as(address("tess"));
    let limit = RoleLimit { single_max: 100, daily_max: 300 };
    rules::set_clerk_limit(host, 1, "EUR".to_owned(), Some(limit))?;
    host.act_as(address("nina"));
    rules::create_store(host, "Nord".to_owned(), address("nina"), terms("strict"), key())?;
    rules::create_location(host, 2, "Dock".to_owned(), String::new(), key())?;
    rules::create_product(host, 2, details("Saw"), key())?;
    rules::create_variant(host, 2, "S-1".to_owned(), Vec::new(), prices(500), key())?;
    rules::set_listing(host, 2, ListingState::Listed)?;
    rules::add_stock(host, 3, 3, 100, String::new(), key())
}

/// `std`: the buyer cancels for 10 %, returns cost 5 %, an organisation cancels two orders a day for free. `strict`:
/// the buyer cannot cancel, returns cost nothing. `generous`: as `std`, but three orders. `scarce`:
/// as `std`, but an organisation reserves a quarter of a stock at most before the store accepts.
pub(super) fn terms(name: &str) -> Terms {
    let (strict, generous, scarce) = one_of(
        name,
        &[
            ("std", (false, false, false)),
            ("strict", (true, false, false)),
            ("generous", (false, true, false)),
            ("scarce", (false, false, true)),
        ],
    );
    Terms {
        accept_window_ms: 10_000,
        ship_window_ms: 20_000,
        delivery_window_ms: 30_000,
        inspection_window_ms: 40_000,
        return_approval_window_ms: 5_000,
        return_shipping_window_ms: 15_000,
        return_receipt_window_ms: 6_000,
        cancellation_fee: (!strict).then_some(1_000),
        restocking_fee: if strict { 0 } else { 500 },
        free_cancellations_max: if generous { 3 } else { 2 },
        reserve_share_max: if scarce { 2_500 } else { 10_000 },
        notice_ms: 10_000,
    }
}

/// The platform's settings with a fee, which goes to `plat`. In disputes each step takes a minute.
pub(super) fn settings(fee: u16) -> Settings {
    let minute = 60_000;
    Settings {
        fee,
        fee_account: Some(address("plat")),
        rating_commit_window_ms: 50_000,
        rating_reveal_window_ms: 25_000,
        disputes: DisputeTerms {
            arbiter: Arbiter::Registered,
            fee: 0,
            default_to_payer: 5_000,
            windows: Windows {
                response_ms: minute,
                evidence_ms: minute,
                offer_ms: minute,
                ruling_ms: minute,
                appeal_ms: minute,
            },
        },
        notice_ms: 10_000,
    }
}

pub(super) fn details(title: &str) -> ProductDetails {
    ProductDetails {
        category: 1,
        title: title.to_owned(),
        summary: String::new(),
        attributes: Vec::new(),
        documents: Vec::new(),
    }
}

pub(super) fn prices(amount: u64) -> Vec<Price> {
    vec![Price { asset: "EUR".to_owned(), amount, effective_ms: 0, until_ms: None }]
}

pub(super) fn document() -> Document {
    Document { cid: CID.to_owned(), media_type: "image/jpeg".to_owned(), size: 1_000 }
}
