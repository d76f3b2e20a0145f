//! The calls of a table's rows.

use std::fmt::Debug;

use ehb_contract::common::{DueItem, Refusal, RoleLimit};
use ehb_contract::table::{is_yes, maybe, number, one_of, small, text};
use ehb_contract::{Hash, Host};
use ehb_contract_wallet::scene as wallet;
use ehb_dispute::types::Document;

use super::scene::{CAST, address, details, document, prices, settings, terms};
use crate::bindings::ehb::marketplace::types::{
    Attribute, Error, LineQuantity, ListingState, OrderLine, Price, Side, StoreState, StoreTerms,
};
use crate::keys::Kind;
use crate::rules;

pub(super) fn act(host: &mut Host, action: &str, arguments: &[&str]) -> String {
    let (arguments, key) = match arguments {
        [front @ .., last] if last.starts_with("key=") => (front, text(&last[4..])),
        _ => (arguments, String::new()),
    };
    selling(host, action, arguments, &key)
        .or_else(|| ordering(host, action, arguments, &key))
        .or_else(|| returning(host, action, arguments, &key))
        .or_else(|| wallet::act(&CAST, host, action, arguments))
        .or_else(|| settling(host, action, arguments, &key))
        .or_else(|| reading(host, action, arguments))
        .unwrap_or_else(|| format!("no action: {action} {arguments:?}"))
}

/// A function of the shared interface `deadlines`.
fn shared<T: Debug>(
    host: &mut Host,
    run: impl FnOnce(&mut Host) -> Result<T, Refusal>,
) -> Option<String> {
    Some(CAST.outcome(&host.call(run)))
}

fn call<T: Debug>(
    host: &mut Host,
    run: impl FnOnce(&mut Host) -> Result<T, Error>,
) -> Option<String> {
    Some(CAST.outcome(&host.call(run)))
}

fn selling(host: &mut Host, action: &str, arguments: &[&str], key: &str) -> Option<String> {
    let key = key.to_owned();
    match (action, arguments) {
        ("set-settings", [fee]) => {
            call(host, |host| rules::set_settings(host, settings(small(fee))))
        }
        ("set-arbiter-fee", [fee]) => {
            let mut settings = settings(250);
            settings.disputes.fee = small(fee);
            call(host, |host| rules::set_settings(host, settings))
        }
        ("set-rating-minimum", [asset, paid_min @ ..]) => call(host, |host| {
            let paid_min = paid_min.first().map(|word| number(word));
            rules::set_rating_minimum(host, text(asset), paid_min)
        }),
        ("create-store", [name, payout, with]) => call(host, |host| {
            rules::create_store(host, text(name), address(payout), terms(with), key)
        }),
        ("set-store", [store, name, with]) => {
            call(host, |host| rules::set_store(host, number(store), text(name), terms(with)))
        }
        ("set-payout-account", words) => Some(CAST.run(host, rules::set_payout_account, words)),
        ("cancel-payout-change", words) => Some(CAST.run(host, rules::cancel_payout_change, words)),
        ("set-treasurer-limit", [store, asset, limit @ ..]) => {
            let limit = limit_of(limit);
            call(host, |host| rules::set_treasurer_limit(host, number(store), text(asset), limit))
        }
        ("set-clerk-limit", [store, asset, limit @ ..]) => {
            let limit = limit_of(limit);
            call(host, |host| rules::set_clerk_limit(host, number(store), text(asset), limit))
        }
        ("set-store-state", [store, state]) => {
            let known = [
                ("open", StoreState::Open),
                ("paused", StoreState::Paused),
                ("closed", StoreState::Closed),
            ];
            let state = one_of(state, &known);
            call(host, |host| rules::set_store_state(host, number(store), state))
        }
        ("create-location", [store, name, place]) => call(host, |host| {
            rules::create_location(host, number(store), text(name), text(place), key)
        }),
        ("create-category", [parent, name]) => call(host, |host| {
            rules::create_category(host, maybe(parent).map(number), text(name), key)
        }),
        ("set-location", words) => Some(CAST.run(host, rules::set_location, words)),
        ("rename-category", words) => Some(CAST.run(host, rules::rename_category, words)),
        ("create-product", [store, title]) => call(host, |host| {
            rules::create_product(host, number(store), details(&text(title)), key)
        }),
        ("set-product", [product, title]) => {
            call(host, |host| rules::set_product(host, number(product), details(&text(title))))
        }
        ("set-listing", [product, state]) => {
            let known = [
                ("draft", ListingState::Draft),
                ("listed", ListingState::Listed),
                ("withdrawn", ListingState::Withdrawn),
                ("retired", ListingState::Retired),
            ];
            let state = one_of(state, &known);
            call(host, |host| rules::set_listing(host, number(product), state))
        }
        ("create-variant", [product, sku, attributes, amount]) => call(host, |host| {
            let prices = match amount.contains(':') {
                true => prices_of(amount),
                false => prices(number(amount)),
            };
            let attributes = attributes_of(attributes);
            rules::create_variant(host, number(product), text(sku), attributes, prices, key)
        }),
        ("retire-variant", words) => Some(CAST.run(host, rules::retire_variant, words)),
        ("set-prices", [variant, prices]) => {
            call(host, |host| rules::set_prices(host, number(variant), prices_of(prices)))
        }
        ("add-stock", [variant, location, quantity, reason]) => call(host, |host| {
            let (variant, location) = (number(variant), number(location));
            rules::add_stock(host, variant, location, number(quantity), text(reason), key)
        }),
        ("remove-stock", [variant, location, quantity, reason]) => call(host, |host| {
            let (variant, location) = (number(variant), number(location));
            rules::remove_stock(host, variant, location, number(quantity), text(reason), key)
        }),
        ("move-stock", [variant, source, target, quantity]) => call(host, |host| {
            let (source, target, quantity) = (number(source), number(target), number(quantity));
            rules::move_stock(host, number(variant), source, target, quantity, text("moved"), key)
        }),
        _ => None,
    }
}

