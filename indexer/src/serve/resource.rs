//! The resources of the HTTP API as data: columns, keys and filters. The SQL, the CSV header and the OpenAPI document
//! follow from them.

/// A list that the API serves.
pub(crate) struct Resource {
    /// Its name in the path, `/v1/NAME`.
    pub(crate) name: &'static str,
    /// What a row is.
    pub(crate) about: &'static str,
    /// The tables.
    pub(crate) from: &'static str,
    /// The columns of a row.
    pub(crate) columns: &'static [Column],
    /// The names of the columns that identify a row, in the order of the list.
    pub(crate) key: &'static [&'static str],
    /// Whether the list begins with the greatest key.
    pub(crate) newest_first: bool,
    /// What the list can be restricted to.
    pub(crate) filters: &'static [Filter],
}

/// A column of a resource.
pub(crate) struct Column {
    /// Its name in JSON and CSV.
    pub(crate) name: &'static str,
    /// Its SQL expression.
    pub(crate) sql: &'static str,
    /// Its type.
    pub(crate) kind: Kind,
    /// Whether it can be null.
    pub(crate) nullable: bool,
}

/// The type of a column or a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A whole number: in JSON a number up to 2^53 - 1, from there on a text.
    Integer,
    /// A whole number that can be large: always decimal text.
    Amount,
    /// A text.
    Text,
    /// A time, as in RFC 3339.
    Time,
    /// True or false.
    Bool,
    /// Any JSON, as the module's WIT defines it.
    Json,
}

/// A restriction of a list.
pub(crate) struct Filter {
    /// Its name in the query.
    pub(crate) name: &'static str,
    /// The SQL condition; `{}` is the value.
    pub(crate) sql: &'static str,
    /// The type of the value.
    pub(crate) kind: Kind,
    /// What it selects.
    pub(crate) about: &'static str,
}

impl Kind {
    /// The SQL type to which a filter's value or a key's value is cast.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Integer => "bigint",
            Self::Amount => "numeric",
            Self::Text => "text",
            Self::Time => "timestamptz",
            Self::Bool => "boolean",
            Self::Json => "jsonb",
        }
    }
}

impl Resource {
    /// The column with a name.
    pub(crate) fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|it| it.name == name)
    }
}

const fn column(name: &'static str, sql: &'static str, kind: Kind) -> Column {
    Column { name, sql, kind, nullable: false }
}

const fn maybe(name: &'static str, sql: &'static str, kind: Kind) -> Column {
    Column { name, sql, kind, nullable: true }
}

const fn filter(name: &'static str, sql: &'static str, kind: Kind, about: &'static str) -> Filter {
    Filter { name, sql, kind, about }
}

use Kind::{Amount, Bool, Integer, Json, Text, Time};

