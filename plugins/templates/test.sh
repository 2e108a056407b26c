#!/bin/sh
# A filter in each language, from `rialto filter new` to its cases, with the real tools.
# usage: test.sh RIALTO WORKDIR        A project that did not change is not built again.
set -eu
rialto=$1
mkdir -p "$2"
work=$(cd "$2" && pwd)
export RIALTO_CACHE_DIR="$work/compiled"

build() {
    case $1 in
    rust)
        cargo test --quiet --target-dir "$work/cargo"
        cargo build --quiet --target-dir "$work/cargo" --target wasm32-wasip2 --profile filter
        cp "$work/cargo/wasm32-wasip2/filter/template_rust.wasm" filter.wasm
        ;;
    # Not `npm ci`: it also wants optional packages for other machines, which the lock file does not have.
    js) npm install --silent --no-audit --no-fund && npm run --silent build ;;
    python) make --silent ;;
    esac
}

for lang in rust js python; do
    if [ $lang = python ] && ! python3 -c "import venv, ensurepip" 2>/dev/null; then
        echo "SKIPPED: the Python template was NOT tested; python3 with venv and pip is missing" >&2
        continue
    fi
    fresh="$work/$lang.new"
    rm -rf "$fresh"
    "$rialto" filter new --lang $lang --dir "$fresh" template-$lang >/dev/null
    digest=$(cd "$fresh" && find . -type f -exec cksum {} + | sort | cksum | tr ' ' -)
    project="$work/$lang-$digest"
    if [ ! -f "$project/filter.wasm" ]; then
        rm -rf "$work/$lang"-*
        mv "$fresh" "$project"
        echo "building the $lang template"
        (cd "$project" && build $lang) || { rm -f "$project/filter.wasm"; exit 1; }
    fi
    (cd "$project" && "$rialto" filter check filter.wasm && "$rialto" filter test filter.wasm)
done
rm -rf "$work"/*.new