fn ordering(host: &mut Host, action: &str, arguments: &[&str], key: &str) -> Option<String> {
    let key = key.to_owned();
    match (action, arguments) {
        ("place-order", [asset, lines, total_max, agreed @ ..]) => call(host, |host| {
            let (lines, reference) = (lines_of(lines), text("PO"));
            let (terms, settings) = match agreed {
                [] => in_force(host, &lines),
                [terms, settings] => (terms_of(terms), small(settings)),
                other => panic!("the versions of terms and of settings, or neither: {other:?}"),
            };
            let (asset, max) = (text(asset), number(total_max));
            rules::place_order(host, asset, lines, max, terms, settings, None, reference, key)
        }),
        ("accept", words) => Some(CAST.run(host, rules::accept_order, words)),
        ("decline", [order]) => call(host, |host| rules::decline_order(host, number(order), key)),
        ("cancel", [order]) => call(host, |host| rules::cancel_order(host, number(order), key)),
        ("ship", [order, pieces, carrier]) => call(host, |host| {
            let account = maybe(carrier).map(address);
            let (pieces, carrier, tracking) = (pieces_of(pieces), text("Fast"), text("T-1"));
            rules::ship_order(host, number(order), pieces, carrier, account, tracking, key)
        }),
        ("cancel-unshipped", [order]) => {
            call(host, |host| rules::cancel_unshipped(host, number(order), key))
        }
        ("deliver", [order, shipment]) => call(host, |host| {
            rules::record_delivery(host, number(order), small(shipment), document())
        }),
        ("confirm", [order]) => call(host, |host| rules::confirm_order(host, number(order), key)),
        ("refund", [order, line, amount]) => call(host, |host| {
            rules::refund_line(host, number(order), small(line), number(amount), key)
        }),
        ("advance", [order]) => {
            shared(host, |host| rules::advance(host, Kind::SubOrder.item(number(order))))
        }
        ("advance-rating", [order]) => {
            shared(host, |host| rules::advance(host, Kind::Rating.item(number(order))))
        }
        ("advance-dispute", [order]) => {
            shared(host, |host| rules::advance(host, Kind::Dispute.item(number(order))))
        }
        ("advance-store", [store]) => {
            shared(host, |host| rules::advance(host, Kind::Store.item(number(store))))
        }
        ("advance-due", [limit]) => shared(host, |host| {
            rules::advance_due(host, small(limit)).map(|advanced| advanced.len())
        }),
        ("migrate", []) => call(host, rules::migrate),
        _ => None,
    }
}

