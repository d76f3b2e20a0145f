//! Executes the commands of `ehb-indexer webhook` and `ehb-indexer outbox`.

use anyhow::{bail, ensure};
use ehb_indexer::hook::{self, NewWebhook};
use ehb_indexer::{outbox as streams, schema};
use serde_json::json;
use sqlx::PgConnection;

use crate::cli::{AddHook, Hook, OneHook, OneStream, Outbox, Target};

/// The maximum number of dead letters in one list.
const DEAD_LISTED_MAX: i64 = 1_000;

pub(crate) async fn run(command: Hook) -> anyhow::Result<()> {
    match command {
        Hook::Add(options) => add(options).await,
        Hook::List(target) => {
            let webhooks = with(&target, async |it| Ok(hook::list(it).await?)).await?;
            print(&webhooks)
        }
        Hook::Dead(OneHook { id, target }) => {
            let read = async |it: &mut PgConnection| {
                Ok(hook::dead_letters(it, id, DEAD_LISTED_MAX).await?)
            };
            print(&with(&target, read).await?)
        }
        Hook::Remove(OneHook { id, target }) => {
            let removed = with(&target, async |it| Ok(hook::remove(it, id).await?)).await?;
            ensure!(removed, "there is no webhook {id}");
            ehb_console::say("removed");
            Ok(())
        }
        Hook::Resend(OneHook { id, target }) => {
            let count = with(&target, async |it| Ok(hook::send_again(it, id).await?)).await?;
            ehb_console::say(&format!("{count} deliveries are sent again"));
            Ok(())
        }
    }
}

pub(crate) async fn outbox(command: Outbox) -> anyhow::Result<()> {
    match command {
        Outbox::List(target) => {
            print(&with(&target, async |it| Ok(streams::list(it).await?)).await?)
        }
        Outbox::Remove(OneStream { stream, target }) => {
            let removed = with(&target, async |it| Ok(streams::remove(it, &stream).await?)).await?;
            ensure!(removed, "nothing was published to a stream {stream}");
            ehb_console::say("removed");
            Ok(())
        }
    }
}

async fn add(options: AddHook) -> anyhow::Result<()> {
    if let Err(reason) = hook::check_url(&options.url) {
        bail!(reason);
    }
    let new = NewWebhook {
        url: options.url,
        module: options.module.map(|it| it.to_string()),
        name: options.name.map(|it| it.to_string()),
        address: options.address,
        from_height: options.from,
        owner: None,
    };
    let added = with(&options.target, async |it| Ok(hook::add(it, &new).await?)).await?;
    let Some((id, secret)) = added else { bail!("the maximum number of webhooks is reached") };
    Ok(ehb_console::json(&json!({"id": id, "secret": secret}))?)
}

/// Prints each item as one line of JSON.
fn print(items: &[impl serde::Serialize]) -> anyhow::Result<()> {
    for item in items {
        ehb_console::result(&serde_json::to_string(item)?)?;
    }
    Ok(())
}

/// Does something with a connection to the migrated database.
async fn with<T>(
    target: &Target,
    act: impl AsyncFnOnce(&mut PgConnection) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut database = target.open()?;
    let done = async {
        let mut connection = database.connect().await?;
        schema::check(&mut connection).await?;
        act(&mut connection).await
    };
    let done = done.await;
    database.close().await;
    done
}
