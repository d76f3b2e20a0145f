/** All words of the dashboard, in Urdu. */
import type { Texts } from './en'
import { sentences } from './sentences.ur'

export const ur: Texts = {
  language: 'اردو',
  sentences,
  nav: {
    home: 'صفحہ اول', market: 'بازار', jobs: 'کام', wallet: 'بٹوہ', credit: 'کریڈٹ', explorer: 'ایکسپلورر',
    network: 'نیٹ ورک', developers: 'ڈویلپرز', main: 'شعبے', menu: 'مینو', skip: 'مواد پر جائیں', close: 'بند کریں',
  },
  top: {
    search: 'تلاش', searchHint: 'نمبر، ہیش، پتہ، نام، حوالہ', light: 'روشن', dark: 'تاریک', auto: 'سسٹم کے مطابق', theme: 'رنگ', language: 'زبان',
  },
  fresh: {
    block: 'بلاک {height}', ago: '{age} پہلے', connecting: 'رابطہ ہو رہا ہے', lost: 'رابطہ ٹوٹ گیا: جو نظر آ رہا ہے پرانا ہے',
    stale: '{age} سے کوئی نیا بلاک نہیں: جو نظر آ رہا ہے پرانا ہے', live: 'براہ راست',
  },
  state: {
    loading: 'لوڈ ہو رہا ہے', retry: 'دوبارہ کوشش کریں', more: 'مزید دکھائیں', csv: 'CSV ڈاؤن لوڈ کریں', all: 'سب', none: '–', unknown: 'معلوم نہیں',
    failed: 'یہ پڑھا نہیں جا سکا', offline: 'سرور جواب نہیں دے رہا۔ صفحہ خود دوبارہ کوشش کرتا ہے۔',
    notYet: 'یہ سرور یہ فہرست نہیں دیتا: ehb-indexer اپ ڈیٹ کریں۔', notFound: 'اس پتے پر کچھ نہیں ہے', notFoundHelp: 'شاید لنک ادھورا ہے۔ تلاش سے نمبر، ہیش، پتے اور نام ملتے ہیں۔',
    paused: 'تازہ ترین سے زیادہ قطاریں دکھائی جا رہی ہیں: فہرست خود نہیں بدلتی۔', newest: 'تازہ ترین پر واپس',
    crashed: 'اس صفحے میں خرابی ہے', reload: 'دوبارہ لوڈ کریں', copy: 'نقل کریں', copied: 'نقل ہو گیا', filter: 'فلٹر', clear: 'سب فلٹر ہٹائیں',
    yes: 'ہاں', no: 'نہیں', details: 'تفصیل', lookAlike: 'اس صفحے کے کسی اور نام یا پتے سے ملتا جلتا ہے',
    rowsOf: '{n} سطریں', baseUnits: '{n} بنیادی اکائیاں', print: 'پرنٹ',
  },
  home: {
    title: 'صفحہ اول', about: 'اس وقت چین پر کیا ہو رہا ہے۔', today: 'آج (UTC)', ordered: 'آرڈر', paidOut: 'دکانوں کو ادا', refunded: 'واپس',
    escrow: 'اس وقت امانت میں', credits: 'استعمال شدہ کریڈٹ', transactions: 'لین دین', failed: 'ناکام: {n}', nothing: 'ابھی کچھ نہیں',
    orders: 'آرڈر: {n}', holds: 'محفوظ رقمیں: {n}', blocks: '{n} بلاک', senders: '{n} بھیجنے والے', feed: 'کیا ہو رہا ہے', all: 'سب لین دین',
    activity: 'پچھلے {age} کے لین دین', attention: 'توجہ طلب', calm: 'کچھ بھی دیر سے، متنازع یا واجب الادا نہیں۔',
    late: '{store} کا آرڈر {id} دیر سے ہے: {who} کی باری ہے', dispute: '{about} پر تنازع: {state}', overdue: 'بل {id} کی تاریخ گزر گئی: {amount}',
    votes: 'توثیق کار {name} نے اپنے {percent} % بلاکوں پر دستخط کیے', usages: 'استعمال: {n}', health: 'نیٹ ورک', healthy: '{n} / {all}', healthNote: 'توثیق کار دستخط کر رہے ہیں',
  },
  explorer: {
    title: 'ایکسپلورر', transactions: 'لین دین', blocks: 'بلاک', events: 'واقعات', modules: 'ماڈیول', transaction: 'لین دین', block: 'بلاک',
    time: 'وقت', what: 'کیا ہوا', height: 'بلاک', result: 'نتیجہ', succeeded: 'کامیاب', failedWord: 'ناکام', sender: 'بھیجنے والا',
    gas: 'گیس', gasOf: '{limit} میں سے {used}', memo: 'نوٹ', id: 'شناخت', hash: 'ہیش', parent: 'پچھلا بلاک', proposer: 'تجویز کنندہ', round: 'دور',
    count: 'لین دین کی تعداد', eventCount: 'واقعات کی تعداد', calls: 'کالیں', arguments: 'دلائل', resultOf: 'نتیجہ', noEvents: 'اس نے کوئی واقعہ خارج نہیں کیا۔',
    noCalls: 'اس میں کوئی کال نہیں۔', empty: 'کوئی لین دین میل نہیں کھاتا۔', emptyBlock: 'اس بلاک میں کوئی لین دین نہیں: خاموش چین خالی بلاک بناتی ہے، اور ایک خالی بلاک لین دین والے بلاک کو مہر لگاتا ہے۔',
    module: 'ماڈیول', name: 'واقعہ', allModules: 'سب ماڈیول', kind: 'قسم', onlyFailed: 'صرف ناکام', withTransactions: 'صرف لین دین والے', from: 'بلاک سے', to: 'بلاک تک',
    calls1: '{sender} نے {module} کا {function} بلایا', andMore: 'اور {n} مزید کالیں', genesis: 'آغاز', kernel: 'خود چین', failedBecause: 'ناکام: {message}',
    roots: 'ثبوت', stateRoot: 'پہلے کی حالت کی جڑ', receiptsRoot: 'پہلے کی رسیدوں کی جڑ', transactionsRoot: 'لین دین کی جڑ', validatorsHash: 'توثیق کار',
    version: 'بلاک سے', code: 'کوڈ', functions: 'افعال', wit: 'WIT', undecoded: 'پڑھا نہیں گیا', previous: 'پچھلا بلاک', next: 'اگلا بلاک', emptyEvents: 'کوئی واقعہ میل نہیں کھاتا۔',
    lane: 'لین اور ترتیب',
  },
  market: {
    title: 'بازار', orders: 'آرڈر', products: 'مصنوعات', stores: 'دکانیں', disputes: 'تنازعات', order: 'آرڈر', store: 'دکان', buyer: 'خریدار',
    state: 'حالت', total: 'کل', placed: 'دیا گیا', due: 'اگلا قدم کب تک', product: 'مصنوعہ', category: 'زمرہ', search: 'عنوان یا خلاصے کے الفاظ',
    noOrders: 'کوئی آرڈر میل نہیں کھاتا۔', noProducts: 'کوئی مصنوعہ میل نہیں کھاتا۔', noStores: 'ابھی کوئی دکان نہیں۔', noDisputes: 'کوئی تنازع نہیں۔',
    lines: 'کیا منگوایا گیا', unitPrice: 'قیمت', ordered: 'منگوایا', shipped: 'روانہ', delivered: 'پہنچا', returned: 'واپس', sum: 'میزان', sku: 'SKU',
    timeline: 'کیا ہوا', escrow: 'امانت', funded: 'الگ رکھا', paid: 'دکان کو ادا', fee: 'پلیٹ فارم کی فیس', refunded: 'خریدار کو واپس', left: 'ابھی امانت میں',
    shipments: 'ترسیلات', tracking: 'ٹریکنگ', carrier: 'کیریئر', proof: 'ترسیل کا ثبوت', dispute: 'تنازع', reason: 'وجہ', claim: '{side} خریدار کے لیے {percent} کا دعویٰ کرتا ہے',
    reference: 'حوالہ', by: 'بذریعہ {who}', organisation: 'ادارہ', rating: 'درجہ', ratings: 'درجے', stock: 'ذخیرہ', onHand: 'موجود', reserved: 'مختص',
    available: 'دستیاب', location: 'مقام', price: 'قیمت', variants: 'اقسام', attributes: 'تفصیل', payout: 'رقم جاتی ہے', waiting: 'انتظار',
    toAct: 'دکان کا انتظار', nothingToAct: 'دکان کا کوئی انتظار نہیں۔', openOrders: 'کھلے', noStock: 'ذخیرے میں کچھ نہیں۔', noPrice: 'قیمت نہیں', movements: 'ذخیرے کی حرکات', cause: 'وجہ', change: 'تبدیلی', after: 'بعد میں', noMovements: 'ذخیرہ نہیں بدلا۔',
    sales: 'روزانہ فروخت', day: 'دن', pieces: 'عدد', noSales: 'ابھی کچھ نہیں بکا۔', about: 'موضوع', amount: 'رقم', offer: '{side} خریدار کو {percent} پیش کرتا ہے', outcome: 'فیصلہ', toBuyer: 'خریدار کو', toStore: 'دکان کو', toBuyerPercent: 'خریدار کو {percent}',
    step: 'قدم', deadline: 'کب تک', noRating: 'درجہ نہیں', yetFree: 'حتمی', score: '5 میں سے {score}', terms: 'شرائط',
  },
  jobs: {
    title: 'کام', postings: 'اشتہارات', contracts: 'معاہدے', posting: 'کام', contract: 'معاہدہ', client: 'موکل', contractor: 'ٹھیکیدار', budget: 'بجٹ', positions: 'آسامیاں',
    until: 'درخواست کی آخری تاریخ', state: 'حالت', noPostings: 'کوئی کام میل نہیں کھاتا۔', noContracts: 'کوئی معاہدہ میل نہیں کھاتا۔', applications: 'درخواستیں', applicant: 'درخواست گزار', price: 'قیمت',
    noApplications: 'کسی نے درخواست نہیں دی۔', milestones: 'مراحل', due: 'واجب', deadline: 'اگلا قدم کب تک', funded: 'الگ رکھا', paid: 'ادا', fee: 'فیس', refunded: 'واپس', skills: 'مہارتیں', place: 'جگہ', hired: 'رکھے گئے',
    hiredOf: '{all} میں سے {hired}', words: 'عنوان، خلاصے یا مہارتوں کے الفاظ', open: 'کھلے مراحل', summary: 'خلاصہ', timeline: 'کیا ہوا', milestone: 'مرحلہ', noMilestones: 'معاہدے میں کوئی مرحلہ نہیں۔', offers: 'پیشکشیں',
  },
  wallet: {
    title: 'بٹوہ', accounts: 'کھاتے', account: 'کھاتہ', balances: 'بیلنس', available: 'دستیاب', held: 'محفوظ', total: 'کل', asset: 'اثاثہ', statement: 'گوشوارہ', holds: 'محفوظ رقمیں', assets: 'اثاثے', requests: 'بل',
    kind: 'کیا', other: 'کس کے ساتھ', change: 'تبدیلی', balance: 'بعد میں دستیاب', heldAfter: 'بعد میں محفوظ', heldChange: 'محفوظ: {change}', reference: 'حوالہ', noEntries: 'اس عرصے میں یہ بیلنس نہیں بدلا۔', noBalances: 'اس کھاتے میں کچھ نہیں۔', organisation: 'ادارہ',
    roles: 'کردار', keys: 'چابیاں', status: 'حیثیت', noAccounts: 'کوئی کھاتہ میل نہیں کھاتا۔', noHolds: 'کچھ الگ نہیں رکھا گیا۔', noRequests: 'کوئی بل نہیں۔', payer: 'ادا کرنے والا', payee: 'وصول کرنے والا', controller: 'فیصلہ کنندہ', expires: 'کب تک', remaining: 'باقی', of: 'میں سے', amount: 'رقم',
    due: 'واجب', paid: 'ادا', asOf: 'کس وقت کا', asOfHint: 'تاریخ یا بلاک', now: 'ابھی', asOfBlock: 'بلاک {height} کے بعد', asOfTime: '{time} کو', decimals: 'اعشاریے', issuer: 'جاری کنندہ', supply: 'گردش میں', noAssets: 'ابھی کوئی اثاثہ نہیں۔', name: 'نام', since: 'سے', untilDay: 'سے پہلے', all: 'سب ادارے',
    firstSeen: 'پہلی بار', lastSeen: 'آخری بار', activity: 'لین دین', anybody: 'کوئی بھی', overdue: 'تاریخ گزر گئی', moduleAccount: 'ماڈیول', noRoles: 'کوئی کردار نہیں', incoming: 'آمد', outgoing: 'خرچ', show: 'دکھائیں', badAsOf: '2027-01-31 جیسی تاریخ یا بلاک کا نمبر لکھیں۔', future: 'یہ آخری بلاک کے بعد ہے۔',
  },
  credit: {
    title: 'کریڈٹ', programmes: 'پروگرام', lines: 'ادھار', usage: 'استعمال', grants: 'گرانٹ', overdue: 'گزری تاریخ کے بل', programme: 'پروگرام', issuer: 'جاری کنندہ', unit: 'اکائی', state: 'حالت', price: 'قیمت', sells: '{per} کے {price}', notForSale: 'فروخت کے لیے نہیں', account: 'کھاتہ', limit: 'حد', drawn: 'استعمال شدہ', free: 'باقی',
    service: 'خدمت', quantity: 'مقدار', credits: 'کریڈٹ', used: 'استعمال', held: 'محفوظ', amount: 'رقم', left: 'باقی', expires: 'کب تک', noProgrammes: 'ابھی کوئی پروگرام نہیں۔', noLines: 'کوئی ادھار نہیں۔', noUsage: 'کچھ استعمال نہیں ہوا۔', noGrants: 'کوئی گرانٹ میل نہیں کھاتی۔', noOverdue: 'کسی بل کی تاریخ نہیں گزری۔', noServices: 'ابھی کوئی خدمت نہیں۔',
    services: 'قیمتیں', bill: 'بل', owed: 'واجب الادا', due: 'تاریخ', daysLate: 'دن کی دیر', line: 'ادھار', bills: 'بل', noBills: 'کوئی بل نہیں۔', overTime: 'روزانہ استعمال', usages: 'استعمال', day: 'دن', period: 'مدت', meters: 'میٹر', at: 'کب', paid: 'ادا', meter: 'میٹر', noMeters: 'کوئی میٹر نہیں۔', from: 'سے', perCredits: '{per} کے {credits} کریڈٹ',
  },
  network: {
    title: 'نیٹ ورک', validators: 'توثیق کار', proposals: 'تجاویز', roles: 'کردار', modules: 'اپ گریڈ', organisations: 'ادارے', parameters: 'پیرامیٹر', audit: 'آڈٹ لاگ', name: 'نام', power: 'طاقت', signed: 'دستخط', missed: 'چھوٹے ووٹ', key: 'چابی', noMissed: 'کوئی ووٹ نہیں چھوٹا۔',
    missedHint: 'نشان پچھلے {n} بلاک ہیں: سرخ جہاں توثیق کار کا ووٹ نہیں۔', blocks: 'بلاک', proposal: 'تجویز', votes: 'ووٹ', percents: 'حق میں {yes} %، خلاف {no} %، درکار {needed} %', reason: 'وجہ', state: 'حالت', made: 'کب بنی', until: 'کب تک', noProposals: 'ابھی کوئی تجویز نہیں۔', yes: 'ہاں', no: 'نہیں', organisation: 'ادارہ', status: 'حیثیت', account: 'کھاتہ', role: 'کردار', from: 'بلاک سے', granted: 'کس نے دیا', ends: 'اختتام',
    noRoles: 'کسی کا کوئی کردار نہیں۔', module: 'ماڈیول', code: 'کوڈ', noChanges: 'ابھی کچھ نہیں بدلا۔', value: 'قدر', action: 'عمل', time: 'وقت', by: 'کس نے', of: 'میں سے', changes: 'تبدیلیاں', rounds: 'ادوار', round: 'دور {n} میں فیصلہ', former: 'اب توثیق کار نہیں', firstRound: 'پچھلے {n} بلاکوں میں سے {first} کا فیصلہ پہلے دور میں ہوا۔', still: 'اب بھی ہے', rule: 'قاعدہ',
    genesis: 'آغاز', current: 'نافذ',
  },
  dev: {
    title: 'ڈویلپرز', endpoints: 'اینڈ پوائنٹ', api: 'HTTP API', console: 'واقعات کا کنسول', webhooks: 'ویب ہک', about: 'جس پر ایپلیکیشنز بن سکتی ہیں۔', openapi: 'OpenAPI دستاویز', openrpc: 'نوڈز کی OpenRPC دستاویز', live: 'براہ راست سلسلہ', sql: 'SQL', sqlText: 'یہی جدول PostgreSQL میں، اسکیما report کے ویوز کے ساتھ: ehb-indexer db url پتہ چھاپتا ہے۔',
    connect: 'پیروی کریں', stop: 'روکیں', waiting: 'واقعات کا انتظار', module: 'ماڈیول', name: 'واقعہ', received: '{n} واقعات', list: 'فہرست', what: 'ایک قطار کیا ہے', filters: 'فلٹر', try: 'آزمائیں', samples: 'مثالیں', status: 'انڈیکسر کی حالت', head: 'نوڈز کا آخری بلاک', height: 'جدولوں کا آخری بلاک', endpoint: 'کہاں سے پڑھتا ہے', verified: 'چین سے ملایا گیا، بلاک تک', differences: 'فرق', problem: 'مسئلہ',
    hooksText: 'ویب ہک انڈیکسر کے پروگرام سے، اس کی مشین پر، چلائے جاتے ہیں:', address: 'پتہ', find: 'فہرست تلاش کریں', noLists: 'اس نام کی کوئی فہرست نہیں۔', neverVerified: 'ابھی نہیں ملایا گیا', clear: 'سب ہٹائیں', stopped: 'پیروی بند ہے', filterHint: 'سب ماڈیول', signature: 'ہر ترسیل پر دستخط ہیں: ehb-signature میں v1= اور ویب ہک کے راز سے TIMESTAMP.BODY کا HMAC-SHA256 ہے۔',
  },
  proof: {
    title: 'ثبوت', about: 'یہ صفحہ خود جانچ سکتا ہے: یہ انڈیکسر سے نہیں بلکہ نوڈ سے پوچھتا ہے، اور صرف آغاز کے توثیق کاروں پر بھروسا کرتا ہے۔ کسی فہرست کا مکمل ہونا ثابت نہیں ہو سکتا۔',
    verify: 'تصدیق کریں', genesis: 'آغاز کا ہیش جس پر آپ کو بھروسا ہے', genesisHint: '64 ہندسے، کسی معتبر ذریعے سے', ask: 'نوڈ والا استعمال کریں', works: 'جانچ جاری ہے',
    good: 'ثابت: توثیق کاروں نے بالکل وہی فیصلہ کیا جو یہ صفحہ دکھاتا ہے۔', bad: 'رد: {reason}', failed: 'جانچ نہیں ہو سکی: {reason}',
    steps: { node: 'نوڈ جواب دیتا ہے', genesis: 'آغاز کا ہیش وہی ہے جس پر آپ کو بھروسا ہے', validators: 'توثیق کار بلاک تک دیکھے گئے', header: 'ہیڈر پر ان کی دو تہائی سے زیادہ طاقت کے دستخط ہیں', inclusion: 'یہ اس ہیڈر کی جڑ کے نیچے ہے', equal: 'پڑھنے پر وہی ہے جو صفحہ دکھاتا ہے' },
    values: { node: '{node}', genesis: '{hash}، {n} توثیق کار', validators: 'تبدیلیاں: {n}', header: 'بلاک {height}', inclusion: '{what}', equal: 'ملائی گئی قدریں: {n}' },
  },
  search: {
    title: 'تلاش', none: 'ان الفاظ سے کچھ نہیں ملا۔', short: 'اونچائی، ہیش، شناخت، پتہ، نام، SKU یا حوالہ', open: 'کھولیں', kinds: { block: 'بلاک', transaction: 'لین دین', account: 'کھاتہ', module: 'ماڈیول', asset: 'اثاثہ', product: 'مصنوعہ', posting: 'کام', entry: 'اندراج', order: 'آرڈر', contract: 'معاہدہ', store: 'دکان', organisation: 'ادارہ' },
  },
  units: { ms: 'ملی سیکنڈ', s: 'سیکنڈ', min: 'منٹ', h: 'گھنٹے', d: 'دن' },
  states: {
    accepted: 'قبول', active: 'فعال', approved: 'منظور', arbitration: 'ثالثی', 'arbitration-requested': 'ثالثی مانگی گئی', authorised: 'مجاز', burned: 'تلف', buyer: 'خریدار', cancelled: 'منسوخ', captured: 'وصول شدہ', changed: 'بدلا', closed: 'بند',
    closing: 'بند ہو رہا ہے', completed: 'مکمل', deciding: 'فیصلہ باقی', declined: 'رد', delivered: 'پہنچ گیا', disputed: 'متنازع', draft: 'مسودہ', everybody: 'سب', evidence: 'ثبوت', executed: 'نافذ', exhausted: 'ختم', expired: 'میعاد ختم',
    failed: 'ناکام', filled: 'پُر', final: 'حتمی', frozen: 'منجمد', funded: 'رقم رکھی گئی', genesis: 'آغاز', hired: 'رکھ لیا گیا', 'hold-expired': 'محفوظ رقم کی میعاد ختم', 'hold-paid': 'محفوظ رقم سے ادا', 'hold-placed': 'الگ رکھا', 'hold-released': 'واپس ہوا', kernel: 'خود چین',
    listed: 'فروخت میں', made: 'پیش', minted: 'جاری', module: 'ماڈیول', account: 'کھاتہ', offered: 'پیش', open: 'کھلا', opened: 'کھولا', overdue: 'تاریخ گزر گئی', paid: 'ادا', 'partially-paid': 'جزوی ادا', 'partially-shipped': 'جزوی روانہ', payee: 'فروخت کنندہ', payer: 'خریدار',
    'payment-ended': 'ادائیگی ختم', 'payment-proposed': 'ادائیگی تجویز', pending: 'زیر التوا', placed: 'دیا گیا', published: 'شائع', received: 'وصول', refunded: 'واپس', rejected: 'مسترد', released: 'واپس', removed: 'ہٹایا گیا', reserved: 'مختص', resolved: 'حل شدہ', 'return-requested': 'واپسی مانگی گئی',
    returned: 'واپس', revoked: 'منسوخ', ruled: 'فیصلہ ہوا', seller: 'فروخت کنندہ', settlement: 'تصفیہ', shipped: 'روانہ', shortlisted: 'منتخب فہرست', submitted: 'جمع', succeeded: 'کامیاب', suspended: 'معطل', terminated: 'ختم', terminating: 'ختم ہو رہا ہے', 'timed-out': 'وقت ختم', voided: 'کالعدم', voting: 'ووٹنگ', withdrawn: 'واپس لیا', 'written-off': 'معاف',
  },
}
