#!/bin/sh
# Installs the packages of the named requirements files into .venv: sh tools/env.sh FILE...
#
# After an installation, the script copies the requirements files to .venv/installed/. While the copies equal the
# files, there is nothing to do. The mark .venv/installing exists during an installation. If an earlier call has left
# the mark behind, .venv is unfinished, and the script builds it again.

set -eu
cd "$(dirname "$0")/.."
venv=.venv
python=$venv/bin/python
busy=$venv/installing

say() { echo "$*" >&2; }
die() { say "$*"; exit 1; }
version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }
fits() { case "$(version "$1")" in 3.11 | 3.12 | 3.13 | 3.14 | 3.15) ;; *) return 1 ;; esac; }
has_venv() { "$1" -c 'import venv, ensurepip' >/dev/null 2>&1; }
lives_in_venv() { "$1" -c 'import os, sys; sys.exit(os.path.realpath(sys.prefix) != os.path.realpath(".venv"))'; }

whole() { # whether there is nothing to do
    [ ! -e $busy ] && fits $python || return 1
    for file; do cmp -s "$file" "$venv/installed/$file" || return 1; done
}

usable() { [ ! -e $busy ] && fits $python && $python -c 'import pip' >/dev/null 2>&1; }

other_make() { # whether the process that wrote the mark still runs
    pid=$(cat $busy 2>/dev/null) && [ "$pid" != $$ ] && kill -0 "$pid" 2>/dev/null || return 1
    case "$(ps -o args= -p "$pid" 2>/dev/null || echo env.sh)" in *env.sh*) ;; *) return 1 ;; esac
}

find_python() { # prints the first of its arguments that can build .venv
    without_venv=
    for candidate; do
        fits "$candidate" && ! lives_in_venv "$candidate" || continue
        if has_venv "$candidate"; then echo "$candidate"; return; fi
        without_venv=${without_venv:-$candidate}
    done
    [ -z "$without_venv" ] ||
        die "Python $(version "$without_venv") ($without_venv) has no venv module: install it" \
            "(on Debian and Ubuntu: apt install python$(version "$without_venv")-venv)," \
            "or name another Python, as in 'make app PYTHON=/path/to/python3'."
    [ -z "${PYTHON:-}" ] ||
        die "PYTHON=$PYTHON is $(version "$PYTHON" || echo no Python that runs):" \
            "Python 3.11 to 3.15 is needed."
    die "No Python 3.11 to 3.15 was found: install one," \
        "or say where it is, as in 'make app PYTHON=/path/to/python3'."
}

answers() { # whether the package index can be reached, checked quickly
    $python - "$1/torch/" 2>/dev/null <<'END'
import sys, urllib.request as web
web.urlopen(web.Request(sys.argv[1], method="HEAD"), timeout=5)
END
}

pip() { $python -m pip --disable-pip-version-check "$@"; }

install_torch() { # from the disk if pip is configured to look there, otherwise from TORCH_INDEX
    grep '^torch' requirements.txt >$venv/torch.txt
    pip install --quiet --no-index --no-deps -r $venv/torch.txt >/dev/null 2>&1 && return
    if answers "$TORCH_INDEX"; then
        pip install --index-url "$TORCH_INDEX" -r $venv/torch.txt ||
            say "PyTorch could not be installed from $TORCH_INDEX: installing PyTorch's default build."
    else
        say "$TORCH_INDEX does not answer: installing PyTorch's default build."
    fi
}

whole "$@" && exit 0
if other_make; then
    die "Another make (process $pid) is installing into .venv: wait until it is done."
fi
if ! usable; then
    if [ -n "${PYTHON:-}" ]; then
        base=$(find_python "$PYTHON")
    else
        base=$(find_python python3.15 python3.14 python3.13 python3.12 python3.11 python3 python)
    fi
    [ ! -e $venv ] || say ".venv is unfinished, or its Python is missing: building it again."
    say "Building .venv with Python $(version "$base"): the first time takes some minutes."
    rm -rf $venv
    mkdir $venv
    echo $$ >$busy
    "$base" -m venv $venv
fi
echo $$ >$busy
[ -z "${TORCH_INDEX:-}" ] || install_torch
files=
for file; do files="$files -r $file"; done
pip install $files || {
    rm $busy # pip has ended by itself, so .venv is not damaged: the next call continues with it
    die "The environment could not be completed. The messages of pip above say why."
}
mkdir -p $venv/installed
cp "$@" $venv/installed/
rm $busy
