#!/bin/sh
# Makes the virtual environment .venv with the oldest Python that will do (3.11 or newer); installs python3-venv first where Debian left it out.
set -eu

here=$(dirname "$0")
venv=${1:-.venv}
[ -x "$venv/bin/python" ] && "$venv/bin/python" -m pip --version >/dev/null 2>&1 && exit 0

python=""
for candidate in ${PYTHON:-} python3.11 python3 python3.12 python3.13; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    "$here/apt-install.sh" python3
    python=python3
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed" >&2; exit 1; }
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    "$here/apt-install.sh" python3-venv
fi
"$python" -m venv "$venv"
