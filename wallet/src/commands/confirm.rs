//! Confirmation before something is signed.

use std::io::{self, BufRead, ErrorKind, IsTerminal, Read};

use tokio::sync::oneshot;

use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::secrets::interrupted;

/// The maximum length of an answer, bytes.
const ANSWER_BYTES_MAX: u64 = 64;

/// A question before something is signed.
pub(super) struct Question {
    /// The question itself, for example `Pay?`.
    pub(super) text: &'static str,
    /// The action in one word.
    pub(super) verb: &'static str,
    /// Advice where there is no terminal.
    pub(super) hint: &'static str,
}

/// Shows what will be done and asks on a terminal; without a terminal, only `--yes` confirms.
pub(super) async fn confirm(
    yes: bool,
    sentence: &str,
    question: &Question,
    output: &Output,
) -> Result<(), Failure> {
    if yes {
        output.talk(sentence);
        return Ok(());
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let message = format!("cannot ask whether to {}: stdin is not a terminal", question.verb);
        return Err(Failure::new(Exit::Usage, "NO_TERMINAL", message).hint(question.hint));
    }
    output.ask(sentence, &format!("{} [y/N]", question.text));
    // On a separate thread, so that Ctrl-C works meanwhile; the process does not wait for it.
    let (answered, answer) = oneshot::channel();
    std::thread::spawn(move || answered.send(read_answer()));
    let answer = answer.await.unwrap_or_else(|_| Err(ErrorKind::UnexpectedEof.into()));
    let answer = answer.map_err(|error| Failure::of(Exit::Internal, "STDIN", &error))?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(interrupted()),
    }
}

fn read_answer() -> io::Result<String> {
    let mut answer = String::new();
    io::stdin().lock().take(ANSWER_BYTES_MAX).read_line(&mut answer)?;
    Ok(answer)
}
