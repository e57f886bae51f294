//! A network in between: a proxy on loopback, through which everything arrives later, in both directions, and in order.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// The port of a server that is so far away. It is there as long as this process is.
pub(crate) fn away(port: u16, way: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let far = listener.local_addr().expect("its address").port();
    thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
                return;
            };
            for (from, to) in [(&near, &server), (&server, &near)] {
                let (from, to) = (from.try_clone(), to.try_clone());
                carry(from.expect("a socket"), to.expect("a socket"), way);
            }
        }
    });
    far
}

fn carry(mut from: TcpStream, mut to: TcpStream, way: Duration) {
    to.set_nodelay(true).expect("a socket");
    let (sends, arrives) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut room = vec![0; 64 << 10];
        while let Ok(bytes @ 1..) = from.read(&mut room) {
            let _ = sends.send((Instant::now() + way, room[..bytes].to_vec()));
        }
    });
    thread::spawn(move || {
        for (at, bytes) in arrives {
            thread::sleep(at.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
