/** All words of the dashboard, in English. Another language has the same keys. */
import { sentences } from './sentences.en'

export const en = {
  language: 'English',
  sentences,
  nav: {
    home: 'Home', market: 'Marketplace', jobs: 'Jobs', wallet: 'Wallet', credit: 'Credit', explorer: 'Explorer',
    network: 'Network', developers: 'Developers', main: 'Areas', menu: 'Menu', skip: 'Skip to the content', close: 'Close',
  },
  top: {
    search: 'Search', searchHint: 'Number, hash, address, name, reference', light: 'Light', dark: 'Dark', auto: 'As the system',
    theme: 'Colours', language: 'Language',
  },
  fresh: {
    block: 'Block {height}', ago: '{age} ago', connecting: 'Connecting', lost: 'Connection lost: what you see is old',
    stale: 'No new block for {age}: what you see is old', live: 'Live',
  },
  state: {
    loading: 'Loading', retry: 'Try again', more: 'Show more', csv: 'Download CSV', all: 'All', none: '–', unknown: 'not known',
    failed: 'This could not be read', offline: 'The server does not answer. The page tries again by itself.',
    notYet: 'This server does not offer this list: update ehb-indexer.', notFound: 'There is nothing with this address', notFoundHelp: 'The link may be incomplete. The search finds numbers, hashes, addresses and names.',
    paused: 'Showing more than the newest rows: the list does not move by itself.', newest: 'Back to the newest',
    crashed: 'This page has an error', reload: 'Load again', copy: 'Copy', copied: 'Copied', filter: 'Filter', clear: 'Remove all filters',
    yes: 'yes', no: 'no', details: 'Details', lookAlike: 'Looks like another name or address on this page',
    rowsOf: '{n} rows', baseUnits: '{n} base units of', print: 'Print',
  },
  home: {
    title: 'Home', about: 'What happens on the chain right now.', today: 'Today (UTC)', ordered: 'Ordered', paidOut: 'Paid to stores', refunded: 'Refunded',
    escrow: 'In escrow now', credits: 'Credits used', transactions: 'Transactions', failed: 'Failed: {n}', nothing: 'nothing yet',
    orders: 'Orders: {n}', holds: 'Holds: {n}', blocks: '{n} blocks', senders: '{n} senders', feed: 'What is happening', all: 'All transactions',
    activity: 'Transactions in the last {age}', attention: 'Needs attention', calm: 'Nothing is late, disputed or overdue.',
    late: 'Order {id} of {store} is late: {who} must act', dispute: 'Dispute about {about}: {state}', overdue: 'Bill {id} is overdue: {amount}',
    votes: 'Validator {name} signed {percent} % of its blocks', usages: 'Usages: {n}', health: 'Network', healthy: '{n} of {all}', healthNote: 'validators sign',
  },
  explorer: {
    title: 'Explorer', transactions: 'Transactions', blocks: 'Blocks', events: 'Events', modules: 'Modules', transaction: 'Transaction', block: 'Block',
    time: 'Time', what: 'What happened', height: 'Block', result: 'Result', succeeded: 'succeeded', failedWord: 'failed', sender: 'Sender',
    gas: 'Gas', gasOf: '{used} of {limit}', memo: 'Memo', id: 'Id', hash: 'Hash', parent: 'Block before', proposer: 'Proposer', round: 'Round',
    count: 'Transactions', eventCount: 'Events', calls: 'Calls', arguments: 'Arguments', resultOf: 'Result', noEvents: 'It emitted no events.',
    noCalls: 'It has no calls.', empty: 'There are no transactions that match.', emptyBlock: 'This block has no transactions: an idle chain makes empty blocks, and one seals those with transactions.',
    module: 'Module', name: 'Event', allModules: 'All modules', kind: 'Kind', onlyFailed: 'Only failed ones', withTransactions: 'Only with transactions', from: 'From block', to: 'To block',
    calls1: '{sender} calls {function} of {module}', andMore: 'and {n} more calls', genesis: 'Genesis', kernel: 'The chain itself', failedBecause: 'Failed: {message}',
    roots: 'Proofs', stateRoot: 'State root before', receiptsRoot: 'Receipts root before', transactionsRoot: 'Transactions root', validatorsHash: 'Validators',
    version: 'From block', code: 'Code', functions: 'Functions', wit: 'WIT', undecoded: 'not decoded', previous: 'Block before', next: 'Next block', emptyEvents: 'There are no events that match.',
    lane: 'Lane and sequence',
  },
  market: {
    title: 'Marketplace', orders: 'Orders', products: 'Products', stores: 'Stores', disputes: 'Disputes', order: 'Order', store: 'Store', buyer: 'Buyer',
    state: 'State', total: 'Total', placed: 'Placed', due: 'Next step until', product: 'Product', category: 'Category', search: 'Words in title or summary',
    noOrders: 'There are no orders that match.', noProducts: 'There are no products that match.', noStores: 'There are no stores yet.', noDisputes: 'There are no disputes.',
    lines: 'What was ordered', unitPrice: 'Price', ordered: 'Ordered', shipped: 'Shipped', delivered: 'Delivered', returned: 'Returned', sum: 'Sum', sku: 'SKU',
    timeline: 'What happened', escrow: 'Escrow', funded: 'Set aside', paid: 'Paid to the store', fee: 'Fee of the platform', refunded: 'Back to the buyer', left: 'Still in escrow',
    shipments: 'Shipments', tracking: 'Tracking', carrier: 'Carrier', proof: 'Proof of delivery', dispute: 'Dispute', reason: 'Reason', claim: 'The {side} claims {percent} for the buyer',
    reference: 'Reference', by: 'by {who}', organisation: 'Organisation', rating: 'Rating', ratings: 'Ratings', stock: 'Stock', onHand: 'On hand', reserved: 'Reserved',
    available: 'Available', location: 'Location', price: 'Price', variants: 'Variants', attributes: 'Description', payout: 'Money goes to', waiting: 'Waits for',
    toAct: 'Waits for the store', nothingToAct: 'Nothing waits for the store.', openOrders: 'Open', noStock: 'Nothing is in stock.', noPrice: 'no price', movements: 'Movements of stock', cause: 'Cause', change: 'Change', after: 'Afterwards', noMovements: 'The stock has not moved.',
    sales: 'Sales by day', day: 'Day', pieces: 'Pieces', noSales: 'Nothing was sold yet.', about: 'About', amount: 'Amount', offer: 'The {side} offers {percent} to the buyer', outcome: 'Outcome', toBuyer: 'To the buyer', toStore: 'To the store', toBuyerPercent: '{percent} to the buyer',
    step: 'Step', deadline: 'Until', noRating: 'not rated', yetFree: 'final', score: '{score} of 5', terms: 'Terms',
  },
  jobs: {
    title: 'Jobs', postings: 'Job postings', contracts: 'Contracts', posting: 'Job', contract: 'Contract', client: 'Client', contractor: 'Contractor', budget: 'Budget', positions: 'Positions',
    until: 'Apply until', state: 'State', noPostings: 'There are no job postings that match.', noContracts: 'There are no contracts that match.', applications: 'Applications', applicant: 'Applicant', price: 'Price',
    noApplications: 'Nobody has applied.', milestones: 'Milestones', due: 'Due', deadline: 'Next step until', funded: 'Set aside', paid: 'Paid', fee: 'Fee', refunded: 'Back', skills: 'Skills', place: 'Place', hired: 'Hired',
    hiredOf: '{hired} of {all}', words: 'Words in title, summary or skills', open: 'Open milestones', summary: 'Summary', timeline: 'What happened', milestone: 'Milestone', noMilestones: 'The contract has no milestones.', offers: 'Offers',
  },
  wallet: {
    title: 'Wallet', accounts: 'Accounts', account: 'Account', balances: 'Balances', available: 'Available', held: 'Held', total: 'Total', asset: 'Asset', statement: 'Statement', holds: 'Holds', assets: 'Assets', requests: 'Invoices',
    kind: 'What', other: 'With', change: 'Change', balance: 'Available afterwards', heldAfter: 'Held afterwards', heldChange: 'held: {change}', reference: 'Reference', noEntries: 'Nothing changed this balance in that time.', noBalances: 'This account owns nothing.', organisation: 'Organisation',
    roles: 'Roles', keys: 'Keys', status: 'Status', noAccounts: 'There are no accounts that match.', noHolds: 'Nothing is set aside.', noRequests: 'There are no invoices.', payer: 'Payer', payee: 'Payee', controller: 'Decides', expires: 'Until', remaining: 'Left', of: 'of', amount: 'Amount',
    due: 'Due', paid: 'Paid', asOf: 'As of', asOfHint: 'Date or block', now: 'Now', asOfBlock: 'after block {height}', asOfTime: 'at {time}', decimals: 'Decimals', issuer: 'Issuer', supply: 'In circulation', noAssets: 'There are no assets yet.', name: 'Name', since: 'From', untilDay: 'Before', all: 'All organisations',
    firstSeen: 'First seen', lastSeen: 'Last active', activity: 'Transactions', anybody: 'anybody', overdue: 'overdue', moduleAccount: 'module', noRoles: 'no roles', incoming: 'Incoming', outgoing: 'Outgoing', show: 'Show', badAsOf: 'Enter a date such as 2027-01-31, or the number of a block.', future: 'That is later than the last block.',
  },
  credit: {
    title: 'Credit', programmes: 'Programmes', lines: 'Credit lines', usage: 'Usage', grants: 'Grants', overdue: 'Overdue bills', programme: 'Programme', issuer: 'Issuer', unit: 'Unit', state: 'State', price: 'Price', sells: '{per} for {price}', notForSale: 'not for sale', account: 'Account', limit: 'Limit', drawn: 'Drawn', free: 'Free',
    service: 'Service', quantity: 'Quantity', credits: 'Credits', used: 'Used', held: 'Held', amount: 'Amount', left: 'Left', expires: 'Until', noProgrammes: 'There are no programmes yet.', noLines: 'There are no credit lines.', noUsage: 'Nothing was used.', noGrants: 'There are no grants that match.', noOverdue: 'No bill is overdue.', noServices: 'There are no services yet.',
    services: 'Prices', bill: 'Bill', owed: 'Owed', due: 'Due', daysLate: 'Days late', line: 'Credit line', bills: 'Bills', noBills: 'There are no bills.', overTime: 'Usage by day', usages: 'Usages', day: 'Day', period: 'Period', meters: 'Meters', at: 'When', paid: 'Paid', meter: 'Meter', noMeters: 'There are no meters.', from: 'From', perCredits: '{credits} credits for {per}',
  },
  network: {
    title: 'Network', validators: 'Validators', proposals: 'Proposals', roles: 'Roles', modules: 'Upgrades', organisations: 'Organisations', parameters: 'Parameters', audit: 'Audit log', name: 'Name', power: 'Power', signed: 'Signed', missed: 'Missed votes', key: 'Key', noMissed: 'No vote is missing.',
    missedHint: 'The marks are the last {n} blocks: red where the vote of the validator is missing.', blocks: 'Blocks', proposal: 'Proposal', votes: 'Votes', percents: '{yes} % for, {no} % against, {needed} % needed', reason: 'Reason', state: 'State', made: 'Made', until: 'Until', noProposals: 'There are no proposals yet.', yes: 'yes', no: 'no', organisation: 'Organisation', status: 'Status', account: 'Account', role: 'Role', from: 'From block', granted: 'Granted by', ends: 'Ends',
    noRoles: 'Nobody has a role.', module: 'Module', code: 'Code', noChanges: 'Nothing was changed yet.', value: 'Value', action: 'Action', time: 'Time', by: 'By', of: 'of', changes: 'Changes', rounds: 'Rounds', round: 'decided in round {n}', former: 'not a validator any more', firstRound: 'Of the last {n} blocks {first} were decided in the first round.', still: 'has it', rule: 'Rule',
    genesis: 'genesis', current: 'in force',
  },
  dev: {
    title: 'Developers', endpoints: 'Endpoints', api: 'HTTP API', console: 'Event console', webhooks: 'Webhooks', about: 'What applications can build on.', openapi: 'OpenAPI document', openrpc: 'OpenRPC document of the nodes', live: 'Live stream', sql: 'SQL', sqlText: 'The same tables in PostgreSQL, with the views of the schema report: ehb-indexer db url prints the address.',
    connect: 'Follow', stop: 'Stop', waiting: 'Waiting for events', module: 'Module', name: 'Event', received: '{n} events', list: 'List', what: 'What a row is', filters: 'Filters', try: 'Try it', samples: 'Examples', status: 'State of the indexer', head: 'Last block of the nodes', height: 'Last block in the tables', endpoint: 'Reads from', verified: 'Compared with the chain up to', differences: 'Differences', problem: 'Problem',
    hooksText: 'Webhooks are managed with the program of the indexer, on its machine:', address: 'Address', find: 'Find a list', noLists: 'No list has this name.', neverVerified: 'not compared yet', clear: 'Remove all', stopped: 'Not following', filterHint: 'All modules', signature: 'Each delivery is signed: ehb-signature is v1= and the HMAC-SHA256 of TIMESTAMP.BODY with the secret of the webhook.',
  },
  act: {
    title: 'Actions', accept: 'Accept', decline: 'Decline', cancel: 'Cancel the order', confirm: 'Confirm', fund: 'Put into escrow', approve: 'Approve', pay: 'Pay', payTo: 'Pay to this account', to: 'To',
    about: 'A key in this browser is for development and small amounts: nobody can read it out, but who uses this browser can sign with it.', key: 'Key', words: '24 words, or the seed as 64 hex digits', import: 'Import', create: 'Create a new key', forget: 'Forget this key',
    command: 'Or by command', preview: 'Show what it would do', sign: 'Sign and send', trying: 'A node tries it', sending: 'Waiting until it is final', would: 'A node tried it on the state of now, with {gas} gas. Once it is final:', fails: 'It would fail: {reason}',
    final: 'Final: transaction {id}', ended: 'It is not final: {status}.', unregistered: 'No account is registered for {address}: an administrator of your organisation registers it.', amount: 'Amount', wrongAmount: 'Enter an amount such as 12.50', reference: 'Reference',
  },
  proof: {
    title: 'Proof', about: 'This page can check it itself: it asks a node, not the indexer, and trusts only the validators that the genesis names. That a list is complete cannot be proven.',
    verify: 'Verify', genesis: 'Hash of the genesis that you trust', genesisHint: '64 hex digits, from somebody you trust', ask: 'Use the one of the node', works: 'Checking',
    good: 'Proven: the validators decided exactly what this page shows.', bad: 'Refused: {reason}', failed: 'Not checked: {reason}',
    steps: { node: 'A node answers', genesis: 'The genesis has the hash that you trust', validators: 'The validators are followed to the block', header: 'The header is signed by more than two thirds of their power', inclusion: 'It is contained under a root in that header', equal: 'Decoded, it is what the page shows' },
    values: { node: '{node}', genesis: '{hash}, {n} validators', validators: 'changes of the set: {n}', header: 'block {height}', inclusion: '{what}', equal: 'compared values: {n}' },
  },
  search: {
    title: 'Search', none: 'Nothing has these words.', short: 'Height, hash, id, address, name, SKU or reference', open: 'Open', kinds: { block: 'Block', transaction: 'Transaction', account: 'Account', module: 'Module', asset: 'Asset', product: 'Product', posting: 'Job', entry: 'Entry', order: 'Order', contract: 'Contract', store: 'Store', organisation: 'Organisation' },
  },
  units: { ms: 'ms', s: 's', min: 'min', h: 'h', d: 'd' },
  /** States that read badly as they are. */
  states: {
    'evidence': 'evidence', 'arbitration-requested': 'arbitration asked for', 'payee': 'seller', 'payer': 'buyer', 'timed-out': 'timed out', 'written-off': 'written off', 'return-requested': 'return asked for',
    'hold-expired': 'hold expired', 'minted': 'Minted', 'burned': 'Burned', 'paid': 'paid', 'received': 'received', 'hold-placed': 'set aside', 'hold-paid': 'paid from a hold', 'hold-released': 'released', 'payment-proposed': 'payment proposed', 'payment-ended': 'payment ended', 'everybody': 'everybody',
  } as { readonly [state: string]: string },
}

export type Texts = typeof en