/// All resources.
pub(crate) const RESOURCES: &[Resource] = &[
    Resource {
        name: "blocks",
        about: "Blocks, the newest first.",
        from: "chain.block",
        columns: &[
            column("height", "height", Integer),
            column("hash", "hash", Text),
            column("parent", "parent", Text),
            column("time", "time", Time),
            column("round", "round", Integer),
            maybe("proposer", "proposer", Text),
            column("transactions", "transactions", Integer),
            column("events", "events", Integer),
            column("gasUsed", "gas_used", Amount),
        ],
        key: &["height"],
        newest_first: true,
        filters: &[
            filter("from", "height >= {}", Integer, "blocks from this height on"),
            filter("to", "height <= {}", Integer, "blocks up to this height"),
            filter("hash", "hash = {}", Text, "the block with this hash"),
            filter(
                "empty",
                "(transactions = 0) = {}",
                Bool,
                "blocks with (false) or without (true) transactions",
            ),
        ],
    },
    Resource {
        name: "transactions",
        about: "Transactions, and changes by genesis or the kernel without one (`kind`), the newest first.",
        from: "chain.transaction",
        columns: &[
            column("height", "height", Integer),
            column("index", "index", Integer),
            column("id", "id", Text),
            column("kind", "kind", Text),
            column("time", "time", Time),
            maybe("sender", "sender", Text),
            maybe("lane", "lane", Integer),
            maybe("sequence", "sequence", Amount),
            maybe("gasLimit", "gas_limit", Amount),
            column("gasUsed", "gas_used", Amount),
            maybe("memo", "memo", Text),
            column("succeeded", "succeeded", Bool),
            maybe("failedCall", "failed_call", Integer),
            maybe("code", "code", Text),
            maybe("message", "message", Text),
            maybe("error", "error", Json),
            column("calls", "calls", Integer),
            column("events", "events", Integer),
        ],
        key: &["height", "index"],
        newest_first: true,
        filters: &[
            filter("from", "height >= {}", Integer, "from this height on"),
            filter("to", "height <= {}", Integer, "up to this height"),
            filter("id", "id = {}", Text, "the transaction with this id"),
            filter("kind", "kind = {}", Text, "`transaction`, `genesis` or `kernel`"),
            filter("sender", "sender = {}", Text, "transactions that this account signed"),
            filter(
                "mentions",
                "(height, index) in (select m.height, m.index from chain.mention m where m.address = {})",
                Text,
                "transactions in which this address occurs: as sender, or in an argument, result, error or event",
            ),
            filter(
                "succeeded",
                "succeeded = {}",
                Bool,
                "those that succeeded, or those that failed",
            ),
            filter("code", "code = {}", Text, "those that failed with this code"),
            filter(
                "module",
                "exists (select from chain.call c where c.height = transaction.height and c.index = \
                 transaction.index and c.module = {})",
                Text,
                "those that call this module",
            ),
        ],
    },
    Resource {
        name: "calls",
        about: "Calls of modules in transactions, the newest first. Arguments and results follow the WIT of the \
                module's version at that call.",
        from: "chain.call",
        columns: &[
            column("height", "height", Integer),
            column("index", "index", Integer),
            column("call", "call", Integer),
            column("module", "module", Text),
            column("function", "function", Text),
            maybe("arguments", "arguments", Json),
            maybe("undecoded", "undecoded", Text),
            maybe("result", "result", Json),
        ],
        key: &["height", "index", "call"],
        newest_first: true,
        filters: &[
            filter("from", "height >= {}", Integer, "from this height on"),
            filter("to", "height <= {}", Integer, "up to this height"),
            filter("height", "height = {}", Integer, "in this block"),
            filter("index", "index = {}", Integer, "in the transaction at this place of its block"),
            filter("module", "module = {}", Text, "calls of this module"),
            filter("function", "function = {}", Text, "calls of this function"),
        ],
    },
    Resource {
        name: "events",
        about: "Events of modules, the newest first. Values follow the WIT of the module's version at that event.",
        from: "chain.event",
        columns: &[
            column("height", "height", Integer),
            column("index", "index", Integer),
            column("event", "event", Integer),
            column("call", "call", Integer),
            column("module", "module", Text),
            column("name", "name", Text),
            column("time", "time", Time),
            maybe("value", "value", Json),
        ],
        key: &["height", "index", "event"],
        newest_first: true,
        filters: &[
            filter("from", "height >= {}", Integer, "from this height on"),
            filter("to", "height <= {}", Integer, "up to this height"),
            filter("since", "time >= {}", Time, "from this time on"),
            filter("until", "time < {}", Time, "before this time"),
            filter("height", "height = {}", Integer, "in this block"),
            filter("index", "index = {}", Integer, "in the transaction at this place of its block"),
            filter("module", "module = {}", Text, "events of this module"),
            filter("name", "name = {}", Text, "events of this name"),
            filter(
                "mentions",
                "(height, index) in (select m.height, m.index from chain.mention m where m.address = {})",
                Text,
                "events of transactions in which this address occurs",
            ),
        ],
    },
    Resource {
        name: "modules",
        about: "Versions of the installed modules, the newest first of each.",
        from: "chain.module_version",
        columns: &[
            column("module", "module", Text),
            column("fromHeight", "from_height", Integer),
            column("fromIndex", "from_index", Integer),
            column("fromEvent", "from_event", Integer),
            column("code", "code", Text),
            column("interface", "interface", Json),
            column("wit", "wit", Text),
        ],
        key: &["module", "fromHeight", "fromIndex", "fromEvent"],
        newest_first: true,
        filters: &[filter("module", "module = {}", Text, "versions of this module")],
    },
    Resource {
        name: "validators",
        about: "Validators from a height on; power 0 means that it is no validator any more.",
        from: "chain.validator",
        columns: &[
            column("key", "key", Text),
            column("fromHeight", "from_height", Integer),
            column("name", "name", Text),
            column("nodeKey", "node_key", Text),
            column("power", "power", Amount),
        ],
        key: &["key", "fromHeight"],
        newest_first: false,
        filters: &[filter("name", "name = {}", Text, "the validator with this name")],
    },
    Resource {
        name: "missed-votes",
        about: "Validators whose precommit is missing in a certificate, the newest first.",
        from: "chain.missed_vote",
        columns: &[
            column("height", "height", Integer),
            column("validator", "validator", Text),
            column("name", "name", Text),
        ],
        key: &["height", "validator"],
        newest_first: true,
        filters: &[
            filter("from", "height >= {}", Integer, "from this height on"),
            filter("to", "height <= {}", Integer, "up to this height"),
            filter("validator", "validator = {}", Text, "the validator with this key"),
        ],
    },
    Resource {
        name: "parameters",
        about: "Parameters of the chain, with the height from which a value is in force.",
        from: "chain.parameter",
        columns: &[
            column("name", "name", Text),
            column("fromHeight", "from_height", Integer),
            column("value", "value", Json),
        ],
        key: &["name", "fromHeight"],
        newest_first: false,
        filters: &[filter("name", "name = {}", Text, "this parameter")],
    },
    Resource {
        name: "assets",
        about: "Assets with their terms and supply, in base units.",
        from: "emo.asset a left join emo.supply s on s.asset = a.id",
        columns: &[
            column("id", "a.id", Text),
            column("name", "a.name", Text),
            column("precision", "a.precision", Integer),
            column("issuer", "a.issuer", Text),
            column("kind", "a.kind", Text),
            column("supplyPolicy", "a.supply_policy", Json),
            column("freezable", "a.freezable", Bool),
            maybe("issued", "s.issued", Amount),
            maybe("redeemed", "s.redeemed", Amount),
            column("atHeight", "a.at_height", Integer),
        ],
        key: &["id"],
        newest_first: false,
        filters: &[
            filter("id", "a.id = {}", Text, "the asset with this id"),
            filter("issuer", "a.issuer = {}", Text, "assets of this issuer"),
        ],
    },
    Resource {
        name: "balances",
        about: "Balances of accounts, in base units.",
        from: "emo.balance",
        columns: &[
            column("account", "account", Text),
            column("asset", "asset", Text),
            column("available", "available", Amount),
            column("held", "held", Amount),
            column("entries", "entries", Integer),
            column("atHeight", "at_height", Integer),
            column("atIndex", "at_index", Integer),
            column("atEvent", "at_event", Integer),
        ],
        key: &["account", "asset"],
        newest_first: false,
        filters: &[
            filter("account", "account = {}", Text, "balances of this account"),
            filter("asset", "asset = {}", Text, "balances in this asset"),
        ],
    },
    Resource {
        name: "entries",
        about: "Changes of balances, each with the balance after it, the newest first.",
        from: "emo.entry",
        columns: &[
            column("account", "account", Text),
            column("asset", "asset", Text),
            column("n", "n", Integer),
            column("kind", "kind", Text),
            maybe("other", "other", Text),
            column("availableChange", "available_change", Amount),
            column("heldChange", "held_change", Amount),
            column("available", "available", Amount),
            column("held", "held", Amount),
            maybe("reference", "reference", Text),
            maybe("hold", "hold", Amount),
            maybe("payment", "payment", Amount),
            column("time", "to_timestamp(time_ms / 1000.0)", Time),
            column("atHeight", "at_height", Integer),
            column("atIndex", "at_index", Integer),
            column("atEvent", "at_event", Integer),
        ],
        key: &["atHeight", "atIndex", "atEvent", "account", "asset", "n"],
        newest_first: true,
        filters: &[
            filter("account", "account = {}", Text, "entries of this account"),
            filter("asset", "asset = {}", Text, "entries in this asset"),
            filter("kind", "kind = {}", Text, "entries of this kind"),
            filter("other", "other = {}", Text, "entries with this other side"),
            filter("reference", "reference = {}", Text, "entries with this reference"),
            filter("from", "at_height >= {}", Integer, "from this height on"),
            filter("to", "at_height <= {}", Integer, "up to this height"),
            filter("since", "time_ms >= extract(epoch from {}) * 1000", Time, "from this time on"),
            filter("until", "time_ms < extract(epoch from {}) * 1000", Time, "before this time"),
        ],
    },
    Resource {
        name: "holds",
        about: "Amounts in escrow, the newest first; `state` is open, paid, released or expired.",
        from: "emo.hold",
        columns: &[
            column("id", "id", Amount),
            column("state", "state", Text),
            column("payer", "payer", Text),
            column("controller", "controller", Text),
            maybe("payee", "payee", Text),
            column("asset", "asset", Text),
            column("amount", "amount", Amount),
            column("remaining", "remaining", Amount),
            column("expiresMs", "expires_ms", Amount),
            column("reference", "reference", Text),
            column("atHeight", "at_height", Integer),
        ],
        key: &["id"],
        newest_first: true,
        filters: &[
            filter("payer", "payer = {}", Text, "holds of this account's money"),
            filter(
                "controller",
                "controller = {}",
                Text,
                "holds that this account or module controls",
            ),
            filter("state", "state = {}", Text, "holds in this state"),
            filter("asset", "asset = {}", Text, "holds in this asset"),
        ],
    },
    Resource {
        name: "allowances",
        about: "Who may spend from which account, the newest first.",
        from: "emo.allowance",
        columns: &[
            column("id", "id", Amount),
            column("closed", "closed", Bool),
            column("owner", "owner", Text),
            column("spender", "spender", Text),
            column("asset", "asset", Text),
            column("limit", "\"limit\"", Amount),
            maybe("periodMs", "period_ms", Amount),
            column("spent", "spent", Amount),
            column("expiresMs", "expires_ms", Amount),
            column("payees", "payees", Json),
            column("reference", "reference", Text),
            column("atHeight", "at_height", Integer),
        ],
        key: &["id"],
        newest_first: true,
        filters: &[
            filter("owner", "owner = {}", Text, "allowances of this account's money"),
            filter("spender", "spender = {}", Text, "allowances for this account"),
            filter("closed", "closed = {}", Bool, "those that are closed, or those that are not"),
        ],
    },
    Resource {
        name: "requests",
        about: "Invoices, the newest first.",
        from: "emo.request",
        columns: &[
            column("id", "id", Amount),
            column("state", "state", Text),
            column("payee", "payee", Text),
            maybe("payer", "payer", Text),
            column("asset", "asset", Text),
            column("amount", "amount", Amount),
            column("paid", "paid", Amount),
            column("parts", "parts", Bool),
            column("dueMs", "due_ms", Amount),
            column("reference", "reference", Text),
            maybe("document", "document", Json),
            column("atHeight", "at_height", Integer),
        ],
        key: &["id"],
        newest_first: true,
        filters: &[
            filter("payee", "payee = {}", Text, "invoices of this account"),
            filter("payer", "payer = {}", Text, "invoices for this account"),
            filter("state", "state = {}", Text, "invoices in this state"),
        ],
    },
    Resource {
        name: "pending-payments",
        about: "Payments that wait, or waited, for approval, the newest first.",
        from: "emo.pending_payment",
        columns: &[
            column("id", "id", Amount),
            column("state", "state", Text),
            column("payer", "payer", Text),
            column("payee", "payee", Text),
            column("asset", "asset", Text),
            column("amount", "amount", Amount),
            column("reference", "reference", Text),
            maybe("request", "request", Amount),
            column("approvers", "approvers", Json),
            column("expiresMs", "expires_ms", Amount),
            column("atHeight", "at_height", Integer),
        ],
        key: &["id"],
        newest_first: true,
        filters: &[
            filter("payer", "payer = {}", Text, "payments of this account"),
            filter("payee", "payee = {}", Text, "payments to this account"),
            filter("state", "state = {}", Text, "payments in this state"),
        ],
    },
    Resource {
        name: "freezes",
        about: "Frozen balances; a freeze ends when it is thawed, or at `untilMs`.",
        from: "emo.freeze",
        columns: &[
            column("account", "account", Text),
            column("asset", "asset", Text),
            column("untilMs", "until_ms", Amount),
            column("reason", "reason", Text),
            column("thawed", "thawed", Bool),
            column("atHeight", "at_height", Integer),
        ],
        key: &["account", "asset"],
        newest_first: false,
        filters: &[filter("account", "account = {}", Text, "freezes of this account")],
    },
];
