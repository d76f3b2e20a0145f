//! Purchases: holding the price in escrow, and granting the credits that were bought.

use alloc::string::String;

use ehb_contract::common::{Party, PriceAboveMax, Refusal};
use ehb_contract::{Address, Host, packed};

use super::grants::{self, NewGrant};
use super::programme_records::programme;
use super::{TREASURER, money, share_organisation};
use crate::bindings::ehb::credit::events::Event;
use crate::bindings::ehb::credit::types::{Error, Purchase};
use crate::checks::{self, ESCROW_MS};
use crate::keys::{KEYS, Kind};
use crate::states::ProgrammeAction;

/// The purpose of the wallet's hold of a purchase.
const REFERENCE: &str = "credit purchase";

/// See `grants.purchase-credits`.
pub fn purchase_credits(
    host: &mut Host,
    programme: u64,
    account: Option<Address>,
    credits: u64,
    price_max: u64,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(programme, account, credits, price_max);
    KEYS.run(host, &key, "purchase-credits", &arguments, |host| {
        checks::not_zero(credits)?;
        let programme = self::programme(host, programme)?;
        programme.check(host, ProgrammeAction::Purchase)?;
        let sale = programme.sale_terms.clone();
        let item = || Kind::Programme.item(programme.id);
        let sale = sale.ok_or_else(|| Error::NotForSale(item()))?;
        checks::range("credits", credits, sale.credits_min, sale.credits_max)?;
        let buyer = host.sender();
        let account = account.unwrap_or(buyer);
        if account != buyer && !is_treasurer_of(host, buyer, account) {
            return Err(Error::WrongParty(Party::member(account, TREASURER)));
        }
        super::check_active(host, account)?;
        // The terms of a sale are such that its largest purchase has a price.
        let price = checks::proportion_up(credits, sale.price, sale.per).ok_or_else(|| {
            Refusal::out_of_range("credits", credits, sale.credits_min, sale.credits_max)
        })?;
        if price > price_max {
            return Err(Error::PriceAboveMax(PriceAboveMax { price, price_max }));
        }
        let now_ms = host.time_ms();
        let hold_expires_ms = now_ms + ESCROW_MS;
        let hold = money::set_aside(host, &sale.asset, price, hold_expires_ms, REFERENCE)?;
        let purchase = Purchase {
            buyer,
            hold,
            hold_expires_ms,
            asset: sale.asset,
            price,
            settled: 0,
            returned: 0,
            refund_until_ms: now_ms + sale.refund_window_ms,
            refund_fee: sale.refund_fee,
            breakage: sale.breakage,
        };
        let new = NewGrant {
            account,
            amount: credits,
            priority: sale.priority,
            effective_ms: now_ms,
            expires_ms: now_ms + sale.validity_ms,
            purchase: Some(purchase),
            reference: String::new(),
        };
        let grant = grants::create(host, &programme, new)?;
        let id = grant.id;
        host.emit(Event::CreditsPurchased(grant));
        Ok(id)
    })
}

/// Whether a buyer may fill an account's places for grants, of which there are few.
fn is_treasurer_of(host: &Host, buyer: Address, account: Address) -> bool {
    host.has_role(buyer, TREASURER) && share_organisation(host, account, buyer)
}
