# What quickstart and test share. To be sourced from the repository root, with `set -eu`.

# The first Python that fits: $PYTHON, then the version that CI runs, then any that is new enough.
find_python() {
    for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3.12 python3.13 python3 python; do
        if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    echo "Python 3.11 or newer, with venv and pip, is needed and none was found." >&2
    echo "Install one (on Debian and Ubuntu: apt install python3 python3-venv), or name one: PYTHON=/path/to/python $0" >&2
    exit 1
}

# make_venv DIRECTORY REQUIREMENT...: an environment with these installed, made anew only
# where what it was made from has changed.
make_venv() {
    venv=$1
    shift
    stamp=$({
        echo "$@"
        sed '/^\[tool\./,$d' pyproject.toml
        cat constraints.txt
    } | cksum)
    if [ -x "$venv/bin/python" ] && [ "$(cat "$venv/stamp" 2>/dev/null)" = "$stamp" ]; then
        echo "Using $venv, which is up to date."
        return
    fi
    python=$(find_python)
    echo "Making $venv with $("$python" --version) ..."
    # A missing stamp marks an environment whose installation was interrupted.
    rm -rf "$venv/stamp"
    "$python" -m venv --clear "$venv"
    quiet=--quiet
    [ ! -t 1 ] || quiet=--no-input
    # The variable, unlike the option, also reaches the environment in which a package is built.
    PIP_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 "$venv/bin/python" -m pip install $quiet "$@"
    echo "$stamp" >"$venv/stamp"
}
