#!/usr/bin/env bash
# Bring the system packages that tests need: installs them as root on Debian, else says what is missing.
set -euo pipefail
need=()
command -v chromium >/dev/null || need+=(chromium)
PATH="$PATH:/usr/sbin" command -v dovecot >/dev/null && [ -e /usr/lib/dovecot/imap ] || need+=(dovecot-imapd)
[ ${#need[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${need[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
else
  echo "The tests need these programs: ${need[*]}. Install them (Debian: apt-get install ${need[*]}) and run again." >&2
  exit 1
fi
