//! Sign-in with the keys of an account, and sessions.
//!
//! Neither a challenge nor a session is stored: both are sealed with the database's secret, so any server of the database
//! takes them. Who the client is, is read from the tables with each answer: a session ends with the block that takes away
//! the account, its organisation or its keys.

use ehb_sdk::SignIn;
use ehb_sdk::api::SignatureView;
use ehb_types::{KEYS_MAX, Policy, PublicKey, TransactionSignature};
use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::cursor::Secret;
use super::failure::Failure;
use super::resource::Resource;
use crate::progress::now_ms;

/// How long a challenge can be answered, and how long a session lasts, seconds.
const CHALLENGE_S: u64 = 120;
const SESSION_S: u64 = 12 * 3_600;
/// The purposes of sealed texts.
const CHALLENGE: &str = "challenge";
const SESSION: &str = "session";
/// The cookie of a session.
const COOKIE_NAME: &str = "ehb_session";
/// The role of the whole network whose holders see all rows.
const AUDITOR: &str = "auditor";

/// Who may read what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Everybody reads everything.
    #[default]
    Open,
    /// Accounts of the chain read everything.
    SignedIn,
    /// Accounts of the chain read the rows of their organisation, and what a market shows to everybody.
    Organisation,
}

/// What a client proved, as its session says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    account: String,
    signers: Vec<PublicKey>,
    expires_s: u64,
}

/// A signed-in account, as the tables have it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    pub(crate) account: String,
    pub(crate) organisation: String,
    pub(crate) roles: Vec<String>,
    /// Whether it sees the rows of all organisations where rows are limited.
    pub(crate) sees_all: bool,
    pub(crate) expires_s: u64,
}

/// The answer to a challenge.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignedChallenge {
    challenge: String,
    signatures: Vec<SignatureView>,
}

/// A request's right to read.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    access: Access,
    claims: Option<Claims>,
}

impl Caller {
    /// The caller with the session in the headers of a request, if there is one.
    pub(crate) fn of(
        access: Access,
        secret: &Secret,
        headers: &HeaderMap,
    ) -> Result<Self, Failure> {
        let Some(token) = token(headers) else { return Ok(Self { access, claims: None }) };
        let bytes = secret.open(SESSION, token);
        let claims = bytes.and_then(|it| serde_json::from_slice::<Claims>(&it).ok());
        // Where nobody needs a session, an old one is no reason to refuse anything.
        if claims.is_none() && access != Access::Open {
            return Err(ended("this is not a session of this server"));
        }
        Ok(Self { access, claims })
    }

    /// The server itself, for an answer whose own query selects what the client may see.
    pub(crate) fn itself() -> Self {
        Self { access: Access::Open, claims: None }
    }

    /// Whether it reads only as long as its session lasts.
    pub(crate) fn needs_session(&self) -> bool {
        self.access != Access::Open
    }

    /// Whether the time of its session is over.
    pub(crate) fn has_expired(&self) -> bool {
        self.claims.as_ref().is_none_or(|it| it.expires_s <= now_s())
    }

    /// Whether it reads less than everything.
    pub(crate) fn is_limited(&self) -> bool {
        self.access == Access::Organisation
    }

    /// Checks that the caller may read, in the tables of a transaction. From here on the transaction reads only what the
    /// caller sees.
    pub(crate) async fn enter(&self, connection: &mut PgConnection) -> Result<(), Failure> {
        let member = match (&self.claims, self.access) {
            (_, Access::Open) => return Ok(()),
            (None, _) => return Err(ended("this server shows its data to accounts of the chain")),
            (Some(claims), _) => member(connection, claims).await?,
        };
        if self.access == Access::Organisation && !member.sees_all {
            crate::schema::organisation::read_as(connection, &member.organisation).await?;
        }
        Ok(())
    }

    /// Whether the caller may read a list at all. Errors: one that is computed from the rows of all organisations, where
    /// callers see those of their own.
    pub(crate) async fn may_list(
        &self,
        connection: &mut PgConnection,
        resource: &Resource,
    ) -> Result<(), Failure> {
        if !resource.of_all || !self.is_limited() || self.member(connection).await?.sees_all {
            return Ok(());
        }
        Err(Failure::Forbidden(format!(
            "{} adds rows of all organisations: here only accounts with the role auditor read it",
            resource.name
        )))
    }

    /// The account that is signed in.
    pub(crate) async fn member(&self, connection: &mut PgConnection) -> Result<Member, Failure> {
        let claims = self.claims.as_ref().ok_or_else(|| ended("nobody is signed in"))?;
        member(connection, claims).await
    }
}

/// A challenge for an account. `host` is the name under which the client addresses the server.
pub(crate) async fn challenge(
    connection: &mut PgConnection,
    secret: &Secret,
    host: &str,
    account: &str,
) -> Result<SignIn, Failure> {
    let valid = !account.is_empty()
        && account.len() <= 128
        && account.bytes().all(|it| it.is_ascii_alphanumeric());
    if !valid {
        return Err(Failure::Value {
            name: "account".to_owned(),
            value: account.chars().take(128).collect(),
            expected: "the address of an account",
        });
    }
    let chain: Option<String> = sqlx::query_scalar("select genesis_hash from chain.cursor")
        .fetch_optional(connection)
        .await?;
    let chain = chain.and_then(|it| it.parse().ok());
    let chain = chain.ok_or_else(|| Failure::Database("it has no chain yet".to_owned()))?;
    let (host, account) = (host.to_owned(), account.to_owned());
    let (expires_s, nonce) = (now_s().saturating_add(CHALLENGE_S), String::new());
    let mut made = SignIn { host, account, chain, expires_s, nonce };
    made.nonce = secret.proof(CHALLENGE, &proven(&made));
    Ok(made)
}

