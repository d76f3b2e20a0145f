//! The lists of the chain; those of the business tables follow from their declarations.

use super::{Column, Filter, Include, Kind, Resource};

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

/// A page of transactions with their first calls and events can be put into words at once.
const CALLS: Include = Include {
    name: "firstCalls",
    sql: "(select coalesce(json_agg(c), '[]') from (
             select c.call, c.module, c.function, c.arguments, c.undecoded, c.result from chain.call c
             where c.height = transaction.height and c.index = transaction.index order by c.call limit 8
         ) c)",
    about: "the first 8 calls of the transaction",
};
const EVENTS: Include = Include {
    name: "firstEvents",
    sql: "(select coalesce(json_agg(e), '[]') from (
             select e.event, e.call, e.module, e.name, e.value from chain.event e
             where e.height = transaction.height and e.index = transaction.index order by e.event limit 8
         ) e)",
    about: "the first 8 events of the transaction",
};

/// Only the row that is in force, or only those that were.
const fn current(sql: &'static str) -> Filter {
    filter("current", sql, Bool, "what is in force now (true), or what was before (false)")
}

/// The lists of the schema `chain`.
pub(super) const CHAIN: &[Resource] = &[
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
            filter("since", "time >= {}", Time, "blocks from this time on"),
            filter("until", "time < {}", Time, "blocks before this time"),
            filter("proposer", "proposer = {}", Text, "blocks that this validator built"),
        ],
        includes: &[],
        of_all: false,
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
            filter(
                "since",
                "height >= (select min(b.height) from chain.block b where b.time >= {})",
                Time,
                "from this time on",
            ),
            filter(
                "until",
                "height <= (select max(b.height) from chain.block b where b.time < {})",
                Time,
                "before this time",
            ),
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
        includes: &[CALLS, EVENTS],
        of_all: false,
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
        includes: &[],
        of_all: false,
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
        includes: &[],
        of_all: false,
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
        filters: &[
            filter("module", "module = {}", Text, "versions of this module"),
            current(
                "(not exists (select from chain.module_version n where n.module = module_version.module \
                 and (n.from_height, n.from_index, n.from_event) > (module_version.from_height, \
                 module_version.from_index, module_version.from_event))) = {}",
            ),
        ],
        includes: &[],
        of_all: false,
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
        filters: &[
            filter("name", "name = {}", Text, "the validator with this name"),
            filter("key", "key = {}", Text, "the validator with this key"),
            current(
                "(not exists (select from chain.validator n where n.key = validator.key \
                 and n.from_height > validator.from_height)) = {}",
            ),
        ],
        includes: &[],
        of_all: false,
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
        includes: &[],
        of_all: false,
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
        filters: &[
            filter("name", "name = {}", Text, "this parameter"),
            current(
                "(not exists (select from chain.parameter n where n.name = parameter.name \
                 and n.from_height > parameter.from_height)) = {}",
            ),
        ],
        includes: &[],
        of_all: false,
    },
    Resource {
        name: "verifications",
        about: "Comparisons of the tables with the chain, the newest first. A difference is an error of the indexer.",
        from: "indexer.verification",
        columns: &[
            column("number", "number", Integer),
            column("height", "height", Integer),
            column("time", "time", Time),
            column("kind", "kind", Text),
            column("compared", "compared", Integer),
            column("skipped", "skipped", Integer),
            column("sums", "sums", Integer),
            column("differing", "differing", Integer),
        ],
        key: &["number"],
        newest_first: true,
        filters: &[
            filter("kind", "kind = {}", Text, "`full`, `automatic` or `part`"),
            filter(
                "differing",
                "(differing > 0) = {}",
                Bool,
                "those that found differences (true), or none (false)",
            ),
        ],
        includes: &[Include {
            name: "differences",
            sql: "(select coalesce(json_agg(d.difference order by d.n), '[]') from indexer.difference d
                 where d.verification = verification.number)",
            about: "the first hundred differences, as texts",
        }],
        of_all: true,
    },
];
