#!/usr/bin/env bash
# Private database servers for tests: installs Debian's packages where they are absent, then serves from a folder.
#
#   databases.sh postgres FOLDER PORT    superuser "curate", password $DATABASE_PASSWORD, until the process ends
#   databases.sh mariadb FOLDER PORT     user "curate" likewise, with all rights on the database "expo"
set -euo pipefail
kind=$1 folder=$2 port=$3

have() { command -v "$1" >/dev/null || ls /usr/lib/postgresql/*/bin/"$1" >/dev/null 2>&1; }
install() {
    [ "$(id -u)" = 0 ] || { echo "$1 is not installed" >&2; exit 3; }
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$1"; } >&2
}
# servers refuse to run as root
as() { if [ "$(id -u)" = 0 ]; then exec runuser -u "$1" -- "${@:2}"; else exec "${@:2}"; fi; }
run() { (as "$@"); }

mkdir -p "$folder"
case $kind in
postgres)
    have initdb || install postgresql
    bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -1)")
    [ "$(id -u)" != 0 ] || chown postgres "$folder"
    printf %s "$DATABASE_PASSWORD" >"$folder.password"
    chmod 644 "$folder.password"
    run postgres "$bin/initdb" -D "$folder/data" -U curate -A scram-sha-256 --pwfile "$folder.password" -E UTF8 --locale C >&2
    rm "$folder.password"
    as postgres "$bin/postgres" -D "$folder/data" -p "$port" -h 127.0.0.1 -k "$folder" -c fsync=off
    ;;
mariadb)
    have mariadbd || install mariadb-server
    [ "$(id -u)" != 0 ] || chown mysql "$folder"
    run mysql mariadb-install-db --no-defaults --datadir="$folder/data" --auth-root-authentication-method=normal >&2
    cat >"$folder/start.sql" <<SQL
CREATE DATABASE IF NOT EXISTS expo CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS 'curate'@'127.0.0.1' IDENTIFIED BY '$DATABASE_PASSWORD';
GRANT ALL ON expo.* TO 'curate'@'127.0.0.1';
SQL
    as mysql mariadbd --no-defaults --datadir="$folder/data" --port="$port" --bind-address=127.0.0.1 \
        --socket="$folder/socket" --pid-file="$folder/pid" --init-file="$folder/start.sql" --skip-name-resolve
    ;;
esac
