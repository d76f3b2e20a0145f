//! Checks of arguments, which do not read the state.

use alloc::vec::Vec;

use ehb_contract::Host;
pub(crate) use ehb_contract::calendar::KEPT_MS;
use ehb_contract::calendar::{DAY_MS, HOLD_MS_MAX};
pub(crate) use ehb_contract::checks::{
    BASIS_POINTS, amount, asset, document, documents, range, room, text,
};
use ehb_contract::checks::{count, part, window};
use ehb_contract::common::Refusal;

use crate::bindings::ehb::marketplace::types::{
    Attribute, Error, LineQuantity, OrderLine, Price, ProductDetails, Settings, Terms,
};

/// The longest name of a store, location, category or carrier, bytes.
pub(crate) const NAME_BYTES_MAX: usize = 64;

/// The longest title of a product, place, reference or reason of a stock change, bytes.
pub(crate) const PHRASE_BYTES_MAX: usize = 140;

/// The longest reason of a return and comment of a rating, bytes.
pub(crate) const COMMENT_BYTES_MAX: usize = 280;

/// The longest summary of a product, bytes.
const SUMMARY_BYTES_MAX: usize = 1_000;

/// The longest stock keeping unit, bytes.
const SKU_BYTES_MAX: usize = 32;

/// The most attributes of a product or variant, and the bytes of a name and a value.
const ATTRIBUTES_MAX: usize = 16;
const ATTRIBUTE_NAME_BYTES_MAX: usize = 32;
const ATTRIBUTE_VALUE_BYTES_MAX: usize = 64;

/// The most documents of a product.
const PRODUCT_DOCUMENTS_MAX: usize = 8;

/// The most documents of a return.
pub(crate) const RETURN_DOCUMENTS_MAX: usize = 4;

/// The most prices of a variant.
const PRICES_MAX: usize = 8;

/// The most variants of a product: a product's listing is that of all of them.
pub(crate) const VARIANTS_MAX: usize = 32;

/// The most levels of the tree of categories.
pub(crate) const CATEGORY_DEPTH_MAX: u8 = 7;

/// The most lines of an order.
pub(crate) const ORDER_LINES_MAX: usize = 16;

/// The most stores of an order.
pub(crate) const ORDER_STORES_MAX: usize = 8;

/// The most pieces of a line.
const LINE_PIECES_MAX: u32 = 1_000_000;

/// The most pieces that come to or leave a stock at a time.
const STOCK_PIECES_MAX: u64 = 1_000_000_000;

/// The most shipments of a sub-order.
pub(crate) const SHIPMENTS_MAX: u32 = 16;

/// How long the wallet holds an order's money, milliseconds: as long as it can.
pub(crate) const HOLD_MS: u64 = HOLD_MS_MAX;

/// The longest windows that terms can have, milliseconds. With the longest dispute they fit into
/// [`HOLD_MS`].
pub(crate) const TERMS_MAX: Terms = Terms {
    accept_window_ms: 30 * DAY_MS,
    ship_window_ms: 180 * DAY_MS,
    delivery_window_ms: 180 * DAY_MS,
    inspection_window_ms: 90 * DAY_MS,
    return_approval_window_ms: 30 * DAY_MS,
    return_shipping_window_ms: 90 * DAY_MS,
    return_receipt_window_ms: 90 * DAY_MS,
    cancellation_fee: Some(BASIS_POINTS),
    restocking_fee: BASIS_POINTS,
    free_cancellations_max: 1_000,
    reserve_share_max: BASIS_POINTS,
    notice_ms: NOTICE_MS_MAX,
};

/// The highest fee of the platform, basis points.
const FEE_MAX: u16 = 2_000;

/// The longest notice of other terms or settings, milliseconds.
const NOTICE_MS_MAX: u64 = 30 * DAY_MS;

/// The longest windows for ratings, milliseconds.
const RATING_COMMIT_MS_MAX: u64 = 90 * DAY_MS;
const RATING_REVEAL_MS_MAX: u64 = 30 * DAY_MS;

/// Checks a stock keeping unit.
pub(crate) fn sku(sku: &str) -> Result<(), Refusal> {
    text("sku", sku, 1, SKU_BYTES_MAX)
}

/// Checks a number of pieces that come to or leave a stock.
pub(crate) fn stock_quantity(quantity: u64) -> Result<(), Refusal> {
    range("quantity", quantity, 1, STOCK_PIECES_MAX)
}

/// Checks attributes.
pub(crate) fn attributes(attributes: &[Attribute]) -> Result<(), Error> {
    count("attributes", attributes, 0, ATTRIBUTES_MAX)?;
    for (place, attribute) in attributes.iter().enumerate() {
        text("attribute-name", &attribute.name, 1, ATTRIBUTE_NAME_BYTES_MAX)?;
        text("attribute-value", &attribute.value, 0, ATTRIBUTE_VALUE_BYTES_MAX)?;
        if attributes[..place].iter().any(|other| other.name == attribute.name) {
            return Err(Refusal::duplicate("attributes", place).into());
        }
    }
    Ok(())
}

