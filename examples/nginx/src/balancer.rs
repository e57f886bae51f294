//! nginx, from the distribution's package, in a folder and on a port of its own: no root, no daemon.

use std::{fmt::Write, fs, net::SocketAddr, process::Stdio};

use servers::{Result, child};
use tokio::{net::TcpSocket, process::Command};

use crate::FILES;

/// How to start nginx. Debian has it where only root looks.
pub(crate) fn find() -> Result<&'static str> {
    let found = ["nginx", "/usr/sbin/nginx"].into_iter().find(|program| {
        let mut version = std::process::Command::new(program);
        version.arg("-v").stdin(Stdio::null()).stderr(Stdio::null());
        version.status().is_ok_and(|status| status.success())
    });
    found.ok_or("there is no nginx; install the package of that name".to_owned())
}

/// Until the parent is gone.
pub(crate) async fn balance(by_hash: bool, instances: &[SocketAddr]) -> Result<()> {
    let explain = |error: std::io::Error| format!("can't start nginx: {error}");
    let folder = tempfile::tempdir().map_err(explain)?;
    // Both may bind the port, and only nginx listens: so nobody else gets it before nginx does.
    let port = TcpSocket::new_v4().map_err(explain)?;
    port.set_reuseport(true).map_err(explain)?;
    port.bind(([127, 0, 0, 1], 0).into()).map_err(explain)?;
    let address = port.local_addr().map_err(explain)?;

    let config = folder.path().join("nginx.conf");
    fs::write(&config, configuration(address, by_hash, instances)).map_err(explain)?;
    let mut nginx = Command::new(find()?);
    nginx.args(["-e", "stderr", "-p"]).arg(folder.path());
    nginx.arg("-c").arg(&config);
    child::host(nginx, address).await
}

fn configuration(address: SocketAddr, by_hash: bool, instances: &[SocketAddr]) -> String {
    // The whole of routing. The key is what makes two requests the same.
    let method = if by_hash {
        "hash $request_uri consistent;"
    } else {
        "# Round robin."
    };
    let servers = instances.iter().fold(String::new(), |mut servers, at| {
        let _ = writeln!(servers, "        server {at} max_fails=0;");
        servers
    });
    // One process, so that it ends as one, and takes turns as one.
    format!(
        "\
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events {{
    worker_connections {FILES};
}}
http {{
    access_log off;
    client_body_temp_path client;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    upstream instances {{
        {method}
{servers}    }}
    server {{
        listen {address} reuseport backlog=1024;
        location / {{
            proxy_pass http://instances;
            proxy_next_upstream off; # Nothing is sent twice.
            add_header x-instance $upstream_addr;
        }}
    }}
}}
"
    )
}
