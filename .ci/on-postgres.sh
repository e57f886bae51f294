#!/usr/bin/env bash
# Runs a program on a PostgreSQL server of its own: `on-postgres.sh BIN PROGRAM [ARGUMENT ..]`, where BIN is the folder of
# the server's programs. The program finds it by DATABASE_URL; at the end it is stopped, and nothing of it stays.
set -euo pipefail

bin=$1
shift
home=$(mktemp -d)
# The server refuses to be root's.
server() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid postgres --regid postgres --clear-groups env -C "$home" "$@"
  else
    env -C "$home" "$@"
  fi
}
stop() {
  server "$bin/pg_ctl" -D "$home/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$home"
}
trap stop EXIT
[ "$(id -u)" != 0 ] || chown postgres "$home"

server "$bin/initdb" --auth=trust --username=herd --encoding=UTF8 --no-sync data >/dev/null
# Only now: it is free until somebody else asks for a port.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
server "$bin/pg_ctl" -D data -l log -w -o "-h 127.0.0.1 -p $port -k $home -c fsync=off" start >/dev/null ||
  { cat "$home/log"; exit 1; }
DATABASE_URL=postgres://herd@127.0.0.1:$port/postgres "$@"
