//! How hard a function is on the compiler, from its operators alone.
//!
//! The compiler turns locals into values that never change. Where control flow joins (a loop's start,
//! the end of a block that something branches to, the end of a condition), each local that was set on
//! the way needs a value of its own there, and each branch to the place passes one. So a small body can
//! mean many values: 250 loops within each other over 200 locals mean 50,000. These values are what takes
//! the compiler's time and what fills the function's frame.

use wasmparser::Operator;

/// What was counted in one function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Operators.
    pub(crate) operators: u64,
    /// Values of locals at the places where control flow joins.
    pub(crate) joined: u64,
    /// Values that branches pass to these places.
    pub(crate) passed: u64,
    /// Calls of a function by its index.
    pub(crate) calls: u64,
    /// Operators that become dozens of instructions and a call of the host's: calls through a table, and
    /// those on whole pieces of memory.
    pub(crate) heavy: u64,
}

/// What compiling takes for each of these things, nanoseconds of processor time, measured at the worst of
/// the shapes in `tests/hostile/shapes.rs`; it takes 10,000 for an operator of the modules that ship.
const FUNCTION_NS: u64 = 60_000;
const OPERATOR_NS: u64 = 12_000;
const PASSED_NS: u64 = 2_500;
const CALL_NS: u64 = 15_000;
const HEAVY_NS: u64 = 90_000;

impl Counted {
    /// How long compiling the function takes at most, nanoseconds of processor time. A number of the rules,
    /// not a clock's: what it is on a node's processor does not matter.
    pub(crate) fn compile_ns(&self) -> u64 {
        let parts = [
            (self.operators, OPERATOR_NS),
            (self.passed, PASSED_NS),
            (self.calls, CALL_NS),
            (self.heavy, HEAVY_NS),
        ];
        let parts = parts.map(|(count, each)| count.saturating_mul(each));
        parts.into_iter().fold(FUNCTION_NS, u64::saturating_add)
    }

    /// How many values the compiler may keep in the function's frame, beside those of its locals.
    pub(crate) fn values(&self) -> u64 {
        self.operators.saturating_add(self.joined)
    }
}

/// Counts while a function's operators go by.
pub(crate) struct Shape {
    counted: Counted,
    open: Vec<Open>,
    words: usize,
    loops_open: usize,
}

/// A block, loop or condition that has not ended; the function's body is the outermost.
struct Open {
    kind: Kind,
    /// How many branches lead to its label.
    branches: u64,
    /// The locals that were set in it, a bit each.
    set: Vec<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Body,
    Block,
    Loop,
    If,
}

impl Shape {
    pub(crate) fn new(locals: u32) -> Self {
        let words = locals.div_ceil(64) as usize;
        let mut shape =
            Self { counted: Counted::default(), open: Vec::new(), words, loops_open: 0 };
        shape.begin(Kind::Body);
        shape
    }

    /// Counts an operator that the validator has accepted.
    pub(crate) fn operator(&mut self, operator: &Operator<'_>) {
        self.counted.operators += 1;
        match operator {
            Operator::Block { .. } => self.begin(Kind::Block),
            Operator::Loop { .. } => self.begin(Kind::Loop),
            Operator::If { .. } => self.begin(Kind::If),
            Operator::End => self.end(),
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                self.branch(*relative_depth);
            }
            Operator::BrTable { targets } => {
                self.branch(targets.default());
                targets.targets().flatten().for_each(|depth| self.branch(depth));
            }
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                let (word, bit) = (*local_index as usize / 64, local_index % 64);
                if let Some(word) = self.open.last_mut().and_then(|open| open.set.get_mut(word)) {
                    *word |= 1 << bit;
                }
            }
            Operator::Call { .. } => self.counted.calls += 1,
            Operator::CallIndirect { .. }
            | Operator::MemoryGrow { .. }
            | Operator::MemoryFill { .. }
            | Operator::MemoryCopy { .. }
            | Operator::MemoryInit { .. }
            | Operator::DataDrop { .. }
            | Operator::TableInit { .. }
            | Operator::TableCopy { .. }
            | Operator::ElemDrop { .. } => self.counted.heavy += 1,
            _ => {}
        }
    }

    /// How many loops are open.
    pub(crate) fn loops_open(&self) -> usize {
        self.loops_open
    }

    pub(crate) fn counted(&self) -> Counted {
        self.counted
    }

    fn begin(&mut self, kind: Kind) {
        if kind == Kind::Loop {
            self.loops_open += 1;
        }
        self.open.push(Open { kind, branches: 0, set: vec![0; self.words] });
    }

    fn branch(&mut self, depth: u32) {
        let index = self.open.len().checked_sub(1 + depth as usize);
        if let Some(open) = index.and_then(|index| self.open.get_mut(index)) {
            open.branches += 1;
        }
    }

    fn end(&mut self) {
        let Some(Open { kind, branches, set }) = self.open.pop() else { return };
        // Its result joins as well.
        let values = 1 + set.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
        let ways = match kind {
            Kind::Body => 0,
            Kind::Block | Kind::Loop if branches == 0 => 0,
            Kind::Block | Kind::Loop => branches + 1,
            Kind::If => branches + 2,
        };
        if ways > 0 {
            self.counted.joined += values;
            self.counted.passed += values * ways;
        }
        self.loops_open -= usize::from(kind == Kind::Loop);
        if let Some(outer) = self.open.last_mut() {
            outer.set.iter_mut().zip(set).for_each(|(outer, inner)| *outer |= inner);
        }
    }
}
