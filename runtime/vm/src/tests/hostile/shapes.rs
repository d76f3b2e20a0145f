//! Modules that are hard to compile, generated from a seed: the same file serves the tests of this crate
//! and the benchmark of compiling.

use std::fmt::Write as _;

/// A function's shape: from two sizes and randomness, its locals beside `$n` and its body.
type Shape = fn(&mut Random, usize, usize) -> Function;

/// A shape.
struct Function {
    locals: usize,
    body: String,
    /// The contents of the module besides the function.
    beside: String,
}

/// A module and its parameters.
pub(crate) struct Hostile {
    /// The shape and its sizes.
    pub(crate) name: String,
    locals: String,
    body: String,
    beside: String,
}

impl Hostile {
    /// The core module as text; `before` comes first in it, `first` in its function `run`.
    pub(crate) fn core(&self, before: &str, first: &str) -> String {
        let Self { locals, body, beside, .. } = self;
        format!(
            r#"module $m {before}
            (memory 1) (global $g (mut i64) (i64.const 7))
            (type $wide (func (param i64) (result i64)))
            {beside}
            (func $run (export "run") (param $n i64) (result i64) (local {locals})
              {first} {body} (local.get $n))"#
        )
    }

    /// The component as text.
    pub(crate) fn component(&self, before: &str, first: &str) -> String {
        format!(
            r#"(component
            (core {})
            (core instance $i (instantiate $m))
            (func $run (param "n" u64) (result u64) (canon lift (core func $i "run")))
            (instance $api (export "run" (func $run)))
            (export "ehb:probe/api@1.0.0" (instance $api)))"#,
            self.core(before, first)
        )
    }
}

/// All shapes by name.
const SHAPES: [(&str, Shape); 18] = [
    ("loops in loops", loops_in_loops),
    ("loops after loops", loops_after_loops),
    ("blocks in blocks", blocks_in_blocks),
    ("diamonds", diamonds),
    ("conditions in conditions", conditions_in_conditions),
    ("a table of branches", branch_table),
    ("an interpreter", interpreter),
    ("small functions", small_functions),
    ("wide calls", wide_calls),
    ("a high stack", high_stack),
    ("values across calls", values_across_calls),
    ("selects", selects),
    ("loads and stores", loads_and_stores),
    ("indirect calls", indirect_calls),
    ("divisions", divisions),
    ("library calls", library_calls),
    ("foldable", foldable),
    ("a thicket", thicket),
];

/// The number of shapes.
pub(crate) const COUNT: usize = SHAPES.len();

/// Generates a module of a shape: `width` is about the number of values, `length` the number of pieces of
/// code. If it `recurs`, some of its values come from calls of the function itself.
pub(crate) fn hostile(
    shape: usize,
    seed: u64,
    (width, length): (usize, usize),
    recurs: bool,
) -> Hostile {
    let (name, make) = SHAPES[shape % COUNT];
    let mut random = Random { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, recurs };
    let Function { locals, body, beside } = make(&mut random, width.max(1), length.max(1));
    let (name, locals) = (format!("{name}, {width} wide, {length} long"), "i64 ".repeat(locals));
    Hostile { name, locals, body, beside }
}

/// A small generator of pseudo-random numbers (xorshift).
struct Random {
    state: u64,
    recurs: bool,
}

impl Random {
    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or(0)
    }
}

fn plain(locals: usize, body: String) -> Function {
    Function { locals, body, beside: String::new() }
}

/// Changes one local by another one.
fn mix(random: &mut Random, width: usize, body: &mut String) {
    let (to, from) = (1 + random.below(width), 1 + random.below(width));
    if random.recurs && random.below(4) == 0 {
        let _ = write!(body, "(local.set {to} (call $run (local.get {from})))");
        return;
    }
    let operator = ["i64.add", "i64.xor", "i64.mul", "i64.rotl"][random.below(4)];
    let _ = write!(body, "(local.set {to} ({operator} (local.get {from}) (local.get {to})))");
}

/// Changes every local.
fn mix_all(random: &mut Random, width: usize, body: &mut String) {
    for to in 1..=width {
        let from = 1 + random.below(width);
        let _ = write!(body, "(local.set {to} (i64.add (local.get {from}) (local.get {to})))");
    }
}

/// Uses every local, so that none is dead.
fn use_all(width: usize, body: &mut String) {
    for from in 1..=width {
        let _ = write!(body, "(local.set $n (i64.xor (local.get $n) (local.get {from})))");
    }
}

const TURN: &str = "(i32.wrap_i64 (local.tee $n (i64.add (local.get $n) (i64.const 1))))";

fn loops_in_loops(random: &mut Random, width: usize, length: usize) -> Function {
    let mut body = "(loop ".repeat(length);
    mix_all(random, width, &mut body);
    for _ in 0..length {
        let _ = write!(body, "(br_if 0 {TURN}))");
    }
    use_all(width, &mut body);
    plain(width, body)
}