/// What the nonce of a challenge proves.
fn proven(challenge: &SignIn) -> Vec<u8> {
    let SignIn { host, account, chain, expires_s, nonce: _ } = challenge;
    format!("{host} {account} {chain} {expires_s}").into_bytes()
}

/// Opens a session for an account that signed a challenge of this server. Returns its token, and the account.
pub(crate) async fn open(
    connection: &mut PgConnection,
    secret: &Secret,
    host: &str,
    body: &[u8],
) -> Result<(String, Member), Failure> {
    let answer: SignedChallenge =
        serde_json::from_slice(body).map_err(|error| Failure::Body(error.to_string()))?;
    let challenge: SignIn =
        answer.challenge.parse().map_err(|error| Failure::Body(format!("{error}")))?;
    let is_ours = secret.proves(CHALLENGE, &proven(&challenge), &challenge.nonce);
    if !is_ours || challenge.host != host {
        return Err(ended("the challenge is not one of this server"));
    }
    if challenge.expires_s <= now_s() {
        return Err(ended("the challenge has expired"));
    }
    if answer.signatures.len() > KEYS_MAX {
        return Err(Failure::Body(format!("it has more than {KEYS_MAX} signatures")));
    }
    let signatures: Vec<TransactionSignature> = answer
        .signatures
        .iter()
        .map(|it| TransactionSignature { key: it.key, signature: it.signature })
        .collect();
    let account = account(connection, &challenge.account).await?;
    challenge.verify(&account.policy, &signatures).map_err(|error| ended(&error.to_string()))?;
    let claims = Claims {
        account: challenge.account,
        signers: signatures.iter().map(|it| it.key).collect(),
        expires_s: now_s().saturating_add(SESSION_S),
    };
    let text = serde_json::to_vec(&claims).map_err(|error| Failure::Body(error.to_string()))?;
    let member = member(connection, &claims).await?;
    Ok((secret.seal(SESSION, &text), member))
}

/// The header that stores a session in a browser, out of reach of its pages; without one, the header that removes it.
pub(crate) fn cookie(token: Option<&str>) -> String {
    let (token, age) = (token.unwrap_or_default(), token.map_or(0, |_| SESSION_S));
    format!("{COOKIE_NAME}={token}; Path=/; Max-Age={age}; HttpOnly; Secure; SameSite=Strict")
}

/// The session in the headers of a request.
fn token(headers: &HeaderMap) -> Option<&str> {
    let bearer =
        headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
    bearer.or_else(|| {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|it| it.to_str().ok());
        let mut cookies = cookies.flat_map(|it| it.split("; "));
        cookies.find_map(|it| it.strip_prefix(COOKIE_NAME)?.strip_prefix('='))
    })
}

/// An account in the tables.
struct AccountNow {
    organisation: String,
    roles: Vec<String>,
    sees_all: bool,
    policy: Policy,
}

async fn account(connection: &mut PgConnection, address: &str) -> Result<AccountNow, Failure> {
    type Row = (Option<String>, Option<String>, bool, Vec<String>, bool);
    let row: Option<Row> = sqlx::query_as(
        "select a.organisation, a.policy::text, a.status = 'active' and coalesce(o.status = 'active', false),
             array(select r.role from edr.role r where r.account = a.address and r.until_height is null
                 and coalesce(r.until_ms > $2::text::numeric, true) order by 1),
             coalesce((select value ? $3 from chain.parameter where name = 'accounts.organisation_roles'
                 order by from_height desc limit 1), true)
         from edr.account a left join edr.organisation o on o.name = a.organisation
         where a.address = $1 and a.kind = 'account'",
    )
    .bind(address)
    .bind(now_ms().to_string())
    .bind(AUDITOR)
    .fetch_optional(connection)
    .await?;
    let Some((Some(organisation), Some(policy), is_active, roles, any_grants_auditor)) = row else {
        return Err(ended("the chain has no such account"));
    };
    if !is_active {
        return Err(ended("the account or its organisation is not active"));
    }
    let policy: Policy = serde_json::from_str(&policy)
        .map_err(|error| Failure::Database(format!("the policy of {address}: {error}")))?;
    // A role that each organisation grants to its own accounts says nothing about the rows of others.
    let sees_all = !any_grants_auditor && roles.iter().any(|role| role == AUDITOR);
    Ok(AccountNow { organisation, roles, sees_all, policy })
}

async fn member(connection: &mut PgConnection, claims: &Claims) -> Result<Member, Failure> {
    if claims.expires_s <= now_s() {
        return Err(ended("the session has expired"));
    }
    let AccountNow { organisation, roles, sees_all, policy } =
        account(connection, &claims.account).await?;
    policy
        .authorise(&claims.signers)
        .map_err(|_| ended("the account has other keys since the session began"))?;
    let (account, expires_s) = (claims.account.clone(), claims.expires_s);
    Ok(Member { account, organisation, roles, sees_all, expires_s })
}

fn ended(why: &str) -> Failure {
    Failure::SignIn(why.to_owned())
}

fn now_s() -> u64 {
    now_ms() / 1_000
}
