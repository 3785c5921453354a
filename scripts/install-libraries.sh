#!/bin/sh
# Installs what Swift does not bring: Graphviz, which is linked in; pkg-config, which finds it; and
# git, which fetches packages. Says and does nothing where all three are there.
set -eu

missing=""
command -v git >/dev/null 2>&1 || missing="$missing git"
command -v pkg-config >/dev/null 2>&1 || missing="$missing pkg-config"
pkg-config --exists libgvc 2>/dev/null || missing="$missing libgraphviz-dev"
[ -n "$missing" ] || exit 0

refuse() {
  echo "stepcast needs Graphviz (libgvc), pkg-config and git; $1" >&2
  exit 1
}

if ! command -v apt-get >/dev/null 2>&1; then
  if command -v brew >/dev/null 2>&1; then
    refuse "install them with: brew install graphviz pkgconf git"
  elif command -v dnf >/dev/null 2>&1; then
    refuse "install them with: sudo dnf install graphviz-devel pkgconf-pkg-config git"
  elif command -v pacman >/dev/null 2>&1; then
    refuse "install them with: sudo pacman -S graphviz pkgconf git"
  fi
  refuse "install them: graphviz pkgconf git (Homebrew and pacman), graphviz-devel (dnf)"
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 ||
    refuse "install them as root with: apt-get install$missing"
  as_root=sudo
fi

apt() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >/dev/null
}

# A new machine has no package lists and an old one has lists of files that are gone. Both show as an
# installation that fails, which is when the lists are worth the wait.
install() {
  apt install --yes --no-install-recommends $missing
}

echo "installing$missing"
install 2>/dev/null || {
  apt update || refuse "apt-get update failed"
  install || refuse "apt-get could not install$missing"
}
pkg-config --exists libgvc || refuse "they are installed, yet pkg-config does not find libgvc"
