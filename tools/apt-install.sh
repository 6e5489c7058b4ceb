#!/bin/sh
# Installs the Debian packages named in the given files (or as plain arguments). Does nothing when all are there; never starts a service.
set -eu

missing=""
for argument in "$@"; do
    if [ -f "$argument" ]; then
        names=$(sed 's/#.*//' "$argument")
    else
        names=$argument
    fi
    for name in $names; do
        status=$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null || true)
        [ "$status" = installed ] || missing="$missing $name"
    done
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "These programs are missing, and this machine has no apt-get; install their equivalents by hand:$missing" >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
    root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    root="sudo -n"
else
    echo "These packages are missing and need root; please run:" >&2
    echo "    sudo apt-get update && sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi

# Debian starts a server as soon as it is installed; our tests start their own, so nothing may listen because of us.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap '$root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | $root tee "$policy" >/dev/null
    $root chmod 755 "$policy"
fi
echo "Installing Debian packages:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # a list of package names on purpose
if ! $root apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1; then
    $root apt-get update -qq
    $root apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
