//! The lists of the views of `report`, which docs/reports.md describes. They are computed from rows of all organisations.

use super::business::json_name;
use super::{Column, Filter, Kind, Resource};
use crate::schema::extension::quote;

use Kind::{Amount, Bool, Date, Decimal, Integer, Json, Text, Time};

/// A view as a list. Names of columns are those of the view, with spaces between them.
struct View {
    list: &'static str,
    view: &'static str,
    about: &'static str,
    columns: &'static [(Kind, &'static str)],
    key: &'static str,
    newest_first: bool,
    /// The columns by which it can be filtered. One with days can be, by the days, and one with heights by these.
    filters: &'static str,
}

/// The columns with a duration, which is a number of seconds in the list.
const DURATIONS: [&str; 3] = ["late", "median", "percentile_90"];

/// All views, apart from `balances` and `statement`, which are the lists of `emo.balance` and `emo.entry`, and `freshness`,
/// which each answer has.
const VIEWS: &[View] = &[
    View {
        list: "network-days",
        view: "network_daily",
        about: "What happened on each day (UTC), the last one first",
        columns: &[
            (Date, "day"),
            (Integer, "blocks blocks_with_transactions"),
            (Amount, "gas_used"),
            (Integer, "transactions failed senders events"),
        ],
        key: "day",
        newest_first: true,
        filters: "",
    },
    View {
        list: "validator-uptimes",
        view: "validator_uptime",
        about: "What validators signed of the last 10,000 blocks",
        columns: &[
            (Text, "validator name"),
            (Integer, "blocks missed"),
            (Decimal, "uptime_percent"),
        ],
        key: "validator",
        newest_first: false,
        filters: "validator name",
    },
    View {
        list: "network-proposals",
        view: "proposals",
        about: "Proposals with the power of the votes as it is now, the last one first",
        columns: &[
            (Amount, "proposal"),
            (Text, "organisation by reason"),
            (Json, "actions"),
            (Text, "state"),
            (Bool, "is_open"),
            (Decimal, "percent_needed percent_for percent_against"),
            (Integer, "votes_for votes_against"),
            (Time, "made executable until"),
            (Json, "failure"),
            (Integer, "at_height"),
        ],
        key: "proposal",
        newest_first: true,
        filters: "proposal organisation state is_open",
    },
    View {
        list: "admin-actions",
        view: "admin_actions",
        about: "What administrators and issuers did, the newest first",
        columns: &[
            (Time, "time"),
            (Text, "by module action"),
            (Json, "details"),
            (Text, "transaction"),
            (Integer, "height index event"),
        ],
        key: "height index event",
        newest_first: true,
        filters: "module action by",
    },
    View {
        list: "role-changes",
        view: "role_changes",
        about: "Who got or lost roles, the newest first",
        columns: &[
            (Time, "time"),
            (Text, "account organisation role change"),
            (Time, "until"),
            (Text, "by transaction"),
            (Integer, "height index event"),
        ],
        key: "height index event role",
        newest_first: true,
        filters: "account organisation role change",
    },
    View {
        list: "failures",
        view: "failures",
        about: "Failed transactions by reason",
        columns: &[
            (Text, "code module function"),
            (Integer, "failures senders"),
            (Time, "first last"),
            (Text, "last_message"),
        ],
        key: "code module function",
        newest_first: false,
        filters: "code module function",
    },
    View {
        list: "cash-flow-months",
        view: "cash_flow_monthly",
        about: "What came to accounts and left them in each month (UTC), the last one first",
        columns: &[
            (Text, "account asset"),
            (Date, "month"),
            (Amount, "incoming outgoing net"),
            (Decimal, "net_main"),
            (Integer, "entries"),
        ],
        key: "month account asset",
        newest_first: true,
        filters: "account asset",
    },
    View {
        list: "escrow-exposures",
        view: "escrow_exposure",
        about: "Open holds by who decides about them",
        columns: &[
            (Text, "controller asset"),
            (Integer, "holds payers"),
            (Amount, "amount"),
            (Decimal, "amount_main"),
            (Amount, "largest"),
            (Time, "next_expiry"),
        ],
        key: "controller asset",
        newest_first: false,
        filters: "controller asset",
    },
    View {
        list: "receivables",
        view: "receivables",
        about: "Open invoices by age, for who is paid",
        columns: INVOICES,
        key: "account asset other days_late",
        newest_first: false,
        filters: "account asset other days_late",
    },
    View {
        list: "payables",
        view: "payables",
        about: "Open invoices by age, for who pays",
        columns: INVOICES,
        key: "account asset other days_late",
        newest_first: false,
        filters: "account asset other days_late",
    },
    View {
        list: "stock-levels",
        view: "stock_now",
        about: "Stock by location, with how long it lasts",
        columns: &[
            (Amount, "store product"),
            (Text, "title sku"),
            (Amount, "variant location on_hand reserved available shipped_30_days"),
            (Decimal, "days_of_cover"),
            (Integer, "at_height"),
        ],
        key: "variant location",
        newest_first: false,
        filters: "store product sku variant location",
    },
    View {
        list: "sales-days",
        view: "sales_daily",
        about: "Orders of stores and their money by day (UTC), the last one first",
        columns: &[
            (Amount, "store"),
            (Text, "asset"),
            (Date, "day"),
            (Integer, "orders"),
            (Amount, "pieces ordered paid refunded fees"),
            (Decimal, "ordered_main paid_main"),
        ],
        key: "day store asset",
        newest_first: true,
        filters: "store asset",
    },
    View {
        list: "product-months",
        view: "top_products",
        about: "Products by the month (UTC) in which they were ordered, the last one first",
        columns: &[
            (Amount, "store product"),
            (Text, "title asset"),
            (Date, "month"),
            (Integer, "orders"),
            (Amount, "ordered shipped returned amount"),
            (Decimal, "amount_main"),
        ],
        key: "month store product asset",
        newest_first: true,
        filters: "store product asset",
    },
    View {
        list: "order-funnels",
        view: "order_funnel",
        about: "How many orders of a store reached a state, and how long that took",
        columns: &[
            (Amount, "store"),
            (Text, "state"),
            (Integer, "orders"),
            (Decimal, "percent_of_placed median percentile_90"),
        ],
        key: "store state",
        newest_first: false,
        filters: "store state",
    },
    View {
        list: "returns",
        view: "returns",
        about: "Goods that buyers want to give back, or gave back; the last order first",
        columns: &[
            (Amount, "sub_order store"),
            (Text, "buyer"),
            (Time, "requested"),
            (Text, "state reason"),
            (Amount, "pieces value"),
            (Text, "asset"),
            (Decimal, "value_main"),
            (Text, "carrier tracking"),
            (Bool, "received restocked"),
            (Integer, "at_height"),
        ],
        key: "sub_order",
        newest_first: true,
        filters: "store buyer state",
    },
    View {
        list: "open-orders",
        view: "orders_open",
        about: "Sub-orders that are not final, with who must act; the last one first",
        columns: &[
            (Amount, "sub_order order_id store"),
            (Text, "organisation buyer state asset"),
            (Decimal, "total_main unsettled_main"),
            (Time, "deadline"),
            (Bool, "is_late"),
            (Decimal, "late"),
            (Text, "must_act"),
            (Integer, "at_height"),
        ],
        key: "sub_order",
        newest_first: true,
        filters: "store organisation buyer state must_act is_late",
    },
    View {
        list: "open-disputes",
        view: "disputes_open",
        about: "Disputes that are not final",
        columns: &[
            (Text, "module"),
            (Amount, "dispute item_id"),
            (Text, "payer payee claimant"),
            (Amount, "amount"),
            (Text, "reason state"),
            (Time, "deadline"),
            (Integer, "at_height"),
        ],
        key: "module dispute",
        newest_first: false,
        filters: "module item_id payer payee state",
    },
    View {
        list: "open-jobs",
        view: "jobs_open",
        about: "Postings that take applications or are decided, the last one first",
        columns: &[
            (Amount, "posting"),
            (Text, "client title state visibility"),
            (Integer, "positions hired"),
            (Text, "asset"),
            (Decimal, "budget_main"),
            (Time, "apply_until"),
            (Integer, "at_height"),
        ],
        key: "posting",
        newest_first: true,
        filters: "client state visibility",
    },
    View {
        list: "hiring-funnels",
        view: "hiring_funnel",
        about: "How far the hiring of each posting is, the last one first",
        columns: &[
            (Amount, "posting"),
            (Text, "client title state"),
            (
                Integer,
                "positions applications shortlisted rejected withdrawn offers offers_accepted hired",
            ),
            (Decimal, "filled_percent"),
            (Integer, "at_height"),
        ],
        key: "posting",
        newest_first: true,
        filters: "client state",
    },
    View {
        list: "due-milestones",
        view: "milestones_due",
        about: "Milestones that have not ended, with who must act; the last one first",
        columns: &[
            (Amount, "contract milestone"),
            (Text, "title client contractor state must_act asset"),
            (Amount, "amount"),
            (Decimal, "amount_main"),
            (Time, "due deadline"),
            (Bool, "is_late"),
            (Integer, "at_height"),
        ],
        key: "milestone",
        newest_first: true,
        filters: "contract client contractor state must_act is_late",
    },
    View {
        list: "contractor-months",
        view: "contractor_earnings",
        about: "What contractors were paid in each month (UTC), the last one first",
        columns: &[
            (Text, "contractor asset"),
            (Date, "month"),
            (Integer, "clients milestones"),
            (Amount, "paid fees"),
            (Decimal, "paid_main"),
        ],
        key: "month contractor asset",
        newest_first: true,
        filters: "contractor asset",
    },
    View {
        list: "credit-usage-days",
        view: "credit_usage_daily",
        about: "Captured usage by day (UTC), the last one first",
        columns: &[
            (Amount, "programme"),
            (Text, "programme_name account service"),
            (Date, "day"),
            (Integer, "usages"),
            (Amount, "quantity credits"),
        ],
        key: "day programme account service",
        newest_first: true,
        filters: "programme account service",
    },
    View {
        list: "credit-liabilities",
        view: "credit_liability",
        about: "Credits of open grants that are not used",
        columns: &[
            (Amount, "programme"),
            (Text, "programme_name issuer"),
            (Bool, "sold"),
            (Text, "asset"),
            (Integer, "grants accounts"),
            (Amount, "granted used held unused unsettled"),
            (Decimal, "unsettled_main"),
        ],
        key: "programme sold asset",
        newest_first: false,
        filters: "programme issuer sold asset",
    },
    View {
        list: "credit-line-states",
        view: "credit_lines",
        about: "Credit lines that are not over, with what is drawn and how late they are; the last one first",
        columns: &[
            (Amount, "credit_line programme"),
            (Text, "account asset state"),
            (Bool, "suspended"),
            (Amount, "credit_limit held unbilled billed drawn free open"),
            (Decimal, "open_main"),
            (Text, "days_late"),
            (Integer, "at_height"),
        ],
        key: "credit_line",
        newest_first: true,
        filters: "programme account asset state suspended days_late",
    },
    View {
        list: "role-limits-today",
        view: "role_limits_today",
        about: "What treasurers and clerks may give today (UTC)",
        columns: &[
            (Text, "module role"),
            (Amount, "subject"),
            (Text, "asset"),
            (Amount, "single_max daily_max used_today left_today"),
            (Integer, "at_height"),
        ],
        key: "module role subject asset",
        newest_first: false,
        filters: "module role subject asset",
    },
    View {
        list: "overdue-bills",
        view: "bills_overdue",
        about: "Bills of credit lines that are not paid in time, the last one first",
        columns: &[
            (Amount, "bill credit_line programme"),
            (Text, "account asset state"),
            (Amount, "amount paid open"),
            (Decimal, "open_main"),
            (Time, "due"),
            (Integer, "days_late at_height"),
        ],
        key: "bill",
        newest_first: true,
        filters: "credit_line programme account asset",
    },
];

