#!/usr/bin/env bash
# Where Chromium is; Debian's package and a Chinese font are installed where they are absent.
set -euo pipefail

install() {
    [ "$(id -u)" = 0 ] || { echo "chromium or fonts-noto-cjk is not installed" >&2; exit 3; }
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-noto-cjk; } >&2
}

command -v chromium >/dev/null && [ -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ] || install
command -v chromium
