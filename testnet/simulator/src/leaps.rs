use crate::world::{Happening, World};

const SECOND_MS: u64 = 1_000;
const HOUR_MS: u64 = 3_600 * SECOND_MS;
const DAY_MS: u64 = 24 * HOUR_MS;
/// How far clocks leap at the most, milliseconds: past what an order waits for, a dispute, a bill, a month.
const LEAPS_MS: [u64; 6] =
    [3 * SECOND_MS, 20 * SECOND_MS, 120 * SECOND_MS, 2 * HOUR_MS, 2 * HOUR_MS, 40 * DAY_MS];

impl World<'_> {
    pub(crate) fn plan_leap(&mut self) {
        if self.plan.leap_us > 0 {
            let delay = self.dice.between(1, 2 * self.plan.leap_us);
            self.after(delay, Happening::Leap);
        }
    }

    /// The clocks that were wrong are set right: some go back.
    pub(crate) fn set_clocks(&mut self) {
        self.trace(|world| format!("clocks are set: {:?} ms go away", world.wrong_ms));
        self.wrong_ms.fill(0);
    }

    /// All clocks go ahead together, as if nobody had done anything for some hours or weeks: what a run
    /// of seconds would never see the end of ends.
    pub(crate) fn leap(&mut self) {
        if !self.faulty {
            return;
        }
        let most = self.dice.pick(&LEAPS_MS).unwrap_or_default();
        let leap = self.dice.between(1, most);
        self.leapt_ms = self.leapt_ms.saturating_add(leap);
        self.trace(|_| format!("all clocks go {leap} ms ahead"));
        self.plan_leap();
    }
}
