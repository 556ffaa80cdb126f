//! A client that sends exactly the bytes it is given and reads one reply.
//! It follows nothing, decompresses nothing and repairs nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::harness::TestServer;

/// A reply as it came.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Names in lower case with their values, in order.
    pub headers: Vec<(String, String)>,
    /// The body, with chunks joined.
    pub body: Vec<u8>,
}

impl Reply {
    /// The value of a header; panics when it is there twice. Of several cookies, the first.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name);
        let value = values.next();
        assert!(name == "set-cookie" || values.next().is_none(), "{name} is there twice");
        value.map(|(_, value)| value.as_str())
    }

    /// The cookie of this name that is set, as a browser sends it back.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.headers.iter().filter(|(known, _)| known == "set-cookie");
        let mut pairs = cookies.filter_map(|(_, cookie)| cookie.split(';').next());
        pairs.find(|pair| pair.split('=').next() == Some(name))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The sentence in a JSON error; panics when the body is not one.
    pub fn error(&self) -> String {
        let json: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        json["error"].as_str().unwrap().to_owned()
    }
}

/// A connection that stays open over several requests.
pub struct Client {
    reader: BufReader<TcpStream>,
}

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { reader: BufReader::new(stream) }
    }

    /// Sends a request; the target goes out as it is.
    pub fn send(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        let mut request = format!("{method} {target} HTTP/1.1\r\nHost: ferric.test\r\n").into_bytes();
        for (name, value) in headers {
            request.extend(format!("{name}: ").bytes());
            // Latin-1, so that tests can send any byte.
            request.extend(value.chars().map(|sign| u8::try_from(u32::from(sign)).unwrap()));
            request.extend(b"\r\n");
        }
        if !body.is_empty() {
            request.extend(format!("Content-Length: {}\r\n", body.len()).bytes());
        }
        request.extend(b"\r\n");
        request.extend(body);
        self.reader.get_mut().write_all(&request).unwrap();
    }

    /// Sends a text as it is.
    pub fn send_text(&mut self, text: &str) {
        self.reader.get_mut().write_all(text.as_bytes()).unwrap();
    }

    /// Waits for the server to close the connection; false when more arrives instead, or nothing for long.
    pub fn is_closed(&mut self) -> bool {
        match self.reader.read(&mut [0]) {
            Ok(read) => read == 0,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }

    /// Reads status line and headers.
    pub fn read_head(&mut self) -> Reply {
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap_or_else(|| panic!("no status in {line:?}")).parse().unwrap();
        let mut headers = Vec::new();
        loop {
            line.clear();
            self.reader.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        Reply { status, headers, body: Vec::new() }
    }

    /// Reads a whole reply to a request made with `method`.
    pub fn read_reply(&mut self, method: &str) -> Reply {
        let mut reply = self.read_head();
        let bodiless = method == "HEAD" || reply.status == 204 || reply.status == 304;
        if bodiless {
            return reply;
        }
        if reply.header("transfer-encoding") == Some("chunked") {
            loop {
                let mut size = String::new();
                self.reader.read_line(&mut size).unwrap();
                let size = usize::from_str_radix(size.trim(), 16).unwrap();
                let mut chunk = vec![0; size + 2];
                self.reader.read_exact(&mut chunk).unwrap();
                if size == 0 {
                    break;
                }
                reply.body.extend(&chunk[..size]);
            }
        } else {
            let length = reply.header("content-length").expect("a length").parse().unwrap();
            reply.body.resize(length, 0);
            self.reader.read_exact(&mut reply.body).unwrap();
        }
        reply
    }

    /// Reads what is there, at most `buffer`.
    pub fn read_some(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl TestServer {
    /// One request on a connection of its own.
    pub fn request(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Reply {
        self.request_with_body(method, target, headers, "")
    }

    /// One request with a body.
    pub fn request_with_body(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Reply {
        let mut client = Client::connect(self.address);
        client.send(method, target, headers, body);
        client.read_reply(method)
    }

    /// A plain GET.
    pub fn get(&self, target: &str) -> Reply {
        self.request("GET", target, &[])
    }
}
