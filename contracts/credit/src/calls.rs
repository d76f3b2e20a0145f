//! The exported functions: each is its rule over the chain at hand.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::{DueItem, DuePage, Item, Refusal, TreasurerLimit, TreasurerStatus};
use ehb_contract::{Address, Host, answer};

use crate::bindings::ehb::credit::types::{
    Bill, Error, Grant, Limit, Line, LineTerms, PricedItem, Programme, Receipt, ReceiptResult,
    Sale, Statement, Usage,
};
use crate::bindings::exports::ehb::common::deadlines;
use crate::bindings::exports::ehb::credit::queries::{
    BillPage, GrantPage, ItemPage, LinePage, MeterPage, Position, ProgrammePage, StatementPage,
};
use crate::bindings::exports::ehb::credit::{
    grants, limits, lines, metering, programmes, queries, upgrade,
};
use crate::rules;

/// The component.
pub struct Credit;

impl programmes::Guest for Credit {
    fn create_programme(
        name: String,
        unit: String,
        treasury: Address,
        key: String,
    ) -> Result<u64, Error> {
        answer(rules::create_programme(&mut Host::new(), name, unit, treasury, key))
    }

    fn set_treasury(programme: u64, treasury: Address) -> Result<(), Error> {
        answer(rules::set_treasury(&mut Host::new(), programme, treasury))
    }

    fn set_treasurer_limit(programme: u64, limit: Option<TreasurerLimit>) -> Result<(), Error> {
        answer(rules::set_treasurer_limit(&mut Host::new(), programme, limit))
    }

    fn set_sale(programme: u64, sale: Option<Sale>) -> Result<(), Error> {
        answer(rules::set_sale(&mut Host::new(), programme, sale))
    }

    fn set_price(
        programme: u64,
        item: String,
        credits: u64,
        per: u64,
        from_ms: Option<u64>,
    ) -> Result<u32, Error> {
        answer(rules::set_price(&mut Host::new(), programme, item, credits, per, from_ms))
    }

    fn retire_item(programme: u64, item: String) -> Result<(), Error> {
        answer(rules::retire_item(&mut Host::new(), programme, item))
    }

    fn register_meter(programme: u64, meter: Address, name: String) -> Result<(), Error> {
        answer(rules::register_meter(&mut Host::new(), programme, meter, name))
    }

    fn remove_meter(programme: u64, meter: Address) -> Result<(), Error> {
        answer(rules::remove_meter(&mut Host::new(), programme, meter))
    }

    fn set_default_limits(programme: u64, limits: Vec<Limit>) -> Result<(), Error> {
        answer(rules::set_default_limits(&mut Host::new(), programme, limits))
    }

    fn close_programme(programme: u64, closes_ms: u64) -> Result<(), Error> {
        answer(rules::close_programme(&mut Host::new(), programme, closes_ms))
    }
}

impl grants::Guest for Credit {
    fn grant_credits(
        programme: u64,
        account: Address,
        credits: u64,
        effective_ms: Option<u64>,
        expires_ms: u64,
        priority: u8,
        reference: String,
        key: String,
    ) -> Result<u64, Error> {
        answer(rules::grant_credits(
            &mut Host::new(),
            programme,
            account,
            credits,
            effective_ms,
            expires_ms,
            priority,
            reference,
            key,
        ))
    }

    fn revoke_grant(grant: u64, key: String) -> Result<(), Error> {
        answer(rules::revoke_grant(&mut Host::new(), grant, key))
    }

    fn purchase(
        programme: u64,
        account: Option<Address>,
        credits: u64,
        price_max: u64,
        key: String,
    ) -> Result<u64, Error> {
        answer(rules::purchase(&mut Host::new(), programme, account, credits, price_max, key))
    }

    fn refund_purchase(grant: u64, key: String) -> Result<(), Error> {
        answer(rules::refund_purchase(&mut Host::new(), grant, key))
    }

    fn settle_purchase(grant: u64, key: String) -> Result<u64, Error> {
        answer(rules::settle_purchase(&mut Host::new(), grant, key))
    }
}

impl metering::Guest for Credit {
    fn authorise_usage(
        programme: u64,
        account: Address,
        item: String,
        quantity_max: u64,
        meter: Address,
        window_ms: u64,
        reference: String,
        key: String,
    ) -> Result<u64, Error> {
        answer(rules::authorise_usage(
            &mut Host::new(),
            programme,
            account,
            item,
            quantity_max,
            meter,
            window_ms,
            reference,
            key,
        ))
    }

    fn capture_usage(usage: u64, quantity: u64, key: String) -> Result<u64, Error> {
        answer(rules::capture_usage(&mut Host::new(), usage, quantity, key))
    }

    fn void_usage(usage: u64) -> Result<(), Error> {
        answer(rules::void_usage(&mut Host::new(), usage))
    }

    fn deliver_receipts(
        programme: u64,
        receipts: Vec<Receipt>,
    ) -> Result<Vec<ReceiptResult>, Error> {
        answer(rules::deliver_receipts(&mut Host::new(), programme, receipts))
    }
}

impl limits::Guest for Credit {
    fn set_limit(programme: u64, account: Address, limit: Limit) -> Result<(), Error> {
        answer(rules::set_limit(&mut Host::new(), programme, account, limit))
    }

    fn remove_limit(programme: u64, account: Address, limit: Limit) -> Result<(), Error> {
        answer(rules::remove_limit(&mut Host::new(), programme, account, limit))
    }
}

