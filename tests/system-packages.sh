#!/bin/sh
# Installs the Debian packages that tests need where we are root; else names them, and goes on: the tests that
# need one then fail and say so.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
# The YAML language server of editors runs on Node.js; npm fetches it.
command -v node >/dev/null 2>&1 || missing="$missing nodejs"
command -v npm >/dev/null 2>&1 || missing="$missing npm"
# Java runs the broker of the tests, Maven fetches it; neither is needed where one is named, or none is wanted.
if [ -z "${MILEPOST_TEST_KAFKA:-}" ] && [ "${MILEPOST_SKIP_KAFKA:-}" != 1 ]; then
    command -v java >/dev/null 2>&1 || missing="$missing openjdk-17-jre-headless"
    command -v mvn >/dev/null 2>&1 || missing="$missing maven"
fi
# The mail server of the tests; it must be root to run, so it is of use to nobody else.
if [ "$(id -u)" = 0 ] && [ "${MILEPOST_SKIP_POSTFIX:-}" != 1 ]; then
    command -v postfix >/dev/null 2>&1 || missing="$missing postfix"
fi
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests:$missing …"
    apt-get update -qq >/dev/null
    # Newer Debians have a newer Java only.
    apt-cache show openjdk-17-jre-headless >/dev/null 2>&1 \
        || missing=$(echo "$missing" | sed s/openjdk-17-jre-headless/default-jre-headless/)
    # Of Postfix only the programs: no mail server of this machine's own is set up, and none is started.
    case "$missing" in
    *postfix*)
        echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
        [ -e /usr/sbin/policy-rc.d ] || {
            printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
            chmod +x /usr/sbin/policy-rc.d
            trap 'rm /usr/sbin/policy-rc.d' EXIT
        }
        ;;
    esac
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "The tests need Debian packages that are missing. As root: apt-get install$missing"
fi
