//! Estimates the compile time of a function from its operators.
//!
//! The compiler turns locals into values that never change. Where control flow joins (a loop's start, the end
//! of a block that something branches to, the end of a condition), each local that was set on the way needs a
//! new value there, and each branch to that place passes one. So a small body can lead to many values: 250
//! nested loops over 200 locals lead to 50,000. These values take the compiler's time and fill the function's
//! frame.

use wasmparser::Operator;

/// The counts of one function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) operators: u64,
    /// Values of locals at the places where control flow joins.
    pub(crate) joined: u64,
    /// Values that branches pass to these places.
    pub(crate) passed: u64,
    /// Calls of a function by its index.
    pub(crate) calls: u64,
    /// Operators that become dozens of instructions and a host call: calls through a table, and bulk memory
    /// operators.
    pub(crate) heavy: u64,
}

/// The compile time for each of these, nanoseconds of processor time, measured with the worst of the shapes
/// in `tests/hostile/shapes.rs`; it takes 10,000 for an operator of the modules that ship.
const FUNCTION_NS: u64 = 60_000;
const OPERATOR_NS: u64 = 12_000;
const PASSED_NS: u64 = 2_500;
const CALL_NS: u64 = 15_000;
const HEAVY_NS: u64 = 90_000;

impl Counted {
    /// An upper bound of the function's compile time, nanoseconds of processor time. It is a number of the
    /// rules, independent of the node's processor.
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

    /// The number of values that the compiler may keep in the function's frame, in addition to its locals.
    pub(crate) fn values(&self) -> u64 {
        self.operators.saturating_add(self.joined)
    }
}

/// Counts a function's operators.
pub(crate) struct Shape {
    counted: Counted,
    open: Vec<Open>,
    words: usize,
    loops_open: usize,
}

/// An open block, loop or condition; the function's body is the outermost.
struct Open {
    kind: Kind,
    /// The number of branches to its label.
    branches: u64,
    /// The locals that were set in it, one bit each.
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

    /// The number of open loops.
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