impl lines::Guest for Credit {
    fn offer_line(
        programme: u64,
        account: Address,
        terms: LineTerms,
        offer_ms: u64,
        key: String,
    ) -> Result<u64, Error> {
        answer(rules::offer_line(&mut Host::new(), programme, account, terms, offer_ms, key))
    }

    fn accept_line(line: u64) -> Result<(), Error> {
        answer(rules::accept_line(&mut Host::new(), line))
    }

    fn decline_line(line: u64) -> Result<(), Error> {
        answer(rules::decline_line(&mut Host::new(), line))
    }

    fn withdraw_line(line: u64) -> Result<(), Error> {
        answer(rules::withdraw_line(&mut Host::new(), line))
    }

    fn suspend_line(line: u64) -> Result<(), Error> {
        answer(rules::suspend_line(&mut Host::new(), line))
    }

    fn resume_line(line: u64) -> Result<(), Error> {
        answer(rules::resume_line(&mut Host::new(), line))
    }

    fn close_line(line: u64) -> Result<(), Error> {
        answer(rules::close_line(&mut Host::new(), line))
    }

    fn pay_bill(bill: u64, amount: u64, key: String) -> Result<(), Error> {
        answer(rules::pay_bill(&mut Host::new(), bill, amount, key))
    }

    fn write_off_line(line: u64) -> Result<(), Error> {
        answer(rules::write_off_line(&mut Host::new(), line))
    }
}

impl deadlines::Guest for Credit {
    fn advance(item: Item) -> Result<(), Refusal> {
        rules::advance(&mut Host::new(), &item)
    }

    fn sweep(limit: u32) -> Result<Vec<DueItem>, Refusal> {
        rules::sweep(&mut Host::new(), limit)
    }

    fn list_due(after: Option<DueItem>, limit: u32) -> Result<DuePage, Refusal> {
        rules::list_due(&Host::new(), after.as_ref(), limit)
    }
}

impl queries::Guest for Credit {
    fn get_programme(programme: u64) -> Result<Programme, Error> {
        answer(rules::get_programme(&Host::new(), programme))
    }

    fn get_treasurer_limit(programme: u64) -> Result<TreasurerStatus, Error> {
        answer(rules::get_treasurer_limit(&Host::new(), programme))
    }

    fn list_programmes(after: Option<u64>, limit: u32) -> Result<ProgrammePage, Error> {
        answer(rules::list_programmes(&Host::new(), after, limit))
    }

    fn get_item(programme: u64, item: String) -> Result<PricedItem, Error> {
        answer(rules::get_item(&Host::new(), programme, item))
    }

    fn list_items(programme: u64, after: Option<String>, limit: u32) -> Result<ItemPage, Error> {
        answer(rules::list_items(&Host::new(), programme, after, limit))
    }

    fn list_meters(programme: u64, after: Option<Address>, limit: u32) -> Result<MeterPage, Error> {
        answer(rules::list_meters(&Host::new(), programme, after, limit))
    }

    fn get_position(programme: u64, account: Address) -> Result<Position, Error> {
        answer(rules::get_position(&Host::new(), programme, account))
    }

    fn get_grant(grant: u64) -> Result<Grant, Error> {
        answer(rules::get_grant(&Host::new(), grant))
    }

    fn list_grants(
        programme: u64,
        account: Address,
        after: Option<u64>,
        limit: u32,
    ) -> Result<GrantPage, Error> {
        answer(rules::list_grants(&Host::new(), programme, account, after, limit))
    }

    fn get_usage(usage: u64) -> Result<Usage, Error> {
        answer(rules::get_usage(&Host::new(), usage))
    }

    fn get_receipt(programme: u64, meter: Address, reference: String) -> Result<Usage, Error> {
        answer(rules::get_receipt(&Host::new(), programme, meter, reference))
    }

    fn get_line(line: u64) -> Result<Line, Error> {
        answer(rules::get_line(&Host::new(), line))
    }

    fn list_lines(
        programme: u64,
        account: Address,
        after: Option<u64>,
        limit: u32,
    ) -> Result<LinePage, Error> {
        answer(rules::list_lines(&Host::new(), programme, account, after, limit))
    }

    fn get_bill(bill: u64) -> Result<Bill, Error> {
        answer(rules::get_bill(&Host::new(), bill))
    }

    fn list_bills(line: u64, after: Option<u64>, limit: u32) -> Result<BillPage, Error> {
        answer(rules::list_bills(&Host::new(), line, after, limit))
    }

    fn list_bill_lines(
        bill: u64,
        after: Option<String>,
        limit: u32,
    ) -> Result<StatementPage, Error> {
        answer(rules::list_bill_lines(&Host::new(), bill, after, limit))
    }

    fn get_statement(programme: u64, account: Address, month: u32) -> Result<Statement, Error> {
        answer(rules::get_statement(&Host::new(), programme, account, month))
    }

    fn list_statement_lines(
        programme: u64,
        account: Address,
        month: u32,
        after: Option<String>,
        limit: u32,
    ) -> Result<StatementPage, Error> {
        answer(rules::list_statement_lines(&Host::new(), programme, account, month, after, limit))
    }
}

impl upgrade::Guest for Credit {
    fn migrate() -> Result<(), Error> {
        rules::migrate(&mut Host::new())
    }
}
