#!/bin/sh
# Makes the secrets that compose.yaml reads: a password for the database, and the database's address with it. What is
# there already stays as it is.
set -eu
cd "$(dirname "$0")"

in_file() { # what .env says of a name
    if [ -f .env ]; then sed -n "s/^$1=//p" .env | tail -n 1; fi
}

folder=${MILEPOST_SECRETS:-$(in_file MILEPOST_SECRETS)}
folder=${folder:-./secrets}
user=${POSTGRES_USER:-$(in_file POSTGRES_USER)}
database=${POSTGRES_DB:-$(in_file POSTGRES_DB)}

# Only its owner gets into the folder; the files are readable, as the containers' users are others than this one.
mkdir -p "$folder"
chmod 700 "$folder"
umask 022
if [ ! -s "$folder/postgres_password" ]; then
    head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n' > "$folder/postgres_password"
    echo "made $folder/postgres_password"
fi
if [ ! -s "$folder/database_url" ]; then
    printf 'postgresql://%s:%s@postgres:5432/%s' \
        "${user:-milepost}" "$(cat "$folder/postgres_password")" "${database:-milepost}" \
        > "$folder/database_url"
    echo "made $folder/database_url"
fi
