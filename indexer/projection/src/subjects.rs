//! All subjects that are compared with records of the modules.

use crate::proof::Subject;
use crate::{credits, jobs, market, money};

/// All subjects, by module.
pub const SUBJECTS: &[&[Subject]] =
    &[money::SUBJECTS, market::SUBJECTS, jobs::SUBJECTS, credits::SUBJECTS];