const INVOICES: &[(Kind, &str)] = &[
    (Text, "account other asset days_late"),
    (Integer, "invoices"),
    (Amount, "open"),
    (Decimal, "open_main"),
];

/// The lists of the views. They are made once, and live as long as the program.
pub(super) fn resources() -> impl Iterator<Item = Resource> {
    VIEWS.iter().map(of_view)
}

fn of_view(view: &'static View) -> Resource {
    let mut named: Vec<(Kind, &'static str)> = Vec::new();
    for (kind, names) in view.columns {
        named.extend(names.split(' ').map(|name| (*kind, name)));
    }
    let columns: Vec<Column> =
        named.iter().map(|(kind, name)| column(view, *kind, *name)).collect();
    let key: Vec<&str> = view.key.split(' ').map(json_name).collect();
    Resource {
        name: view.list,
        about: format!("{}: the view `report.{}`.", view.about, view.view).leak(),
        from: format!("report.{} t", quote(view.view)).leak(),
        columns: columns.leak(),
        key: key.leak(),
        newest_first: view.newest_first,
        filters: filters(view, &named).leak(),
        includes: &[],
        of_all: true,
    }
}

fn column(view: &View, kind: Kind, name: &'static str) -> Column {
    let expression = format!("t.{}", quote(name));
    if DURATIONS.contains(&name) {
        return Column {
            name: format!("{}S", json_name(name)).leak(),
            sql: format!("extract(epoch from {expression})").leak(),
            kind,
            nullable: true,
        };
    }
    let is_key = view.key.split(' ').any(|key| key == name);
    // Rows are ordered by the key, in which nothing is a text without characters.
    let sql =
        if is_key && kind == Text { format!("coalesce({expression}, '')") } else { expression };
    Column { name: json_name(name), sql: sql.leak(), kind, nullable: !is_key }
}

fn filters(view: &View, columns: &[(Kind, &'static str)]) -> Vec<Filter> {
    let mut filters: Vec<Filter> = Vec::new();
    for name in view.filters.split_whitespace() {
        let Some((kind, name)) = columns.iter().find(|(_, column)| *column == name) else {
            continue;
        };
        let Column { name, sql, .. } = column(view, *kind, *name);
        let about = format!("rows with this value of {name}").leak();
        filters.push(Filter { name, sql: format!("{sql} = {{}}").leak(), kind: *kind, about });
    }
    let range = columns.iter().find(|(kind, name)| *kind == Date || *name == "height");
    if let Some((kind, column)) = range {
        let from = ("from", ">=", format!("from this {column} on"));
        for (name, sign, about) in [from, ("to", "<=", format!("up to this {column}"))] {
            filters.push(Filter {
                name,
                sql: format!("t.{} {sign} {{}}", quote(column)).leak(),
                kind: *kind,
                about: about.leak(),
            });
        }
    }
    filters
}

#[cfg(test)]
mod tests;