fn loops_after_loops(random: &mut Random, width: usize, length: usize) -> Function {
    let mut body = String::new();
    for _ in 0..length {
        body.push_str("(loop ");
        for _ in 0..4 {
            mix(random, width, &mut body);
        }
        let _ = write!(body, "(br_if 0 {TURN}))");
    }
    use_all(width, &mut body);
    plain(width, body)
}

fn blocks_in_blocks(random: &mut Random, width: usize, length: usize) -> Function {
    let mut body = "(block ".repeat(length);
    for depth in 0..length {
        mix(random, width, &mut body);
        let _ = write!(body, "(br_if {} {TURN}) )", random.below(length - depth));
    }
    use_all(width, &mut body);
    plain(width, body)
}

fn diamonds(random: &mut Random, width: usize, length: usize) -> Function {
    let mut body = String::new();
    for _ in 0..length {
        let _ = write!(body, "(if {TURN} (then ");
        mix(random, width, &mut body);
        body.push_str(") (else ");
        mix(random, width, &mut body);
        body.push_str("))");
    }
    use_all(width, &mut body);
    plain(width, body)
}

fn conditions_in_conditions(random: &mut Random, width: usize, length: usize) -> Function {
    let mut body = String::new();
    for _ in 0..length {
        let _ = write!(body, "(if {TURN} (then ");
        mix(random, width, &mut body);
    }
    for _ in 0..length {
        mix(random, width, &mut body);
        body.push_str(") (else ");
        mix(random, width, &mut body);
        body.push_str("))");
    }
    use_all(width, &mut body);
    plain(width, body)
}

fn branch_table(random: &mut Random, width: usize, length: usize) -> Function {
    let depth = 1 + random.below(100);
    let mut body = "(block ".repeat(depth);
    for _ in 0..width.min(8) {
        mix_all(random, width, &mut body);
        let targets = (0..length / 8 + 1).map(|_| format!("{} ", random.below(depth)));
        let targets = targets.collect::<String>();
        let _ = write!(body, "(block (br_if 0 {TURN}) (br_table {targets} {TURN}))");
    }
    for _ in 0..depth {
        body.push(')');
        mix(random, width, &mut body);
    }
    use_all(width, &mut body);
    plain(width, body)
}

fn interpreter(random: &mut Random, width: usize, length: usize) -> Function {
    let cases = length.min(200);
    let mut body = "(loop $again ".to_owned();
    body.push_str(&"(block ".repeat(cases));
    let targets = (0..cases).map(|case| format!("{case} ")).collect::<String>();
    let _ = write!(body, "(br_table {targets} {TURN})");
    for _ in 0..cases {
        body.push(')');
        for _ in 0..length / cases {
            mix(random, width, &mut body);
        }
        let _ = write!(body, "(br_if $again {TURN})");
    }
    body.push(')');
    use_all(width, &mut body);
    plain(width, body)
}

fn small_functions(_: &mut Random, _: usize, length: usize) -> Function {
    Function { locals: 0, body: String::new(), beside: "(func)".repeat(length) }
}

fn wide_calls(random: &mut Random, width: usize, length: usize) -> Function {
    let width = width.min(64);
    let parameters = "i64 ".repeat(width);
    let beside = format!("(func $callee (param {parameters}) (result i64) (local.get 0))");
    let mut body = String::new();
    for _ in 0..length {
        let arguments = (0..width).map(|_| format!("(local.get {})", random.below(width + 1)));
        let arguments = arguments.collect::<String>();
        let to = 1 + random.below(width);
        let _ = write!(body, "(local.set {to} (call $callee {arguments}))");
    }
    use_all(width, &mut body);
    Function { locals: width, body, beside }
}

fn high_stack(random: &mut Random, width: usize, length: usize) -> Function {
    let mut body = String::new();
    for _ in 0..length {
        for _ in 0..width {
            let _ = write!(body, "(i64.mul (local.get $n) (i64.const {}))", random.below(1 << 20));
        }
        body.push_str(&"i64.xor ".repeat(width - 1));
        body.push_str("(local.set $n)");
    }
    plain(0, body)
}

fn values_across_calls(random: &mut Random, width: usize, length: usize) -> Function {
    let beside = "(func $leaf (param i64) (result i64) (i64.add (local.get 0) (global.get $g)))";
    let mut body = String::new();
    mix_all(random, width, &mut body);
    for _ in 0..length {
        let (to, from) = (1 + random.below(width), 1 + random.below(width));
        let _ = write!(body, "(local.set {to} (call $run (local.get {from})))");
        let _ = write!(body, "(local.set {from} (call $leaf (local.get {to})))");
    }
    use_all(width, &mut body);
    Function { locals: width, body, beside: beside.to_owned() }
}