fn returning(host: &mut Host, action: &str, arguments: &[&str], key: &str) -> Option<String> {
    let key = key.to_owned();
    match (action, arguments) {
        ("request-return", [order, pieces, reason]) => call(host, |host| {
            let pieces = pieces_of(pieces);
            rules::request_return(host, number(order), pieces, text(reason), vec![document()], key)
        }),
        ("approve-return", words) => Some(CAST.run(host, rules::approve_return, words)),
        ("decline-return", words) => Some(CAST.run(host, rules::decline_return, words)),
        ("ship-return", [order, carrier]) => {
            call(host, |host| rules::ship_return(host, number(order), text(carrier), text("R-1")))
        }
        ("receive-return", [order, restock]) => call(host, |host| {
            rules::receive_return(
                host,
                number(order),
                one_of(restock, &[("restock", true), ("scrap", false)]),
                key,
            )
        }),
        ("commit", [order, by, score]) => call(host, |host| {
            let hash = rated(host, number(order), by, small(score));
            rules::commit_rating(host, number(order), hash)
        }),
        ("reveal", [order, score]) => call(host, |host| {
            rules::reveal_rating(host, number(order), small(score), text("fine"), salt())
        }),
        _ => None,
    }
}

fn settling(host: &mut Host, action: &str, arguments: &[&str], key: &str) -> Option<String> {
    let key = key.to_owned();
    match (action, arguments) {
        ("open-dispute", [order, part, reason]) => {
            let (order, part, reason) = (number(order), small(part), text(reason));
            call(host, |host| rules::open_dispute(host, order, part, reason, key).map(drop))
        }
        ("respond", words) => Some(CAST.run(host, rules::respond_to_dispute, words)),
        ("add-evidence", [order, note]) => {
            call(host, |host| rules::add_evidence(host, number(order), document(), text(note)))
        }
        ("offer", words) => Some(CAST.run(host, rules::offer_settlement, words)),
        ("accept-settlement", [order]) => {
            call(host, |host| rules::accept_settlement(host, number(order), key))
        }
        ("finish-phase", words) => Some(CAST.run(host, rules::finish_phase, words)),
        ("request", [order]) => {
            call(host, |host| rules::request_arbitration(host, number(order), key))
        }
        ("join", [order]) => call(host, |host| rules::join_arbitration(host, number(order), key)),
        ("set-arbiter", [who, registered]) => {
            call(host, |host| rules::set_arbiter(host, address(who), is_yes(registered)))
        }
        ("rule", [order, part]) => call(host, |host| {
            rules::rule_dispute(host, number(order), small(part), Some(document()), key)
        }),
        ("appeal", [order, reason]) => {
            call(host, |host| rules::appeal_ruling(host, number(order), text(reason), key))
        }
        _ => None,
    }
}

