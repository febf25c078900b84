//! Access tokens (JWT, RFC 7519, HS256) and refresh tokens (opaque).
//!
//! The successor of a refresh token is an HMAC of it, so the answer to a repeated
//! refresh can be made again and need not be kept anywhere. Without the server's
//! secret nobody gets from one token to the next.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use types::{
    AccountId, Code, LoginId,
    accounts::{Actor, Role, TokenPair},
};

use super::logins::Logins;
use crate::{Error, Result, keyed};

const AUDIENCE: &str = "eventsphere-api";
/// Longer ones are not ours; they are not even decoded.
const LONGEST: usize = 2048;

/// Signs and checks tokens; knows which logins are revoked.
pub struct Tokens {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
    chain: [u8; 32],
    issuer: String,
    pub(super) logins: Logins,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The account.
    sub: AccountId,
    /// The login: revoking it ends the token.
    sid: LoginId,
    role: Role,
    iat: i64,
    exp: i64,
    jti: String,
}

/// What a pair is made from; the same ingredients give the same pair.
pub(super) struct Ingredients {
    pub account: AccountId,
    pub login: LoginId,
    pub role: Role,
    pub at: Timestamp,
    pub lives_for: SignedDuration,
    pub refresh_token: String,
}

impl Tokens {
    /// Keys are derived from `secret` (at least 32 random bytes); `public_url` is the issuer.
    pub fn new(secret: &[u8], public_url: &str) -> Self {
        let access = keyed::mac(secret, &[b"access tokens"]);
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[public_url]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        validation.leeway = 0;
        // Against the injected clock, in `check`.
        validation.validate_exp = false;
        Self {
            signing: EncodingKey::from_secret(&access),
            checking: DecodingKey::from_secret(&access),
            validation,
            chain: keyed::mac(secret, &[b"refresh tokens"]),
            issuer: public_url.to_owned(),
            logins: Logins::default(),
        }
    }

    pub(super) fn pair(&self, from: Ingredients) -> Result<TokenPair> {
        let iat = from.at.as_second();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: from.account,
            sid: from.login,
            role: from.role,
            iat,
            exp: iat + from.lives_for.as_secs(),
            jti: URL_SAFE_NO_PAD.encode(&self.derive("jti ", &from.refresh_token)[..16]),
        };
        let access_token = encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .map_err(Error::internal)?;
        Ok(TokenPair {
            access_token,
            token_type: "Bearer".to_owned(),
            expires_in: from.lives_for.as_secs(),
            refresh_token: from.refresh_token,
        })
    }

    /// The refresh token that follows another one.
    pub(super) fn successor(&self, refresh_token: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.derive("next ", refresh_token))
    }

    fn derive(&self, purpose: &str, refresh_token: &str) -> [u8; 32] {
        keyed::mac(&self.chain, &[purpose.as_bytes(), refresh_token.as_bytes()])
    }

    pub(super) fn check(&self, access_token: &str, now: Timestamp) -> Result<Actor> {
        if access_token.len() > LONGEST {
            return Err(Error::new(Code::InvalidToken));
        }
        let claims = decode::<Claims>(access_token, &self.checking, &self.validation)
            .map_err(|error| Error::new(Code::InvalidToken).because(error))?
            .claims;
        if claims.exp <= now.as_second() || self.logins.is_revoked(claims.sid) {
            return Err(Error::new(Code::InvalidToken));
        }
        Ok(Actor::Account {
            id: claims.sub,
            login: claims.sid,
            role: claims.role,
        })
    }
}

/// A first refresh token from 32 random bytes.
pub(super) fn first(secret: [u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(secret)
}

/// What is stored of a token.
pub(super) fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn tokens() -> Tokens {
        Tokens::new(&[1; 32], "https://tickets.example.org")
    }

    fn ingredients() -> Ingredients {
        Ingredients {
            account: Uuid::from_u128(1).into(),
            login: Uuid::from_u128(2).into(),
            role: Role::Organizer,
            at: NOW,
            lives_for: SignedDuration::from_mins(15),
            refresh_token: "first".into(),
        }
    }

    fn refused(tokens: &Tokens, token: &str) -> bool {
        tokens
            .check(token, NOW)
            .is_err_and(|error| error.code == Code::InvalidToken)
    }

    #[test]
    fn a_token_says_who_it_is_until_it_expires() {
        let tokens = tokens();
        let token = tokens.pair(ingredients()).unwrap().access_token;
        let actor = Actor::Account {
            id: Uuid::from_u128(1).into(),
            login: Uuid::from_u128(2).into(),
            role: Role::Organizer,
        };
        assert_eq!(tokens.check(&token, NOW).unwrap(), actor);
        assert!(
            tokens
                .check(&token, NOW + SignedDuration::from_secs(899))
                .is_ok()
        );
        assert!(
            tokens
                .check(&token, NOW + SignedDuration::from_secs(900))
                .is_err()
        );
    }

    #[test]
    fn the_same_ingredients_make_the_same_pair() {
        let pair = || serde_json::to_value(tokens().pair(ingredients()).unwrap()).unwrap();
        assert_eq!(pair(), pair());
        assert_eq!(tokens().successor("a"), tokens().successor("a"));
        assert_ne!(tokens().successor("a"), tokens().successor("b"));
    }

    #[test]
    fn forged_tokens_are_refused() {
        let tokens = tokens();
        let token = tokens.pair(ingredients()).unwrap().access_token;
        let parts: Vec<_> = token.split('.').collect();
        let none = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#),
            parts[1]
        );
        let other_alg = format!(
            "{}.{}.{}",
            URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"HS512"}"#),
            parts[1],
            parts[2]
        );
        let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        let admin = format!(
            "{}.{}.{}",
            parts[0],
            URL_SAFE_NO_PAD.encode(claims.replace("organizer", "admin")),
            parts[2]
        );
        for forged in [
            "",
            "x",
            "a.b.c",
            &none,
            &other_alg,
            &admin,
            &"a".repeat(5000),
        ] {
            assert!(refused(&tokens, forged), "{forged}");
        }
        let elsewhere = Tokens::new(&[1; 32], "https://other.example.org")
            .pair(ingredients())
            .unwrap()
            .access_token;
        let other_secret = Tokens::new(&[2; 32], "https://tickets.example.org")
            .pair(ingredients())
            .unwrap()
            .access_token;
        assert!(refused(&tokens, &elsewhere) && refused(&tokens, &other_secret));
    }

    #[test]
    fn a_token_for_another_audience_is_refused() {
        let tokens = tokens();
        let claims = serde_json::json!({
            "iss": "https://tickets.example.org", "aud": "somebody-else", "sub": Uuid::from_u128(1), "sid": Uuid::from_u128(2),
            "role": "admin", "iat": NOW.as_second(), "exp": NOW.as_second() + 900, "jti": "x",
        });
        let token = encode(&Header::new(Algorithm::HS256), &claims, &tokens.signing).unwrap();
        assert!(refused(&tokens, &token));
    }
}
