#!/usr/bin/env bash
# Installs what the tests need from the system's packages where it is missing and permitted; else says what is missing.
set -uo pipefail
missing=()
have() { command -v "$1" >/dev/null 2>&1; }
have postgres || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql)
have chromium || have chromium-browser || have google-chrome || missing+=(chromium)
if have fc-list; then [ -n "$(fc-list :lang=zh 2>/dev/null | head -1)" ] || missing+=(fonts-noto-cjk); else missing+=(fonts-noto-cjk fontconfig); fi
# The font that PDFs are written with; font collections such as Noto's cannot be embedded.
[ -n "${XINHENG_FONT:-}" ] || compgen -G '/usr/share/fonts*/truetype/droid/DroidSansFallback*.ttf' >/dev/null || compgen -G '/usr/share/fonts-droid-fallback/truetype/*.ttf' >/dev/null || missing+=(fonts-droid-fallback)
[ ${#missing[@]} -eq 0 ] && exit 0
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if have sudo && sudo -n true 2>/dev/null; then as_root=(sudo -n); else
    echo "Missing for the tests: ${missing[*]}. Install these packages; tests that need them are skipped until then." >&2
    [ "${CI:-}" = true ] && exit 1
    exit 0
  fi
fi
if ! have apt-get; then
  echo "Missing for the tests: ${missing[*]} (Debian's names). Install them with this system's package manager." >&2
  [ "${CI:-}" = true ] && exit 1
  exit 0
fi
echo "installing ${missing[*]}" >&2
{ "${as_root[@]}" apt-get update -qq && DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >&2 || {
  echo "could not install ${missing[*]}" >&2
  [ "${CI:-}" = true ] && exit 1
}
exit 0