fn reading(host: &mut Host, action: &str, arguments: &[&str]) -> Option<String> {
    let after = |word: &str| maybe(word).map(number);
    match (action, arguments) {
        ("get-settings", []) => call(host, |host| rules::get_settings(host)),
        ("get-settings-version", words) => Some(CAST.run(host, rules::get_settings_version, words)),
        ("get-rating-minimum", words) => Some(CAST.run(host, rules::get_rating_minimum, words)),
        ("get-category", words) => Some(CAST.run(host, rules::get_category, words)),
        ("get-store", words) => Some(CAST.run(host, rules::get_store, words)),
        ("get-treasurer-limit", words) => Some(CAST.run(host, rules::get_treasurer_limit, words)),
        ("get-clerk-limit", words) => Some(CAST.run(host, rules::get_clerk_limit, words)),
        ("get-location", words) => Some(CAST.run(host, rules::get_location, words)),
        ("get-product", words) => Some(CAST.run(host, rules::get_product, words)),
        ("get-variant", words) => Some(CAST.run(host, rules::get_variant, words)),
        ("find-variant", words) => Some(CAST.run(host, rules::find_variant, words)),
        ("get-stock", words) => Some(CAST.run(host, rules::get_stock, words)),
        ("get-order", words) => Some(CAST.run(host, rules::get_order, words)),
        ("get-sub-order", words) => Some(CAST.run(host, rules::get_sub_order, words)),
        ("get-shipment", words) => Some(CAST.run(host, rules::get_shipment, words)),
        ("get-return", words) => Some(CAST.run(host, rules::get_return, words)),
        ("get-dispute", [id]) => call(host, |host| {
            rules::get_dispute(host, number(id)).map(|it| (it.state, it.deadline_ms))
        }),
        ("list-arbiters", []) => Some(CAST.named(&rules::list_arbiters(host))),
        ("get-rating", [id]) => call(host, |host| {
            let rating = rules::get_rating(host, number(id))?;
            let score = |feedback: Option<_>| {
                feedback.map(|it: crate::bindings::ehb::marketplace::types::Feedback| it.score)
            };
            let (buyer, seller) = (score(rating.by_buyer), score(rating.by_seller));
            Ok((rating.state, rating.deadline_ms, buyer, seller))
        }),
        ("rating-commitment", [order, score]) => call(host, |host| {
            let (order, score) = (number(order), small(score));
            rules::rating_commitment(host, order, Side::Buyer, score, text("fine"), salt())
        }),
        ("get-store-rating", words) => Some(CAST.run(host, rules::get_store_rating, words)),
        ("get-buyer-rating", words) => Some(CAST.run(host, rules::get_buyer_rating, words)),
        ("list-categories", [from, limit]) => call(host, |host| {
            let page = rules::list_categories(host, after(from), small(limit))?;
            Ok((ids(page.categories, |it| it.id), page.next))
        }),
        ("list-stores", [from, limit]) => call(host, |host| {
            let page = rules::list_stores(host, after(from), small(limit))?;
            Ok((ids(page.stores, |it| it.id), page.next))
        }),
        ("list-locations", [store, from, limit]) => call(host, |host| {
            let page = rules::list_locations(host, number(store), after(from), small(limit))?;
            Ok((ids(page.locations, |it| it.id), page.next))
        }),
        ("list-products", [store, from, limit]) => call(host, |host| {
            let page = rules::list_products(host, number(store), after(from), small(limit))?;
            Ok((ids(page.products, |it| it.id), page.next))
        }),
        ("list-products-of-category", [category, from, limit]) => call(host, |host| {
            let (category, from) = (number(category), after(from));
            let page = rules::list_products_of_category(host, category, from, small(limit))?;
            Ok((ids(page.products, |it| it.id), page.next))
        }),
        ("list-stock", [variant, from, limit]) => call(host, |host| {
            let page = rules::list_stock(host, number(variant), after(from), small(limit))?;
            Ok((ids(page.levels, |it| it.location), page.next))
        }),
        ("list-orders", [who, from, limit]) => call(host, |host| {
            let page = rules::list_orders(host, address(who), after(from), small(limit))?;
            Ok((ids(page.orders, |it| it.id), page.next))
        }),
        ("list-orders-of", [organisation, from, limit]) => call(host, |host| {
            let (organisation, from) = (text(organisation), after(from));
            let page = rules::list_orders_of_organisation(host, organisation, from, small(limit))?;
            Ok((ids(page.orders, |it| it.id), page.next))
        }),
        ("list-awaiting", [from, limit]) => call(host, |host| {
            let page = rules::list_disputes_awaiting_arbiter(host, after(from), small(limit))?;
            Ok((ids(page.disputes, |it| it.id), page.next))
        }),
        ("list-sub-orders", [store, from, limit]) => call(host, |host| {
            let page = rules::list_sub_orders(host, number(store), after(from), small(limit))?;
            Ok((ids(page.sub_orders, |it| it.id), page.next))
        }),
        ("list-shipments", [order, from, limit]) => call(host, |host| {
            let from = maybe(from).map(small);
            let page = rules::list_shipments(host, number(order), from, small(limit))?;
            let numbers: Vec<u32> = page.shipments.into_iter().map(|it| it.number).collect();
            Ok((numbers, page.next))
        }),
        ("list-due", [limit]) => shared(host, |host| {
            let page = rules::list_due(host, None, small(limit))?;
            let next = page.next.map(|it| it.item.id);
            Ok((page.due.into_iter().map(shown).collect::<Vec<_>>(), next))
        }),
        _ => None,
    }
}

