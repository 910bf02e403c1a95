#!/bin/sh
# Fetches the third-party files of the pages from npm, exactly as their packages ship them.
#
# To move to another version: change it here, run `sh static/vendor/update.sh`, change the
# addresses that name the version (templates/layouts, css/schoolgate.css), delete the old folder.
# Needs npm and node; the program itself needs neither, for what this writes is committed.
set -eu

TABLER=1.6.1   # @tabler/core: the style sheet
INTER=5.3.0    # @fontsource-variable/inter: the typeface
HTMX=4.0.1     # htmx.org: pages that answer quicker
ICONS=3.51.0   # @tabler/icons: the drawings in ../icons.svg

vendor=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# unpack PACKAGE VERSION: prints the folder that holds the package's files.
unpack() {
    archive=$(cd "$work" && npm pack --silent "$1@$2")
    mkdir "$work/${archive%.tgz}"
    tar -xzf "$work/$archive" -C "$work/${archive%.tgz}" --strip-components=1
    echo "$work/${archive%.tgz}"
}

# keep FROM FOLDER FILE...: copies these files into vendor/FOLDER, which holds nothing else.
keep() {
    from=$1 folder=$vendor/$2
    shift 2
    rm -rf "$folder"
    mkdir "$folder"
    for file in "$@"; do cp "$from/$file" "$folder/"; done
    chmod 644 "$folder"/*
}

keep "$(unpack @tabler/core $TABLER)" "tabler-core-$TABLER" dist/css/tabler.min.css
# The package names its licence (MIT) but carries no text of it.
cp "$vendor/tabler-LICENSE" "$vendor/tabler-core-$TABLER/LICENSE"

keep "$(unpack @fontsource-variable/inter $INTER)" "inter-$INTER" LICENSE \
    files/inter-latin-wght-normal.woff2 \
    files/inter-latin-ext-wght-normal.woff2 \
    files/inter-vietnamese-wght-normal.woff2

keep "$(unpack htmx.org $HTMX)" "htmx-$HTMX" LICENSE dist/htmx.min.js

# Of the thousands of icons only a sprite of those in use is kept.
icons=$(unpack @tabler/icons $ICONS)
keep "$icons" "tabler-icons-$ICONS" LICENSE
node "$vendor/icons.mjs" "$icons" "$ICONS" > "$vendor/../icons.svg"
