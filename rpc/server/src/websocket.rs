//! Serves one WebSocket: calls run side by side, a bounded number, and subscriptions are told.

use std::time::Duration;

use ehb_rpc_api::error;
use ehb_types::Code;
use futures::io::{BufReader, BufWriter};
use futures::stream::{BoxStream, FuturesUnordered, SelectAll, unfold};
use futures::{Stream, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use jsonrpsee::MethodResponse;
use jsonrpsee::types::Id;
use serde_json::value::RawValue;
use soketto::connection::Error;
use soketto::data::ByteSlice125;
use soketto::handshake::http::Server as Handshake;
use soketto::{Incoming, Receiver, Sender};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt as _};

use crate::dispatch::{Notices, Session, answer};
use crate::http::Site;
use crate::limits::{PING_SECONDS, REQUEST_BYTES_MAX, SESSION_CALLS_MAX, SILENCE_SECONDS_MAX};
use crate::server::stop_told;

type Socket = BufReader<BufWriter<Compat<TokioIo<Upgraded>>>>;

/// Serves a WebSocket until its client leaves, breaks the rules or falls silent, or the server
/// stops. While something is being sent, nothing else of this WebSocket goes on: a client that
/// does not read is not worked for.
pub(crate) async fn serve(
    site: &Site,
    handshake: Handshake,
    upgraded: Upgraded,
    session: Session,
    mut stopping: watch::Receiver<bool>,
) {
    let stream = BufReader::new(BufWriter::new(TokioIo::new(upgraded).compat()));
    let mut builder = handshake.into_builder(stream);
    builder.set_max_message_size(REQUEST_BYTES_MAX);
    let (mut sender, receiver) = builder.finish();
    let messages = messages(receiver);
    tokio::pin!(messages);
    let mut calls = FuturesUnordered::new();
    let mut notices: SelectAll<BoxStream<'static, Box<RawValue>>> = SelectAll::new();
    let period = Duration::from_secs(PING_SECONDS);
    let mut ping = interval_at(Instant::now() + period, period);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let sent = tokio::select! {
            message = messages.next(), if calls.len() < SESSION_CALLS_MAX => match message {
                Some(Message::Text(text)) => {
                    let session = &session;
                    calls.push(async move {
                        answer(&site.methods, &site.budget, Some(session), &text).await
                    });
                    Ok(())
                }
                Some(Message::Pong) => Ok(()),
                Some(Message::TooLong) => {
                    let _ = send(&mut sender, too_long()).await;
                    break;
                }
                None => break,
            },
            Some(answer) = calls.next(), if !calls.is_empty() => {
                site.usage.count_calls(answer.calls, answer.failed);
                notices.extend(answer.subscriptions.into_iter().map(stream_of));
                match answer.json {
                    Some(json) => send(&mut sender, json).await,
                    None => Ok(()),
                }
            }
            Some(notice) = notices.next(), if !notices.is_empty() => {
                send(&mut sender, String::from(Box::<str>::from(notice))).await
            }
            _ = ping.tick() => send_ping(&mut sender).await,
            () = stop_told(&mut stopping) => break,
        };
        if sent.is_err() {
            return;
        }
    }
    // Nothing is owed to a client that cannot be told goodbye.
    let _ = sender.close().await;
}

/// What a client sends.
enum Message {
    Text(Vec<u8>),
    Pong,
    TooLong,
}

/// The client's messages until it leaves, errs or falls silent.
fn messages(receiver: Receiver<Socket>) -> impl Stream<Item = Message> {
    unfold(receiver, |mut receiver| async {
        let mut data = Vec::new();
        let silence = Duration::from_secs(SILENCE_SECONDS_MAX);
        match timeout(silence, receiver.receive(&mut data)).await {
            Ok(Ok(Incoming::Data(_))) => Some((Message::Text(data), receiver)),
            Ok(Ok(Incoming::Pong(_))) => Some((Message::Pong, receiver)),
            Ok(Err(Error::MessageTooLarge { .. })) => Some((Message::TooLong, receiver)),
            Ok(Ok(Incoming::Closed(_)) | Err(_)) | Err(_) => None,
        }
    })
}

fn stream_of(mut notices: Notices) -> BoxStream<'static, Box<RawValue>> {
    futures::stream::poll_fn(move |context| notices.poll_recv(context)).boxed()
}

fn too_long() -> String {
    let text = format!("a message has at most {REQUEST_BYTES_MAX} bytes");
    let response = MethodResponse::error(Id::Null, error(Code::LimitExceeded, text));
    response.as_json().get().to_owned()
}

async fn send(sender: &mut Sender<Socket>, text: String) -> Result<(), Error> {
    sender.send_text_owned(text).await?;
    sender.flush().await
}

async fn send_ping(sender: &mut Sender<Socket>) -> Result<(), Error> {
    let nothing: &[u8] = &[];
    let Ok(payload) = ByteSlice125::try_from(nothing) else { return Ok(()) };
    sender.send_ping(payload).await?;
    sender.flush().await
}