fn selects(random: &mut Random, width: usize, length: usize) -> Function {
    let mut body = String::new();
    for _ in 0..length {
        let [a, b, to] = [(); 3].map(|()| 1 + random.below(width));
        let _ = write!(
            body,
            "(local.set {to} (select (local.get {a}) (local.get {b}) \
             (i64.lt_u (local.get {b}) (local.get {to}))))"
        );
    }
    use_all(width, &mut body);
    plain(width, body)
}

fn loads_and_stores(random: &mut Random, width: usize, length: usize) -> Function {
    let mut body = String::new();
    for _ in 0..length {
        let [a, b] = [(); 2].map(|()| 1 + random.below(width));
        let offset = random.below(1 << 30);
        let _ = write!(
            body,
            "(i64.store offset={offset} (i32.wrap_i64 (local.get {a})) \
             (i64.load offset={offset} (i32.wrap_i64 (local.get {b}))))"
        );
    }
    use_all(width, &mut body);
    plain(width, body)
}

fn indirect_calls(random: &mut Random, width: usize, length: usize) -> Function {
    let beside = "(table 10 funcref) (elem (i32.const 0) $run)".to_owned();
    let mut body = String::new();
    for _ in 0..length {
        let [a, to] = [(); 2].map(|()| 1 + random.below(width));
        let _ = write!(
            body,
            "(local.set {to} (call_indirect (type $wide) (local.get {a}) \
             (i32.wrap_i64 (local.get {to}))))"
        );
    }
    use_all(width, &mut body);
    Function { locals: width, body, beside }
}

fn divisions(random: &mut Random, width: usize, length: usize) -> Function {
    let mut body = String::new();
    for _ in 0..length {
        let [a, b, to] = [(); 3].map(|()| 1 + random.below(width));
        let operator = ["i64.div_s", "i64.rem_s", "i64.div_u", "i64.rem_u"][random.below(4)];
        let by = match random.below(2) {
            0 => format!("(local.get {b})"),
            _ => format!("(i64.const {})", 3 + random.below(1 << 20)),
        };
        let _ = write!(body, "(local.set {to} ({operator} (local.get {a}) {by}))");
    }
    use_all(width, &mut body);
    plain(width, body)
}

fn library_calls(random: &mut Random, width: usize, length: usize) -> Function {
    let mut body = String::new();
    for _ in 0..length {
        let [a, b, c] =
            [(); 3].map(|()| format!("(i32.wrap_i64 (local.get {}))", 1 + random.below(width)));
        let _ = match random.below(3) {
            0 => write!(body, "(memory.fill {a} {b} {c})"),
            1 => write!(body, "(memory.copy {a} {b} {c})"),
            _ => write!(body, "(drop (memory.grow {a}))"),
        };
    }
    use_all(width, &mut body);
    plain(width, body)
}

/// Chains that an optimiser rewrites again and again.
fn foldable(random: &mut Random, width: usize, length: usize) -> Function {
    let mut body = String::new();
    for _ in 0..length {
        let [a, to] = [(); 2].map(|()| 1 + random.below(width));
        let by = random.below(1 << 16);
        let operator = ["i64.add", "i64.and", "i64.or", "i64.xor", "i64.shl", "i64.mul", "i64.sub"];
        let [one, two] = [(); 2].map(|()| operator[random.below(operator.len())]);
        let _ = write!(
            body,
            "(local.set {to} ({one} ({two} (local.get {a}) (i64.const {by})) (i64.const {by})))"
        );
    }
    use_all(width, &mut body);
    plain(width, body)
}

/// Blocks, loops and conditions within each other, branches out of them, calls and arithmetic, at random.
fn thicket(random: &mut Random, width: usize, length: usize) -> Function {
    let (mut body, mut ends) = (String::new(), Vec::new());
    for _ in 0..length {
        let kind = random.below(12);
        match kind {
            0..=2 if ends.len() < 15 => {
                body.push_str(["(block ", "(loop ", "(if "][kind]);
                if kind == 2 {
                    let _ = write!(body, "{TURN} (then ");
                }
                ends.push([") ", ") ", ")) "][kind]);
            }
            3 | 4 => body.push_str(ends.pop().unwrap_or_default()),
            5 if !ends.is_empty() => {
                let _ = write!(body, "(br_if {} {TURN})", random.below(ends.len()));
            }
            6 if !ends.is_empty() => {
                let targets = (0..4).map(|_| format!("{} ", random.below(ends.len())));
                let targets = targets.collect::<String>();
                let _ = write!(body, "(block (br_if 0 {TURN}) (br_table {targets} {TURN}))");
            }
            7 => {
                let (to, from) = (1 + random.below(width), 1 + random.below(width));
                let _ = write!(body, "(local.set {to} (call $run (local.get {from})))");
            }
            _ => mix(random, width, &mut body),
        }
    }
    ends.iter().rev().for_each(|end| body.push_str(end));
    use_all(width, &mut body);
    plain(width, body)
}