/// Checks a product's description.
pub(crate) fn details(details: &ProductDetails) -> Result<(), Error> {
    text("title", &details.title, 1, PHRASE_BYTES_MAX)?;
    text("summary", &details.summary, 0, SUMMARY_BYTES_MAX)?;
    attributes(&details.attributes)?;
    Ok(documents(&details.documents, PRODUCT_DOCUMENTS_MAX)?)
}

/// Checks a variant's prices: each counts for some time, and no two of an asset begin at once.
pub(crate) fn prices(prices: &[Price]) -> Result<(), Error> {
    count("prices", prices, 0, PRICES_MAX)?;
    for (place, price) in prices.iter().enumerate() {
        asset(&price.asset)?;
        amount(price.amount)?;
        let ends_early = price.until_ms.is_some_and(|until_ms| until_ms <= price.effective_ms);
        let same_start =
            |other: &Price| other.asset == price.asset && other.effective_ms == price.effective_ms;
        if ends_early || prices[..place].iter().any(same_start) {
            return Err(Error::ConflictingPrice(price.effective_ms));
        }
    }
    Ok(())
}

/// Checks a store's terms.
pub(crate) fn terms(host: &Host, terms: &Terms) -> Result<(), Refusal> {
    let most = &TERMS_MAX;
    for (name, given_ms, max_ms) in [
        ("accept-window-ms", terms.accept_window_ms, most.accept_window_ms),
        ("ship-window-ms", terms.ship_window_ms, most.ship_window_ms),
        ("delivery-window-ms", terms.delivery_window_ms, most.delivery_window_ms),
        ("inspection-window-ms", terms.inspection_window_ms, most.inspection_window_ms),
        (
            "return-approval-window-ms",
            terms.return_approval_window_ms,
            most.return_approval_window_ms,
        ),
        (
            "return-shipping-window-ms",
            terms.return_shipping_window_ms,
            most.return_shipping_window_ms,
        ),
        ("return-receipt-window-ms", terms.return_receipt_window_ms, most.return_receipt_window_ms),
        ("notice-ms", terms.notice_ms, most.notice_ms),
    ] {
        window(host, name, given_ms, max_ms)?;
    }
    let (cancels, cancels_max) = (terms.free_cancellations_max, most.free_cancellations_max);
    range("free-cancellations-max", u64::from(cancels), 0, u64::from(cancels_max))?;
    let (share, share_max) = (terms.reserve_share_max, most.reserve_share_max);
    range("reserve-share-max", u64::from(share), 1, u64::from(share_max))?;
    part("cancellation-fee", terms.cancellation_fee.unwrap_or(0))?;
    part("restocking-fee", terms.restocking_fee)
}

/// Checks the platform's settings.
pub(crate) fn settings(host: &Host, settings: &Settings) -> Result<(), Error> {
    range("fee", u64::from(settings.fee), 0, u64::from(FEE_MAX))?;
    let commit_ms = settings.rating_commit_window_ms;
    window(host, "rating-commit-window-ms", commit_ms, RATING_COMMIT_MS_MAX)?;
    let reveal_ms = settings.rating_reveal_window_ms;
    window(host, "rating-reveal-window-ms", reveal_ms, RATING_REVEAL_MS_MAX)?;
    window(host, "notice-ms", settings.notice_ms, NOTICE_MS_MAX)?;
    ehb_dispute::terms(host, &settings.disputes)?;
    if settings.fee > 0 && settings.fee_account.is_none() {
        return Err(Error::MissingFeeAccount);
    }
    Ok(())
}

/// Checks what is ordered.
pub(crate) fn order_lines(lines: &[OrderLine]) -> Result<(), Refusal> {
    count("lines", lines, 1, ORDER_LINES_MAX)?;
    lines.iter().try_for_each(|line| {
        range("quantity", u64::from(line.quantity), 1, u64::from(LINE_PIECES_MAX))
    })
}

/// Checks pieces of the lines of a sub-order: something of each, each line once. There are at most as
/// many lines as an order has.
pub(crate) fn line_quantities(lines: &[LineQuantity]) -> Result<(), Error> {
    count("lines", lines, 1, ORDER_LINES_MAX)?;
    let mut seen = Vec::with_capacity(lines.len());
    for piece in lines {
        range("quantity", u64::from(piece.quantity), 1, u64::from(LINE_PIECES_MAX))?;
        if seen.contains(&piece.line) {
            return Err(Refusal::duplicate("lines", seen.len()).into());
        }
        seen.push(piece.line);
    }
    Ok(())
}
