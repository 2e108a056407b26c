#!/bin/sh
# Runs the peer with a PostgreSQL of its own in a new directory: run.sh DIRECTORY [PORT] [--commit statement|transaction|group]
# The database has its default durability: fsync and synchronous_commit are on. DIRECTORY then holds `token.secret`, which
# signs tokens, and `pids`, what to measure. Stops both on SIGINT and SIGTERM.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
directory=$1 port=${2:-4100}
[ $# -ge 2 ] && shift 2 || shift 1
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
bin=$(dirname "$(readlink -f "$(command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres | sort -V | tail -n 1)")")
# The database refuses to run as root.
if [ "$(id -u)" = 0 ]; then user=postgres; as() { runuser -u postgres -- "$@"; }; else user=$(id -un); as() { "$@"; }; fi

[ -s "$directory/token.secret" ] || od -An -N32 -tx1 /dev/urandom | tr -d ' \n' > "$directory/token.secret"
database=$directory/postgres
[ -d "$database" ] && { echo "$database exists: the peer wants a new directory" >&2; exit 1; }
mkdir "$database"
[ "$user" = postgres ] && [ "$(id -u)" = 0 ] && chown postgres "$database"
cd "$database"
as "$bin/initdb" --username=postgres --auth=trust --encoding=UTF8 --no-locale "$database/data" > /dev/null
as "$bin/postgres" -D "$database/data" -k "$database" -c listen_addresses= > "$directory/postgres.log" 2>&1 &
wrapper=$!
until "$bin/pg_isready" -q -h "$database"; do sleep 0.1; done
postgres=$(head -n 1 "$database/data/postmaster.pid")
# The database last, or its clients would end with an error.
stop() { kill "$node" 2> /dev/null || true; wait "$node" || true; kill -INT "$postgres" 2> /dev/null || true; wait "$wrapper" || true; }
"$bin/psql" -q -h "$database" -U postgres -d postgres -v ON_ERROR_STOP=1 -f "$here/schema.sql"
[ -d "$here/node_modules" ] || (cd "$here" && npm ci --no-audit --no-fund)
NODE_ENV=production node "$here/server.js" --port "$port" --secret "$directory/token.secret" --database-socket "$database" "$@" &
node=$!
trap 'stop; exit 0' INT TERM
echo "--pid $node --pid $postgres" > "$directory/pids"
wait "$node" || true
stop
