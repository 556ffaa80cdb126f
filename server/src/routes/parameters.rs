//! The parameters of a request that changes something: those of its address and of its body are one set.
//! What they mean is decided by the route that asks for them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::header;
use model::ErrorKind;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::error::ApiError;

/// Parameters by name. Whatever is in doubt is refused, for a parameter that was overlooked can mean that everything
/// is deleted: two values for one name, an unknown name, an empty value, a body of another kind.
#[derive(Debug, Default)]
pub(super) struct Parameters(BTreeMap<String, String>);

impl<S: Send + Sync> FromRequest<S> for Parameters {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()) {
            parameters.add(&name, &value)?;
        }
        let content_type = request.headers().get(header::CONTENT_TYPE).map(|kind| kind.as_bytes().to_vec());
        let body = Bytes::from_request(request, state).await.map_err(|_| invalid("The body could not be read."))?;
        // Clients name a content type for empty bodies, too.
        if body.is_empty() {
            return Ok(parameters);
        }
        match Encoding::of(content_type.as_deref()) {
            Some(Encoding::Form) => {
                for (name, value) in form_urlencoded::parse(&body) {
                    parameters.add(&name, &value)?;
                }
            }
            Some(Encoding::Json) => {
                let object: Object = serde_json::from_slice(&body)
                    .map_err(|_| invalid("The body is not a JSON object of texts, numbers, true and false."))?;
                for (name, value) in object.0 {
                    parameters.add(&name, &value)?;
                }
            }
            None => return Err(invalid("Send parameters in the address, as a form or as JSON.")),
        }
        Ok(parameters)
    }
}

impl Parameters {
    fn add(&mut self, name: &str, value: &str) -> Result<(), ApiError> {
        let value = value.trim();
        if value.is_empty() {
            return Err(invalid(format!("“{name}” is empty: give it a value, or leave it out.")));
        }
        match self.0.insert(name.to_owned(), value.to_owned()) {
            Some(other) if other != value => Err(invalid(format!("“{name}” has two values, “{other}” and “{value}”."))),
            _ => Ok(()),
        }
    }

    /// Refuses every name that is not one of these.
    pub(super) fn only(self, known: &[&str]) -> Result<Self, ApiError> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(invalid(format!("“{name}” is not known here; there is {}.", known.join(", ")))),
            None => Ok(self),
        }
    }

    /// The value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a parameter that is a number or the like; `refusal` is the sentence for all other texts.
    pub(super) fn parse<T: FromStr>(&self, name: &str, refusal: &str) -> Result<Option<T>, ApiError> {
        self.get(name).map(|value| value.parse().map_err(|_| invalid(refusal))).transpose()
    }

    /// A switch, off unless it is turned on.
    pub(super) fn switch(&self, name: &str) -> Result<bool, ApiError> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            Some("true" | "1" | "yes" | "on") => Ok(true),
            None | Some("false" | "0" | "no" | "off") => Ok(false),
            Some(_) => Err(invalid(format!("“{name}” is true or false."))),
        }
    }
}

fn invalid(sentence: impl Into<String>) -> ApiError {
    ApiError::new(ErrorKind::Invalid, sentence)
}

/// How a body carries parameters.
enum Encoding {
    Form,
    Json,
}

impl Encoding {
    fn of(content_type: Option<&[u8]>) -> Option<Self> {
        let essence = content_type?.split(|&byte| byte == b';').next()?.trim_ascii();
        if essence.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
            Some(Self::Form)
        } else if essence.eq_ignore_ascii_case(b"application/json") {
            Some(Self::Json)
        } else {
            None
        }
    }
}

/// The members of a JSON object. A map would drop the first of two with the same name without a word.
struct Object(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    let value = match value {
                        Value::String(text) => text,
                        Value::Number(number) => number.to_string(),
                        Value::Bool(value) => value.to_string(),
                        Value::Null | Value::Array(_) | Value::Object(_) => {
                            return Err(serde::de::Error::custom("neither text, number, true nor false"));
                        }
                    };
                    members.push((name, value));
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