fn shown(due: DueItem) -> (u64, String, u64) {
    (due.deadline_ms, due.item.kind, due.item.id)
}

fn ids<T>(things: Vec<T>, id: impl Fn(&T) -> u64) -> Vec<u64> {
    things.iter().map(id).collect()
}

/// A limit such as `100 300`: at a time, and on a day.
fn limit_of(words: &[&str]) -> Option<RoleLimit> {
    match words {
        [single, daily] => Some(RoleLimit { single_max: number(single), daily_max: number(daily) }),
        [] => None,
        other => panic!("no limit: {other:?}"),
    }
}

/// Versions of terms such as `1:2,2:1`: version 2 of store 1, and so on.
fn terms_of(word: &str) -> Vec<StoreTerms> {
    let version = |piece: &str| {
        let (of, version) = piece.split_once(':').unwrap();
        StoreTerms { store: number(of), version: small(version) }
    };
    maybe(word).map_or_else(Vec::new, |word| word.split(',').map(version).collect())
}

/// The versions of the terms of the lines' stores and of the settings that are in force.
pub(super) fn in_force(host: &Host, lines: &[OrderLine]) -> (Vec<StoreTerms>, u32) {
    let mut terms: Vec<StoreTerms> = Vec::new();
    for line in lines {
        let Ok(variant) = rules::get_variant(host, line.variant) else { continue };
        let store = rules::get_store(host, variant.store).unwrap();
        let version = StoreTerms { store: store.id, version: store.terms_version };
        if !terms.contains(&version) {
            terms.push(version);
        }
    }
    (terms, rules::get_settings(host).unwrap().version)
}

/// Lines such as `1@1x2,3@3x1`: two pieces of variant 1 from location 1, and so on.
pub(super) fn lines_of(word: &str) -> Vec<OrderLine> {
    let line = |piece: &str| {
        let (variant, rest) = piece.split_once('@').unwrap();
        let (location, quantity) = rest.split_once('x').unwrap();
        OrderLine {
            variant: number(variant),
            location: number(location),
            quantity: small(quantity),
        }
    };
    maybe(word).map_or_else(Vec::new, |word| word.split(',').map(line).collect())
}

/// Pieces such as `0x2,1x1`: two of line 0, one of line 1.
pub(super) fn pieces_of(word: &str) -> Vec<LineQuantity> {
    let piece = |piece: &str| {
        let (line, quantity) = piece.split_once('x').unwrap();
        LineQuantity { line: small(line), quantity: small(quantity) }
    };
    maybe(word).map_or_else(Vec::new, |word| word.split(',').map(piece).collect())
}

/// Attributes such as `colour=red,size=L`.
fn attributes_of(word: &str) -> Vec<Attribute> {
    let attribute = |piece: &str| {
        let (name, value) = piece.split_once('=').unwrap();
        Attribute { name: name.to_owned(), value: value.to_owned() }
    };
    maybe(word).map_or_else(Vec::new, |word| word.split(',').map(attribute).collect())
}

/// Prices such as `EUR:1000:0:5000`: asset, amount, from, until.
fn prices_of(word: &str) -> Vec<Price> {
    let price = |piece: &str| {
        let words: Vec<&str> = piece.split(':').collect();
        Price {
            asset: text(words[0]),
            amount: number(words[1]),
            effective_ms: number(words[2]),
            until_ms: maybe(words[3]).map(number),
        }
    };
    maybe(word).map_or_else(Vec::new, |word| word.split(',').map(price).collect())
}

/// The salt of the ratings in the tables.
pub(super) fn salt() -> Hash {
    Hash { a: 1, b: 2, c: 3, d: 4 }
}

/// The commitment to a score with the comment `fine`.
pub(super) fn rated(host: &Host, id: u64, by: &str, score: u8) -> Hash {
    let by = one_of(by, &[("buyer", Side::Buyer), ("seller", Side::Seller)]);
    rules::rating_commitment(host, id, by, score, text("fine"), salt()).unwrap_or_default()
}

/// A document whose text is no CID.
pub(super) fn malformed_document() -> Document {
    Document { cid: "Qm".to_owned(), ..document() }
}

/// A document whose media type is none.
pub(super) fn unreadable_document() -> Document {
    Document { media_type: "pdf".to_owned(), ..document() }
}
