#!/bin/sh
# Measures Rialto and the peer in turns: compare.sh RIALTO RIALTO_LOAD [options of `rialto-load compare`]
# COMMIT says how the peer commits: "statement" (a message each in one round trip, unless given), "transaction" (the same
# step by step), "group" (several messages). Both keep their data on one disk, in a new directory
# below DIRECTORY (/var/tmp unless given, as /tmp may be memory), and run with their default settings, but that a hundred
# people who write fifty messages a second each are no flood here: by default each of them would be labelled and recorded.
set -eu
rialto=$1 load=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
directory=$(mktemp -d "${DIRECTORY:-/var/tmp}/rialto-compare.XXXXXX")
# The database runs as a user of its own.
chmod 755 "$directory"
ours=${OURS_PORT:-4101} theirs=${PEER_PORT:-4100}
stop() {
  trap - EXIT INT TERM
  kill "$peer" "$engine" 2> /dev/null || true
  wait 2> /dev/null || true
  rm -rf "$directory"
}
"$here/graphql-ws/run.sh" "$directory/peer" "$theirs" --commit "${COMMIT:-statement}" &
peer=$!
RIALTO_FILTERS__CONFIG_FILES__FLOOD="$here/../load/flood.json" \
  "$rialto" serve --listen "127.0.0.1:$ours" --data-dir "$directory/rialto" > "$directory/rialto.log" 2>&1 &
engine=$!
trap stop EXIT
trap 'stop; exit 1' INT TERM
ready() { curl --silent --fail --output /dev/null "http://127.0.0.1:$1/health/ready"; }
tries=0
until ready "$theirs" && ready "$ours"; do
  tries=$((tries + 1))
  [ "$tries" -le 600 ] || { echo "the servers did not start:" >&2; tail "$directory/rialto.log" >&2; exit 1; }
  sleep 0.2
done
# Syncs are counted by the kernel, where it lets us.
traced=$(perf stat -e syscalls:sys_enter_fsync true > /dev/null 2>&1 && echo --trace-syncs || true)
# shellcheck disable=SC2046,SC2086
"$load" compare --url "http://127.0.0.1:$ours" --data-dir "$directory/rialto" --pid "$engine" \
  --operations "$here/../load/operations/rialto" --peer-operations "$here/../load/operations/peer" \
  --peer-url "http://127.0.0.1:$theirs" --peer-data-dir "$directory/peer" \
  $(sed 's/--pid/--peer-pid/g' "$directory/peer/pids") $traced "$@"
