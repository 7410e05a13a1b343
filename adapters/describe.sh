#!/usr/bin/env bash
# The cards of this folder's adapters, as `bl-adapt push` would send them, and the table of README.md. Figures show only what was
# simulated: no test set is part of this repository, not even a few images of one.
#
#   adapters/describe.sh BL_ADAPT
set -euo pipefail
bl_adapt=$(realpath "$1")
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in *.safetensors; do
  name=${file%.safetensors}
  picture=--no-picture
  case $name in cosine | vanderpol | lorenz | reach) picture= ;; esac
  HF_HUB_OFFLINE=1 "$bl_adapt" push "$file" "bias-adapters/$name" --dry-run --out "$work/$name" $picture --quiet >/dev/null
  mkdir -p "cards/$name"
  cp "$work/$name"/{README.md,sample.png} "cards/$name/" 2>/dev/null || cp "$work/$name/README.md" "cards/$name/"
done
{
  sed '/^<!-- table -->$/q' README.md
  echo
  "$bl_adapt" list . --markdown
} >"$work/README.md"
mv "$work/README.md" README.md
